//! What reaches standard output and standard error, for people and for scripts.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::{
    escape::{one_line, visible},
    failure::{Failure, Kind},
    json,
};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const REMARK: Style = AnsiColor::Yellow.on_default();

/// Chooses between words and JSON, and keeps the notes for the JSON.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    notes: Vec<String>,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, notes: Vec::new() }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Tells the user something that does not stop the command.
    pub(crate) fn note(&mut self, text: &str) {
        if self.json {
            self.notes.push(text.to_owned());
        } else {
            to_stderr(REMARK, "note", text);
        }
    }

    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Writes the notes to standard error if the JSON of the result has no place for them.
    pub(crate) fn print_notes(&self) {
        for note in &self.notes {
            to_stderr(REMARK, "note", note);
        }
    }

    /// Writes how a command ended well, in words to standard error.
    pub(crate) fn verdict(&self, title: &str, text: &str) {
        if !self.json {
            to_stderr(GOOD, title, text);
        }
    }

    /// Writes why a command failed, and returns its exit code.
    pub(crate) fn failure(&self, failure: &Failure) -> ExitCode {
        #[derive(Serialize)]
        struct Json<'a> {
            error: Error<'a>,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            notes: &'a [String],
        }
        #[derive(Serialize)]
        struct Error<'a> {
            code: &'a str,
            message: &'a str,
        }

        let (title, exit) = match failure.kind {
            Kind::Rejected => ("rejected", 1),
            Kind::Misuse => ("error", 2),
        };
        if self.json {
            let error = Error { code: failure.code, message: &failure.message };
            let json = serde_json::to_string(&Json { error, notes: &self.notes });
            // Standard error may be closed, and there is nowhere else to say so.
            writeln!(io::stderr(), "{}", one_line(&json.unwrap_or_default())).ok();
        } else {
            to_stderr(BAD, title, &failure.message);
        }
        ExitCode::from(exit)
    }
}

fn to_stderr(style: Style, title: &str, text: &str) {
    // As above.
    writeln!(anstream::stderr(), "{style}{title}{style:#}: {}", visible(text)).ok();
}

/// Writes a result to standard output. `text` must be harmless for a terminal.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    written(&mut io::stdout().lock(), text)
}

/// Writes text with colours, which are left out unless standard output is a terminal.
pub(crate) fn print_styled(text: &str) -> Result<(), Failure> {
    written(&mut anstream::stdout().lock(), text)
}

fn written(out: &mut impl Write, text: &str) -> Result<(), Failure> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // The reader stopped reading, as `| head` does.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(&error)),
        _ => Ok(()),
    }
}

/// Writes a result as one line of JSON to standard output.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print_json_text(&json::text(value)?)
}

/// Writes a result that is JSON text already.
pub(crate) fn print_json_text(json: &str) -> Result<(), Failure> {
    print(&format!("{}\n", one_line(json)))
}
