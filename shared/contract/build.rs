//! Compiles the protos with protox, so that a build needs no `protoc`, and refuses a method without a policy.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

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
    let pool = bare.descriptor_pool();
    refuse_methods_without_policy(&pool)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("calls.rs"), calls(&pool)?)?;
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

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
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

/// What each request says of the call that it asks for: the method, the resource, the request id. A request that several
/// methods share (those of feeds and clocks) says nothing.
fn calls(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let mut methods = BTreeMap::<String, Vec<String>>::new();
    for service in pool.services() {
        for method in service.methods() {
            let path = format!("/{}/{}", service.full_name(), method.name());
            methods.entry(method.input().full_name().to_owned()).or_default().push(path);
        }
    }
    let mut code = String::new();
    for (request, paths) in methods {
        let [path] = paths.as_slice() else { continue };
        let descriptor = pool.get_message_by_name(&request).ok_or("a method without its request")?;
        let (field, resource) = resource(&descriptor).ok_or_else(|| format!("{request} names no resource"))?;
        let (kind, request_id) = match descriptor.get_field_by_name("request_id") {
            Some(_) => ("&str", "&self.request_id"),
            None => ("&'static str", "\"\""),
        };
        let name = request.trim_start_matches("callout.").replace('.', "::");
        writeln!(
            code,
            "impl Call for crate::{name} {{
                const METHOD: &'static str = \"{path}\";
                const RESOURCE_FIELD: &'static str = \"{field}\";
                fn resource(&self) -> &str {{ {resource} }}
                fn request_id(&self) -> {kind} {{ {request_id} }}
            }}"
        )?;
    }
    Ok(code)
}

/// The field that names what a request is about, as a path and as code: `name`, the `name` of the resource to be updated,
/// or `parent`.
fn resource(request: &MessageDescriptor) -> Option<(String, String)> {
    for field in ["name", "parent", "organization"] {
        let Some(field) = request.get_field_by_name(field) else { continue };
        if field.kind() == Kind::String {
            return Some((field.name().to_owned(), format!("&self.{}", field.name())));
        }
    }
    let updated = request.fields().find(|field| match field.kind() {
        Kind::Message(message) => message.get_field_by_name("name").is_some(),
        _ => false,
    })?;
    let updated = updated.name();
    Some((format!("{updated}.name"), format!("self.{updated}.as_ref().map_or(\"\", |updated| &updated.name)")))
}
