//! Runs the commands of the README in their order.

use std::{
    env, fs,
    process::{Command, Stdio},
};

use crate::run::Folder;

#[test]
fn its_examples_print_what_it_says() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let folder = Folder::new("readme");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_jwt")).parent().unwrap();
    let path = env::join_paths(
        [program.to_owned()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let mut exports = String::new();
    let mut ran = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for example in block.split("$ ").skip(1) {
            let (command, expected) = example.split_once('\n').unwrap();
            if command.starts_with("export ") {
                exports = format!("{exports}{command}\n");
                continue;
            }
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("{exports}exec 2>&1\n{command}")]);
            shell.current_dir(folder.path("")).env("PATH", &path).stdin(Stdio::null());
            let output = shell.output().unwrap();
            let out = String::from_utf8(output.stdout).unwrap();
            assert_eq!(out.trim_end(), expected.trim_end(), "$ {command}");
            ran += 1;
        }
    }
    assert_eq!(ran, 16);
    // The lines of the installation, but for what installs the program itself.
    fs::create_dir_all(folder.path(".local/share/bash-completion/completions")).unwrap();
    let mut ran = 0;
    for block in readme.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for command in block.lines().filter(|line| line.starts_with("jwt ")) {
            let mut shell = Command::new("sh");
            shell.args(["-e", "-c", command]).current_dir(folder.path(""));
            shell.env("PATH", &path).env("HOME", folder.path(""));
            let output = shell.output().unwrap();
            assert!(output.status.success() && output.stderr.is_empty(), "{command} {output:?}");
            ran += 1;
        }
    }
    assert_eq!(ran, 2);
    for file in [".local/share/bash-completion/completions/jwt", "jwt.1", "jwt-key-generate.1"] {
        assert!(fs::read_to_string(folder.path(file)).unwrap().contains("jwt"), "{file}");
    }
}
