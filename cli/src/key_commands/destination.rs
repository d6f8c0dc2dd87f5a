//! Where a key goes: to standard output, or to a new file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use super::form::Written;
use crate::{
    failure::Failure,
    output::{Output, print, print_json},
};

/// Whether a secret goes to standard output without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secrets {
    Print,
    /// Only if the user says `--out -`.
    PrintIfAsked,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Destination<'a> {
    Stdout,
    File(&'a Path),
}

/// Decides where to, before anything is made.
pub(super) fn choose(
    out: Option<&Path>,
    is_secret: bool,
    secrets: Secrets,
) -> Result<Destination<'_>, Failure> {
    match out {
        Some(path) if path == Path::new("-") => Ok(Destination::Stdout),
        Some(path) => Ok(Destination::File(path)),
        None if is_secret && secrets == Secrets::PrintIfAsked => Err(Failure::misuse(
            "this writes a secret; say where to: --out FILE, or --out - to show it",
        )),
        None => Ok(Destination::Stdout),
    }
}

/// Writes keys, each with a line end.
pub(super) fn write(
    keys: &[Written],
    destination: Destination<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let text: String = keys.iter().map(|key| format!("{}\n", key.text)).collect();
    let path = match destination {
        Destination::Stdout => return print(&text),
        Destination::File(path) => path,
    };
    let is_secret = keys.iter().any(|key| key.is_secret);
    create(path, is_secret).and_then(|mut file| fill(&mut file, path, &text)).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            let path = path.display();
            return Failure::misuse(format!("{path} exists, and a key is never overwritten"));
        }
        Failure::io("write", path, &error)
    })?;
    let readable = if is_secret && cfg!(unix) { ", readable by its owner alone" } else { "" };
    output.verdict("wrote", &format!("{}{readable}", path.display()));
    Ok(())
}

/// A new file; a secret is its owner's alone from the start.
fn create(path: &Path, is_secret: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if is_secret {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Half a key is none, so on a full disk nothing stays.
fn fill(file: &mut File, path: &Path, text: &str) -> io::Result<()> {
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // What cannot be written can perhaps not be removed; the first error is the one to tell.
        fs::remove_file(path).ok();
    }
    written
}

/// Says in JSON that the file was written.
pub(super) fn print_path(path: &Path) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Json {
        out: String,
    }

    print_json(&Json { out: path.display().to_string() })
}
