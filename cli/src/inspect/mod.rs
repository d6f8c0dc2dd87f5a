//! `jwt inspect`: what a token says, without verifying it.

mod part;
mod problem;
mod remark;
mod report;

use std::process::ExitCode;

use jwt_codec::{Error, NumericDate, dangerous};
use serde::{Serialize, de::IgnoredAny};

use self::{part::Part, problem::Problem, remark::Remark};
use crate::{
    args::InspectArguments,
    check,
    failure::Failure,
    input::Input,
    json,
    output::{Output, print_json_text, print_styled},
    words,
};

pub(crate) fn run(
    arguments: InspectArguments,
    input: &mut Input,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let token = input.token(arguments.token, output)?;
    let now = arguments.at.unwrap_or_else(NumericDate::now);
    let inspection = look_at(&token);
    if output.is_json() {
        print_json_text(&inspection.to_json(now, output.notes())?)?;
    } else {
        print_styled(&report::report(&inspection, now))?;
    }
    Ok(if inspection.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The parts of a token that can be read, and why the others cannot.
#[derive(Debug)]
struct Inspection {
    header: Option<Part>,
    claims: Option<Part>,
    signature: Option<String>,
    /// Why every decode rejects it as malformed or too long.
    problems: Vec<Problem>,
}

fn look_at(token: &str) -> Inspection {
    let segments: Vec<&str> = token.split('.').collect();
    let mut problems = Vec::new();
    let parts = match *segments.as_slice() {
        [header, payload, signature] => {
            let (header, flaw) = part::read("header", token, header);
            problems.extend(flaw);
            let (claims, flaw) = part::read("payload", token, payload);
            problems.extend(flaw);
            problems.extend(part::check_signature(token, signature));
            (header, claims, Some(signature.to_owned()))
        }
        [header, ref rest @ ..] => {
            problems.push(problem::count(token, segments.len()));
            let payload = rest.first().filter(|_| segments.len() == 2);
            let if_object = |name, segment| {
                let (part, _) = part::read(name, token, segment);
                part.filter(|part| part.text.starts_with('{'))
            };
            (
                if_object("header", header),
                payload.and_then(|payload| if_object("payload", payload)),
                None,
            )
        }
        [] => (None, None, None),
    };
    let (header, claims, signature) = parts;
    // The crate knows every rule; those above only show where a token breaks one.
    if problems.is_empty() {
        let error = dangerous::decode_unverified::<IgnoredAny>(token).err();
        let error = error.or_else(|| malformed_extension(header.as_ref()?));
        problems
            .extend(error.map(|error| Problem::new(error.code(), words::of_token_error(&error))));
    }
    Inspection { header, claims, signature, problems }
}

/// Returns the error of a malformed `crit`. One that is well-formed gets a remark.
fn malformed_extension(header: &Part) -> Option<Error> {
    let errors = header.members()?.into_iter().filter(|(name, _)| name == "crit");
    let mut errors = errors.filter_map(|(name, json)| check::parameter(&name, json).err());
    errors.find(|error| matches!(error, Error::Malformed { .. }))
}

#[derive(Serialize)]
struct JsonProblem {
    code: &'static str,
    message: String,
}

impl Inspection {
    fn to_json(&self, now: NumericDate, notes: &[String]) -> Result<String, Failure> {
        let mut problems: Vec<JsonProblem> = self
            .problems
            .iter()
            .map(|problem| JsonProblem { code: problem.code, message: problem.message() })
            .collect();
        problems.extend(doubtful(self.header.as_ref(), remark::of_parameter));
        problems
            .extend(doubtful(self.claims.as_ref(), |name, json| remark::of_claim(name, json, now)));

        let mut members = vec![("verified", "false".to_owned())];
        for (name, name_of_text, part) in
            [("header", "header_text", &self.header), ("claims", "claims_text", &self.claims)]
        {
            let Some(part) = part else {
                members.push((name, "null".to_owned()));
                continue;
            };
            if part.members().is_some() {
                members.push((name, part.text.trim().to_owned()));
            } else {
                members.push((name, "null".to_owned()));
                members.push((name_of_text, json::text(&part.text)?));
            }
        }
        members.push(("signature", json::text(&self.signature)?));
        members.push(("problems", json::text(&problems)?));
        if !notes.is_empty() {
            members.push(("notes", json::text(notes)?));
        }
        json::object(members.iter().map(|(name, value)| (*name, value.as_str())))
    }
}

/// The members whose remark is a problem.
fn doubtful(part: Option<&Part>, remark: impl Fn(&str, &str) -> Remark) -> Vec<JsonProblem> {
    let members = part.and_then(Part::members).unwrap_or_default();
    let problem = |(name, _, Remark { text, problem }): (String, _, _)| {
        problem.map(|code| JsonProblem { code, message: format!("{name}: {text}") })
    };
    remark::with_remarks(members, remark).filter_map(problem).collect()
}
