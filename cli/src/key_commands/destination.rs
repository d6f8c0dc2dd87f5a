//! Where a key goes: to standard output, or to a new file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use super::form::KeyText;
use crate::{
    failure::Failure,
    output::{Output, print, print_json},
};

/// Whether a secret is printed to standard output without being asked for.
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

/// Chooses the destination before anything is made.
pub(super) fn choose(
    out: Option<&Path>,
    is_secret: bool,
    secrets: Secrets,
) -> Result<Destination<'_>, Failure> {
    match out {
        Some(path) if path == Path::new("-") => Ok(Destination::Stdout),
        Some(path) => Ok(Destination::File(path)),
        None if is_secret && secrets == Secrets::PrintIfAsked => Err(Failure::misuse(
            "the result is a secret; name a file with --out FILE, or print it with --out -",
        )),
        None => Ok(Destination::Stdout),
    }
}

/// Writes keys, each with a line end.
pub(super) fn write(
    keys: &[KeyText],
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
            return Failure::misuse(format!("{path} exists, and keys are never overwritten"));
        }
        Failure::io("write", path, &error)
    })?;
    let readable = if is_secret && cfg!(unix) { ", readable by its owner only" } else { "" };
    output.verdict("wrote", &format!("{}{readable}", path.display()));
    Ok(())
}

/// Creates the file. A secret is readable by its owner only, from the start.
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

/// Removes the file again if it cannot be written whole, as on a full disk.
fn fill(file: &mut File, path: &Path, text: &str) -> io::Result<()> {
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // If removing fails too, the first error is the one to report.
        fs::remove_file(path).ok();
    }
    written
}

/// Says in JSON that the file was written.
pub(super) fn print_path(path: &Path, output: &Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Json<'a> {
        out: String,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        notes: &'a [String],
    }

    print_json(&Json { out: path.display().to_string(), notes: output.notes() })
}
