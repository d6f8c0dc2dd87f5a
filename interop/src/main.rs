//! Gives tokens back and forth between this crate, PyJWT, jose and jsonwebtoken. Each case goes to
//! every issuer, and each token to every verifier; what a verifier says is held against what the
//! case expects. Run by `./run`, which installs the peers.

mod cases;
mod issuer;
mod library;
mod openssl;
mod public_keys;

use std::{error::Error, process::ExitCode};

use jwt_codec::Algorithm;
use serde_json::{Map, Value};

use crate::{
    cases::{Case, Crafted, Secrets, Source, cases},
    library::{Jose, JwtCodec, Library, Side, Verdict},
};

/// How many checks there are. A run with any other number has left something out.
const CHECKS: usize = 3487;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

/// A row of the table: whose tokens they are. `None` stands for those made by hand.
type Issuer = Option<Library>;

/// A column: who verifies. `None` stands for the comparison of a token's text with ours.
type Verifier = Option<Library>;

#[derive(Default)]
struct Report {
    /// One entry for each check that passed.
    passed: Vec<(Issuer, Verifier)>,
    failures: Vec<String>,
    /// How many verdicts are right though they are not ours, by verifier.
    unlike: Vec<Library>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut sides = Vec::new();
    for library in Library::ALL {
        let mut side = Side::start(library)?;
        println!("{library:<12} {}", side.version()?);
        sides.push(side);
    }
    let mut report = Report::default();
    for case in cases() {
        for algorithm in ALGORITHMS {
            run(&case, algorithm, &mut sides, &mut report)?;
        }
    }
    let secrets_agree = report.print();
    let public_keys_agree = public_keys::run()?;
    let issuer_agrees = issuer::run()?;
    let openssl_agrees = openssl::run()?;
    let agree = secrets_agree && public_keys_agree && issuer_agrees && openssl_agrees;
    Ok(if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run(
    case: &Case,
    algorithm: Algorithm,
    sides: &mut [Side],
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let secrets = Secrets::new(algorithm, case);
    match &case.source {
        Source::Crafted(craft) => match craft(&secrets) {
            Some(crafted) => verify(case, &secrets, None, &crafted, sides, report),
            None => Ok(()),
        },
        Source::Claims { claims, same_text } => {
            let key = secrets.signing();
            let mut ours = String::new();
            for index in 0..sides.len() {
                let issuer = sides[index].library;
                let token = sides[index]
                    .encode(&key, &case.header, claims)
                    .map_err(|error| format!("{}: {issuer} issues nothing: {error}", case.name))?;
                if issuer == JwtCodec {
                    ours.clone_from(&token);
                }
                if same_text.contains(&issuer) {
                    let failure = (token != ours).then(|| format!("wrote {token}, not {ours}"));
                    report.note(case, algorithm, (Some(issuer), None), failure);
                }
                let header = issued_header(case, algorithm, issuer);
                let issued = Crafted { token, header, claims: claims.clone() };
                verify(case, &secrets, Some(issuer), &issued, sides, report)?;
            }
            Ok(())
        }
    }
}

/// What the header of an issued token has to say.
fn issued_header(case: &Case, algorithm: Algorithm, issuer: Library) -> Value {
    let mut header = Map::new();
    header.insert("alg".into(), algorithm.name().into());
    if issuer != Jose {
        header.insert("typ".into(), "JWT".into());
    }
    header.extend(case.header.clone());
    header.into()
}

fn verify(
    case: &Case,
    secrets: &Secrets,
    issuer: Issuer,
    sent: &Crafted,
    sides: &mut [Side],
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let keys = secrets.verifying(case.keys);
    for side in sides {
        let verdict = side
            .decode(&sent.token, &keys, &case.policy)
            .map_err(|error| format!("{}: {} has no verdict: {error}", case.name, side.library))?;
        let kind = kind(&verdict, sent);
        let expected = case.expected_of(side.library);
        if kind == expected && expected != case.expected {
            report.unlike.push(side.library);
        }
        let failure = (kind != expected)
            .then(|| format!("said {kind:?}, not {expected:?} ({})", verdict.message));
        report.note(case, secrets.algorithm, (issuer, Some(side.library)), failure);
    }
    Ok(())
}

/// The verdict's kind; `altered` if the token was accepted with a header or claims that are not,
/// value by value, those that were sent (what was sent as `null` is not compared).
fn kind<'v>(verdict: &'v Verdict, sent: &Crafted) -> &'v str {
    let is = |text: &str, sent: &Value| {
        sent.is_null() || serde_json::from_str(text).is_ok_and(|got: Value| got == *sent)
    };
    if verdict.kind != "accepted" {
        &verdict.kind
    } else if is(&verdict.header, &sent.header) && is(&verdict.claims, &sent.claims) {
        "accepted"
    } else {
        "altered"
    }
}

fn issuer_name(issuer: Issuer) -> String {
    issuer.map_or_else(|| "made by hand".into(), |library| library.to_string())
}

fn verifier_name(verifier: Verifier) -> String {
    verifier.map_or_else(|| "same text".into(), |library| library.to_string())
}

impl Report {
    fn note(
        &mut self,
        case: &Case,
        algorithm: Algorithm,
        check: (Issuer, Verifier),
        failure: Option<String>,
    ) {
        match failure {
            None => self.passed.push(check),
            Some(failure) => self.failures.push(format!(
                "{}, {algorithm}, {} to {}: {failure}",
                case.name,
                issuer_name(check.0),
                verifier_name(check.1)
            )),
        }
    }

    /// Whether all is as it should be.
    fn print(&self) -> bool {
        let verifiers = Library::ALL.map(Some).into_iter().chain([None]);
        print!("\n{:<14}", "issued by");
        for verifier in verifiers.clone() {
            print!("{:>14}", verifier_name(verifier));
        }
        println!();
        for issuer in Library::ALL.map(Some).into_iter().chain([None]) {
            print!("{:<14}", issuer_name(issuer));
            for verifier in verifiers.clone() {
                let count =
                    self.passed.iter().filter(|check| **check == (issuer, verifier)).count();
                print!("{count:>14}");
            }
            println!();
        }
        print!("{:<14}", "unlike ours");
        for verifier in Library::ALL {
            print!("{:>14}", self.unlike.iter().filter(|library| **library == verifier).count());
        }
        println!("\n");
        for failure in &self.failures {
            println!("{failure}");
        }
        let (passed, failed) = (self.passed.len(), self.failures.len());
        let complete = passed + failed == CHECKS;
        if !complete {
            println!("{} checks ran, and there should be {CHECKS}", passed + failed);
        }
        println!("interop: {passed} passed, {failed} failed");
        failed == 0 && complete
    }
}
