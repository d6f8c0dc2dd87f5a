//! Shows what a token says and, given the secret, whether it is genuine: on this machine, without
//! pasting it into a web page.
//!
//! ```text
//! cargo run --example inspect -- TOKEN
//! cargo run --example inspect -- TOKEN --secret-base64url SECRET
//! JWT_SECRET=SECRET cargo run --example inspect -- - < token.txt
//! ```
//!
//! It exits with 0 if the token is genuine and in its time, or if there was no secret to check it
//! with; with 1 if it is refused; with 2 if it was called wrongly.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use anstyle::{AnsiColor, Style};
use base64::{DecodeError, Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use clap::{CommandFactory, Parser, error::ErrorKind};
use jiff::Timestamp;
use jwt_codec::{
    Algorithm, Error, Key, NumericDate, Reason, Segment, UnverifiedToken, Validation,
    VerifiedToken, dangerous, decode_header,
};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

const TITLE: Style = Style::new().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const STRING: Style = AnsiColor::Green.on_default();
const NUMBER: Style = AnsiColor::Magenta.on_default();
const REMARK: Style = Style::new().dimmed();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const POINTER: Style = AnsiColor::Red.on_default().bold();

/// Shows what a JSON Web Token says and, given the secret, whether it is genuine
#[derive(Parser)]
#[command(name = "inspect")]
struct Args {
    /// The token; `-` reads it from standard input
    token: String,
    /// Checks the signature with this secret: base64url without padding. Other users of the
    /// machine can see the arguments of a process, but not its environment
    #[arg(long, value_name = "S", env = "JWT_SECRET", hide_env_values = true)]
    secret_base64url: Option<String>,
    /// Takes this for the present time: seconds since 1970
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    at: Option<i64>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    // Not by a parser of clap's: its message would quote the secret.
    let secret = args.secret_base64url.map(|text| BASE64_URL_SAFE_NO_PAD.decode(text));
    let secret = secret.transpose().unwrap_or_else(|_| {
        let message = "the secret (--secret-base64url or JWT_SECRET) is not base64url without padding; \
            `printf %s \"$TEXT\" | basenc --base64url -w0 | tr -d =` makes it of text";
        Args::command().error(ErrorKind::ValueValidation, message).exit()
    });
    let now = NumericDate::from_secs(args.at.unwrap_or_else(|| Timestamp::now().as_second()));

    let shown = read_token(args.token).and_then(|token| {
        let token = token.strip_prefix("Bearer ").unwrap_or(&token);
        let verdict = judge(token, secret.as_deref(), now);
        match report(token, secret.as_deref(), &verdict, now, &mut anstream::stdout().lock()) {
            // Who reads has had enough: `| head`, for example.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(verdict.reason.is_ok()),
        }
    });
    match shown {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            anstream::eprintln!("inspect: {error}");
            ExitCode::FAILURE
        }
    }
}

fn read_token(token: String) -> io::Result<String> {
    if token != "-" {
        return Ok(token);
    }
    let text = io::read_to_string(io::stdin())?;
    match text.trim_ascii() {
        "" => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "no token on standard input")),
        token => Ok(token.to_owned()),
    }
}

struct Verdict {
    color: AnsiColor,
    title: String,
    reason: Result<String, Error>,
}

fn judge(token: &str, secret: Option<&[u8]>, now: NumericDate) -> Verdict {
    let verdict = |color, title: &str, reason| Verdict { color, title: title.to_owned(), reason };
    if let Err(error) = check_shape(token) {
        return verdict(AnsiColor::Red, "MALFORMED", Err(error));
    }
    let Some(secret) = secret else {
        let reason = "no secret was given; anybody may have written this";
        return verdict(AnsiColor::Yellow, "NOT VERIFIED", Ok(reason.to_owned()));
    };
    let (algorithm, verified) = match verify(token, secret) {
        Ok(verified) => verified,
        Err(error) => return verdict(AnsiColor::Red, "NOT VERIFIED", Err(error)),
    };
    // Whom the token is for, and what for, is the service's to say.
    let anyone = Validation::with_clock(|| NumericDate::from_secs(0)).at(now);
    let anyone = anyone.allow_missing_exp().ignore_audience().allow_any_typ();
    match verified.claims::<IgnoredAny>(&anyone) {
        Ok(_) => {
            let reason = format!(
                "the {algorithm} signature and the times are right; iss and aud are yours to check"
            );
            verdict(AnsiColor::Green, "VERIFIED", Ok(reason))
        }
        Err(error) => {
            let title = format!("VERIFIED BUT {}", error.code().replace('_', " ").to_uppercase());
            verdict(AnsiColor::Red, &title, Err(error))
        }
    }
}

fn check_shape(token: &str) -> Result<(), Error> {
    dangerous::decode_unverified::<IgnoredAny>(token)?;
    // The crate calls a signature that was cut off or mistyped an invalid one; here it is told
    // from a forged one.
    let signature = token.rsplit('.').next().unwrap_or_default();
    let offset = match BASE64_URL_SAFE_NO_PAD.decode(signature) {
        Ok(_) => return Ok(()),
        Err(
            DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol { offset, .. },
        ) => offset,
        Err(_) => signature.len(),
    };
    let offset = token.len().saturating_sub(signature.len()).saturating_add(offset);
    Err(Error::Malformed { segment: Segment::Token, reason: Reason::Base64url { offset } })
}

/// Lets the token choose the algorithm. A service must not; here a secret is tried on a token, and
/// nobody is let in.
fn verify<'t>(token: &'t str, secret: &[u8]) -> Result<(Algorithm, VerifiedToken<'t>), Error> {
    let token = UnverifiedToken::parse(token)?;
    let algorithm = token.header().alg().unwrap_or_default().parse()?;
    let key = Key::new(algorithm, secret).or_else(|error| match error {
        Error::WeakKey { .. } => dangerous::short_key(algorithm, secret),
        error => Err(error),
    })?;
    Ok((algorithm, token.verify(&key)?))
}

fn report(
    token: &str,
    secret: Option<&[u8]>,
    verdict: &Verdict,
    now: NumericDate,
    out: &mut impl Write,
) -> io::Result<()> {
    let loud = AnsiColor::Black.on(verdict.color);
    let reason = match &verdict.reason {
        Ok(reason) => reason.clone(),
        Err(error) => visible(&in_words(error, now)),
    };
    writeln!(out, "{loud}{}{loud:#}  {reason}", verdict.title)?;
    if let Err(Error::Malformed { segment, reason }) = &verdict.reason
        && let Some((text, offset, hint)) = place(token, *segment, reason)
    {
        point(&text, offset, hint, out)?;
    }
    let algorithm = decode_header(token).ok().and_then(|header| header.alg()?.parse().ok());
    if let (Some(secret), Some(algorithm)) = (secret, algorithm)
        && let Err(error @ Error::WeakKey { .. }) = Key::new(algorithm, secret)
    {
        writeln!(out, "{WARNING}warning{WARNING:#}  {error}")?;
    }
    let mut segments = token.split('.');
    show("header", segments.next(), about_parameter, out)?;
    show("claims", segments.next(), |name, json| about_claim(name, json, now), out)
}

/// The error's own words, but with dates that people read.
fn in_words(error: &Error, now: NumericDate) -> String {
    match error {
        Error::Malformed { segment: Segment::Token, reason: Reason::Base64url { .. } } => {
            "signature: cut off or mistyped".to_owned()
        }
        Error::Malformed { segment: Segment::Token, reason } => reason.to_string(),
        Error::Malformed { segment, reason } => format!("{segment}: {reason}"),
        Error::Expired { exp, .. } => date(*exp, "expires", "expired", now),
        Error::NotYetValid { not_before, .. } => {
            date(*not_before, "becomes valid", "became valid", now)
        }
        Error::AlgorithmMismatch { found, .. } => {
            format!("alg {found:?} is not HS256, HS384 or HS512, which secrets are for")
        }
        error => error.to_string(),
    }
}

/// Where the defect lies: a text, an offset in it, and what is wrong there. A defect of base64url
/// lies in the token, one of the JSON in what a segment stands for.
fn place(token: &str, segment: Segment, reason: &Reason) -> Option<(String, usize, &'static str)> {
    let (header, rest) = token.split_once('.').unwrap_or((token, ""));
    let payload = rest.split('.').next().unwrap_or_default();
    let (start, encoded) = match segment {
        Segment::Payload => (token.len().saturating_sub(rest.len()), payload),
        _ => (0, header),
    };
    let json = decoded(encoded).unwrap_or_default();
    let members = serde_json::from_str::<Members>(&json);
    let value_of = |wanted: &str| {
        let Members(members) = members.as_ref().ok()?;
        let (_, value) = members.iter().rev().find(|(name, _)| name == wanted)?;
        value.get().as_ptr().addr().checked_sub(json.as_ptr().addr())
    };
    let (offset, hint) = match reason {
        Reason::SegmentCount => {
            let third_dot = token.match_indices('.').nth(2);
            return Some(match third_dot {
                Some((offset, _)) => (token.to_owned(), offset, "one dot too many"),
                None => (token.to_owned(), token.len(), "more was to come"),
            });
        }
        Reason::Base64url { offset } => {
            let offset = start.saturating_add(*offset);
            return Some((token.to_owned(), offset, about_base64url(token, offset)));
        }
        Reason::Utf8 { offset } => (*offset, "not text from here"),
        Reason::Json { .. } => (json_offset(members.as_ref().err()?, &json), "not JSON from here"),
        Reason::DuplicateName { name } => (value_of(name)?, "the second one"),
        Reason::ReservedName { name } => (value_of(name)?, "of the reserved name"),
        Reason::ParameterType { name, .. } => (value_of(name)?, "of the wrong type"),
        _ => return None,
    };
    Some((json, offset, hint))
}

fn json_offset(error: &serde_json::Error, json: &str) -> usize {
    if error.is_eof() {
        return json.len();
    }
    let lines = json.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>().saturating_add(error.column().saturating_sub(1))
}

fn about_base64url(token: &str, offset: usize) -> &'static str {
    match token.get(offset..).and_then(|rest| rest.chars().next()) {
        None | Some('.') => "it ends in the middle of a byte",
        Some('=') => "padding, which a token does not have",
        Some('+' | '/') => "a token has - and _ for + and /",
        Some('-' | '_' | '0'..='9' | 'A'..='Z' | 'a'..='z') => "no byte ends so; was it cut off?",
        Some(char) if char.is_whitespace() => "white space; was it broken over lines?",
        Some(_) => "not one of A-Z a-z 0-9 - _",
    }
}

/// Prints the text around the offset on one line, and a caret under the place on the next.
fn point(text: &str, offset: usize, hint: &str, out: &mut impl Write) -> io::Result<()> {
    const AROUND: usize = 36;
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    let before: Vec<char> = visible(before).chars().collect();
    let after: Vec<char> = visible(after).chars().collect();
    let start: String = match before.last_chunk::<AROUND>() {
        Some(end) if before.len() > AROUND => "…".chars().chain(*end).collect(),
        _ => before.iter().collect(),
    };
    let end: String = match after.first_chunk::<AROUND>() {
        Some(start) if after.len() > AROUND => start.iter().copied().chain(['…']).collect(),
        _ => after.iter().collect(),
    };
    let indent = start.chars().count();
    writeln!(out, "\n  {start}{end}\n  {:indent$}{POINTER}^ {hint}{POINTER:#}", "")
}

/// Prints the members of a segment, each with a remark, if it can be read that far.
fn show(
    title: &str,
    segment: Option<&str>,
    remark: impl Fn(&str, &str) -> String,
    out: &mut impl Write,
) -> io::Result<()> {
    let json = segment.and_then(decoded).unwrap_or_default();
    let Ok(Members(members)) = serde_json::from_str(&json) else { return Ok(()) };
    let width = members.iter().map(|(name, _)| visible(name).chars().count()).max();
    let width = width.unwrap_or(0).min(16);
    writeln!(out, "\n{TITLE}{title}{TITLE:#}")?;
    for (name, value) in members {
        let (value, remark) = (pretty(value.get(), 1), remark(&name, value.get()));
        let gap = if remark.is_empty() { "" } else { "  " };
        let name = visible(&name);
        writeln!(out, "  {NAME}{name:width$}{NAME:#}  {value}{gap}{REMARK}{remark}{REMARK:#}")?;
    }
    Ok(())
}

fn about_parameter(name: &str, json: &str) -> String {
    let remark = match name {
        "alg" => match serde_json::from_str(json) {
            Ok(Algorithm::Hs256) => "HMAC with SHA-256",
            Ok(Algorithm::Hs384) => "HMAC with SHA-384",
            Ok(Algorithm::Hs512) => "HMAC with SHA-512",
            _ if json.eq_ignore_ascii_case("\"none\"") => "unsigned; never accepted",
            _ => "not HMAC; not accepted here",
        },
        "typ" => "kind of token",
        "cty" => "kind of payload",
        "kid" => "which key signed it",
        "crit" => "extensions; not accepted here",
        "jwk" | "jku" | "x5u" | "x5c" => "never followed",
        _ => "",
    };
    remark.to_owned()
}

fn about_claim(name: &str, json: &str, now: NumericDate) -> String {
    let date = |future, past| match serde_json::from_str(json) {
        Ok(at) => date(at, future, past, now),
        Err(_) => "not a number; never accepted".to_owned(),
    };
    let remark = match name {
        "exp" => return date("expires", "expired"),
        "nbf" => return date("becomes valid", "became valid"),
        "iat" => return date("issued", "issued"),
        "iss" | "sub" | "jti" if !json.starts_with('"') => "not a string; never accepted",
        "iss" => "who issued it",
        "sub" => "whom it is about",
        "jti" => "its own id",
        "aud" => "whom it is for",
        _ => "",
    };
    remark.to_owned()
}

/// As in `2026-11-23 14:03:07 UTC, expires in 29 min`.
fn date(at: NumericDate, future: &str, past: &str, now: NumericDate) -> String {
    let date = match Timestamp::from_second(at.as_secs()) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => "beyond the calendar".to_owned(),
    };
    let secs = at.as_secs().abs_diff(now.as_secs());
    let (count, unit) = match secs {
        0..60 => (secs, "s"),
        60..3_600 => (secs / 60, "min"),
        3_600..172_800 => (secs / 3_600, "h"),
        172_800..63_072_000 => (secs / 86_400, "days"),
        _ => (secs / 31_536_000, "years"),
    };
    if at > now {
        format!("{date}, {future} in {count} {unit}")
    } else {
        format!("{date}, {past} {count} {unit} ago")
    }
}

/// JSON laid out anew: names keep their order and numbers their spelling.
fn pretty(json: &str, depth: usize) -> String {
    /// As deep as anybody reads, and far from the end of the stack.
    const MAX_DEPTH: usize = 16;
    let value = |json: &RawValue| pretty(json.get(), depth.saturating_add(1));
    let (open, close, items): (_, _, Vec<String>) = if depth > MAX_DEPTH {
        return visible(json);
    } else if let Ok(Members(members)) = serde_json::from_str(json) {
        let member = |(name, json): (String, &_)| {
            format!("{NAME}{}{NAME:#}: {}", quoted(&name), value(json))
        };
        ('{', '}', members.into_iter().map(member).collect())
    } else if let Ok(values) = serde_json::from_str::<Vec<&RawValue>>(json) {
        ('[', ']', values.into_iter().map(value).collect())
    } else if let Ok(string) = serde_json::from_str::<String>(json) {
        return format!("{STRING}{}{STRING:#}", quoted(&string));
    } else {
        return format!("{NUMBER}{}{NUMBER:#}", visible(json));
    };
    if json.len() <= 60 {
        return format!("{open}{}{close}", items.join(", "));
    }
    let indent = "  ".repeat(depth);
    format!("{open}\n{indent}  {}\n{indent}{close}", items.join(&format!(",\n{indent}  ")))
}

fn quoted(string: &str) -> String {
    visible(&serde_json::Value::from(string).to_string())
}

/// Text of the token, of which nothing may reach the terminal as a command, hide, or turn the
/// direction of the writing: such characters are shown as JSON escapes.
fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for char in text.chars() {
        let formats = matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}');
        if formats || char.is_control() {
            visible
                .extend(char.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            visible.push(char);
        }
    }
    visible
}

/// The bytes of a segment as text; what is not UTF-8 becomes `�`.
fn decoded(segment: &str) -> Option<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(segment).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The members of a JSON object in their order, with the text of their values.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'de: 'j, 'j> Deserialize<'de> for Members<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
