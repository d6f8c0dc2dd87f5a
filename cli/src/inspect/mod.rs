//! `jwt inspect`: what a token says, of which nothing is verified.

mod part;
mod problem;
mod remark;
mod report;

use std::process::ExitCode;

use jwt_codec::{NumericDate, dangerous};
use serde::{Serialize, de::IgnoredAny};
use serde_json::value::RawValue;

use self::{part::Part, problem::Problem, remark::Remark};
use crate::{
    args::InspectArguments,
    failure::Failure,
    input::Input,
    json::Members,
    output::{Output, print_json, print_styled, raw},
    words,
};

pub(crate) fn run(
    arguments: InspectArguments,
    input: &mut Input,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let token = input.token(arguments.token, output)?;
    let now = arguments.at.unwrap_or_else(NumericDate::now);
    let seen = look_at(&token);
    if output.is_json() {
        print_json(&seen.to_json(now, output.notes()))?;
    } else {
        print_styled(&report::report(&seen, now))?;
    }
    Ok(if seen.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// As much of a token as can be read, and why the rest cannot.
#[derive(Debug)]
struct Seen {
    header: Option<Part>,
    claims: Option<Part>,
    signature: Option<String>,
    /// What keeps every reader from reading it.
    problems: Vec<Problem>,
}

fn look_at(token: &str) -> Seen {
    let segments: Vec<&str> = token.split('.').collect();
    let mut problems = Vec::new();
    let seen = match *segments.as_slice() {
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
    // What else there is to say against it, the library says.
    if problems.is_empty()
        && let Err(error) = dangerous::decode_unverified::<IgnoredAny>(token)
    {
        problems.push(Problem::new(error.code(), words::of_token_error(&error)));
    }
    let (header, claims, signature) = seen;
    Seen { header, claims, signature, problems }
}

#[derive(Serialize)]
struct Json<'a> {
    verified: bool,
    header: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header_text: Option<&'a str>,
    claims: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims_text: Option<&'a str>,
    signature: Option<&'a str>,
    problems: Vec<JsonProblem>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

#[derive(Serialize)]
struct JsonProblem {
    code: &'static str,
    message: String,
}

impl Seen {
    fn to_json<'a>(&'a self, now: NumericDate, notes: &'a [String]) -> Json<'a> {
        let mut problems: Vec<JsonProblem> = self
            .problems
            .iter()
            .map(|problem| JsonProblem { code: problem.code, message: problem.message.clone() })
            .collect();
        problems.extend(doubtful(self.header.as_ref(), remark::of_parameter));
        problems
            .extend(doubtful(self.claims.as_ref(), |name, json| remark::of_claim(name, json, now)));
        let object = |part: &Option<Part>| part.as_ref().and_then(Part::object).and_then(raw);
        let text = |part: &'a Option<Part>| {
            part.as_ref().filter(|part| part.object().is_none()).map(|part| part.text.as_str())
        };
        Json {
            verified: false,
            header: object(&self.header),
            header_text: text(&self.header),
            claims: object(&self.claims),
            claims_text: text(&self.claims),
            signature: self.signature.as_deref(),
            problems,
            notes,
        }
    }
}

/// The members that a remark says something against.
fn doubtful(part: Option<&Part>, remark: impl Fn(&str, &str) -> Remark) -> Vec<JsonProblem> {
    let Members(members) = part.and_then(Part::members).unwrap_or_default();
    let problem = |(name, json): (String, &RawValue)| {
        let Remark { text, problem } = remark(&name, json.get());
        problem.map(|code| JsonProblem { code, message: format!("{name}: {text}") })
    };
    members.into_iter().filter_map(problem).collect()
}
