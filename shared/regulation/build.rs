//! Lists the packs of the folder `packs`, so that a pack is added by adding its file.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=packs");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("packs");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let file = entry?.file_name().into_string().map_err(|name| format!("{} is not UTF-8", name.display()))?;
        if Path::new(&file).extension().is_some_and(|extension| extension == "yaml") {
            files.push(file);
        }
    }
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let path = folder.join(&file);
        writeln!(list, "    Source {{ file: {file:?}, text: include_str!({:?}) }},", path.display().to_string())?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("packs.rs"), list)?;
    Ok(())
}
