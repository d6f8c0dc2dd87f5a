//! The command `jwt`: inspects, verifies and signs JSON Web Tokens, and generates their keys.

#![forbid(unsafe_code)]

mod args;
mod check;
mod claim;
mod escape;
mod failure;
mod help;
mod input;
mod inspect;
mod json;
mod key_commands;
mod keys;
mod output;
mod sign;
mod time;
mod verify;
mod words;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    args::{Arguments, Command},
    failure::Failure,
    input::Input,
    output::Output,
};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return help::of_clap(&error),
    };
    let mut output = Output::new(arguments.json);
    match run(arguments.command, &mut output) {
        Ok(exit) => exit,
        Err(failure) => output.failure(&failure),
    }
}

fn run(command: Command, output: &mut Output) -> Result<ExitCode, Failure> {
    let mut input = Input::default();
    match command {
        Command::Inspect(arguments) => inspect::run(arguments, &mut input, output),
        Command::Verify(arguments) => verify::run(arguments, &mut input, output),
        Command::Sign(arguments) => sign::run(&arguments, &mut input, output),
        Command::Key(command) => key_commands::run(command, &mut input, output),
        Command::Completions { shell } => help::completions(shell),
        Command::Man { command } => help::man(&command),
    }
}
