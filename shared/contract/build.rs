//! Compiles the protos with protox, so that a build needs no `protoc`, and refuses a method without a policy.

use std::{env, error::Error, fs, path::PathBuf};

use prost_reflect::DescriptorPool;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root.join("callout"), &mut files)?;
    files.sort();

    // The comments of the protos become docs of the generated code; in the binary they would double the set's size.
    let mut commented = protox::Compiler::new([&root])?;
    commented.include_imports(true).include_source_info(true).open_files(&files)?;
    let mut bare = protox::Compiler::new([&root])?;
    bare.include_imports(true).include_source_info(false).open_files(&files)?;
    refuse_methods_without_policy(&bare.descriptor_pool())?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Encoded by the compiler itself: prost's types would lose the policies, which are extensions.
    fs::write(out.join("descriptors.bin"), bare.encode_file_descriptor_set())?;

    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    // Sorted maps: the same message has the same bytes, which is what a replayed answer and a fingerprint rest on.
    config.btree_map(["."]);
    tonic_prost_build::configure()
        .include_file("packages.rs")
        .extern_path(".google.rpc", "::tonic_types::pb")
        .compile_fds_with_config(commented.file_descriptor_set(), config)?;
    Ok(())
}

fn collect(folder: &PathBuf, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}

/// A method that does not say who may call it, whether it may be repeated and how it is audited does not ship.
fn refuse_methods_without_policy(pool: &DescriptorPool) -> Result<(), Box<dyn Error>> {
    let policy = pool.get_extension_by_name("callout.types.v1.policy").ok_or("options.proto declares no `policy`")?;
    let mut faults = Vec::new();
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let options = method.options();
        let complete = options.has_extension(&policy)
            && options.get_extension(&policy).as_message().is_some_and(|policy| {
                ["permission", "idempotency", "audit"].iter().all(|field| policy.has_field_by_name(field))
            });
        if !complete {
            faults.push(method.full_name().to_owned());
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(format!("methods without a complete (callout.types.v1.policy): {}", faults.join(", ")).into())
}
