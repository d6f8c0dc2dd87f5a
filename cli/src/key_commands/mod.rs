//! `jwt key`: generates keys and converts them.

mod destination;
mod file;
mod form;
mod generate;
mod set;
mod transform;

use std::process::ExitCode;

use crate::{args::KeyCommand, failure::Failure, input::Input, output::Output};

pub(crate) fn run(
    command: KeyCommand,
    input: &mut Input,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    match command {
        KeyCommand::Generate(arguments) => generate::run(&arguments, output)?,
        KeyCommand::Public(arguments) => transform::public(&arguments, input, output)?,
        KeyCommand::Thumbprint(arguments) => transform::thumbprint(&arguments, input, output)?,
        KeyCommand::Convert(arguments) => transform::convert(&arguments, input, output)?,
        KeyCommand::Set(arguments) => set::run(&arguments, input, output)?,
    }
    Ok(ExitCode::SUCCESS)
}
