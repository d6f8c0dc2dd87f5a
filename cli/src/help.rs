//! `jwt completions` and `jwt man`, made from the definition of the arguments, and clap's errors on
//! one line.

use std::process::ExitCode;

use clap::{CommandFactory, error::ErrorKind};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{
    args::Arguments,
    failure::Failure,
    output::{Output, print},
};

pub(crate) fn completions(shell: Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "jwt", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man(path: &[String]) -> Result<ExitCode, Failure> {
    let mut command = Arguments::command();
    // Sets the full name of each command.
    command.build();
    let mut page = &command;
    for name in path {
        page = page.find_subcommand(name).ok_or_else(|| {
            Failure::misuse(format!("{} has no command {name:?}", page.get_name()))
        })?;
    }
    let mut text = Vec::new();
    Man::new(page.clone()).render(&mut text).map_err(|error| Failure::output(&error))?;
    print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints help as clap writes it, and an error as one line.
pub(crate) fn of_clap(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|argument| argument == "--json");
    let output = Output::new(json);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            match print(&error.render().to_string()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => output.failure(&failure),
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // If standard error is closed, nobody reads the help.
            error.print().ok();
            ExitCode::from(2)
        }
        _ => output.failure(&Failure::misuse(in_one_line(&error.to_string()))),
    }
}

/// Returns the error and the tips, without the usage that follows.
fn in_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    let line = lines.collect::<Vec<_>>().join(" ").replace(" tip: ", "; ");
    // clap advises `-- -x`, which is no value of an option.
    let line =
        line.replace("' as a value, use '-- ", "' as the value of an option, use '--OPTION=");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    format!("{line}; for more, run `{} --help`", subcommand())
}

/// Returns the command that the user called, such as `jwt key generate`.
fn subcommand() -> String {
    let mut command = Arguments::command();
    let mut name = "jwt".to_owned();
    for argument in std::env::args_os().skip(1) {
        let Some(found) = command.find_subcommand(argument) else { continue };
        name = format!("{name} {}", found.get_name());
        command = found.clone();
    }
    name
}
