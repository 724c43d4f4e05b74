//! Compiles the API's proto files without `protoc`.
//!
//! The descriptor sets are kept as protox encodes them: decoding one into `prost_types` and encoding it again would lose our
//! own method options, and with them who may call what. There are two, as a process that only needs to know its messages
//! would hold the comments of all of them as well.

use prost::Message;
use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.join("warung")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                files.push(path);
            }
        }
    }
    files.sort();
    let encoded = |comments: bool| -> Result<Vec<u8>, Box<dyn Error>> {
        let mut compiler = protox::Compiler::new([root.clone(), root.join("third_party")])?;
        compiler.include_imports(true).include_source_info(comments).open_files(&files)?;
        Ok(compiler.encode_file_descriptor_set())
    };
    let folder = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(folder.join("descriptors.bin"), encoded(false)?)?;
    let commented = encoded(true)?;
    fs::write(folder.join("commented.bin"), &commented)?;

    // The codec names the field that it refuses, for which it has to know the message.
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .bytes(".warung.operations.v1")
        .codec_path("crate::codec::TextCodec")
        .compile_fds_with_config(prost_types::FileDescriptorSet::decode(commented.as_slice())?, config)?;
    println!("cargo:rerun-if-changed=warung");
    println!("cargo:rerun-if-changed=third_party");
    Ok(())
}
