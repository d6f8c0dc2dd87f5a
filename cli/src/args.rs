//! What can be said on the command line. The doc comments are the help that users read.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jwt_codec::{Algorithm, NumericDate};

use crate::time::{parse_duration, parse_time};

/// Looks at, verifies and signs JSON Web Tokens, and makes their keys. Everything happens on this
/// machine
#[derive(Debug, Parser)]
#[command(
    name = "jwt",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit code: 0 fine, 1 the token or the claims were refused, 2 the call was wrong \
                  (arguments, files, keys).\n`jwt COMMAND --help` tells more about each."
)]
pub(crate) struct Arguments {
    /// Writes JSON for scripts; an error is {"error":{"code":…,"message":…}} on standard error
    #[arg(long, global = true, display_order = 900)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(visible_alias = "decode")]
    Inspect(InspectArguments),
    Verify(VerifyArguments),
    #[command(visible_alias = "encode")]
    Sign(SignArguments),
    /// Makes keys and turns them into other forms
    #[command(subcommand, arg_required_else_help = true)]
    Key(KeyCommand),
    /// Writes completions for a shell to standard output
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Writes a manual page to standard output: `jwt man`, `jwt man key generate`
    Man {
        /// The command that the page is about; `jwt` itself if there is none
        #[arg(value_name = "COMMAND")]
        command: Vec<String>,
    },
}

/// Shows what a token says, without verifying it
///
/// Shows what can be shown of a broken token, too, and says what is wrong with it. Numbers and the
/// order of members are as in the token; control characters are escaped. Exits with 0 if the token
/// can be read, even if it has expired, and with 1 if it cannot.
#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// The token; `-`, or none, reads it from standard input
    pub(crate) token: Option<String>,
    /// Takes this for the present time: seconds since 1970, or RFC 3339 (2026-11-23T14:03:07Z)
    #[arg(long, value_name = "TIME", value_parser = parse_time, allow_negative_numbers = true)]
    pub(crate) at: Option<NumericDate>,
}

/// Verifies a token and writes its claims to standard output
///
/// Writes the payload's JSON if the token is genuine and fits, nothing if it is refused; the verdict
/// goes to standard error. `exp` has to be there and in the future, `nbf` must not be in the future,
/// there is no leeway, and a token that names an audience is refused unless `--aud` names one of
/// them.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The token; `-`, or none, reads it from standard input
    pub(crate) token: Option<String>,
    /// The issuer (`iss`) that it has to come from
    #[arg(long, value_name = "X")]
    pub(crate) iss: Option<String>,
    /// An audience (`aud`) that you are; may be given several times
    #[arg(long, value_name = "X")]
    pub(crate) aud: Vec<String>,
    /// The kind of token (`typ`) that it has to be; JWT, or none, by default
    #[arg(long, value_name = "X")]
    pub(crate) typ: Option<String>,
    /// Allows for clocks that differ by this much, such as 30s
    #[arg(long, value_name = "SPAN", value_parser = parse_duration)]
    pub(crate) leeway: Option<std::time::Duration>,
    /// Takes this for the present time: seconds since 1970, or RFC 3339 (2026-11-23T14:03:07Z)
    #[arg(long, value_name = "TIME", value_parser = parse_time, allow_negative_numbers = true)]
    pub(crate) at: Option<NumericDate>,
    /// Takes a token that has expired, or that never expires
    #[arg(long)]
    pub(crate) ignore_exp: bool,
    // Last, because its heading is that of all that follows.
    #[command(flatten)]
    pub(crate) key: KeyArguments,
}

/// Signs claims and writes the token to standard output
///
/// CLAIMS is a JSON object; what the flags say replaces what it says. Either `--exp` or `--no-exp`
/// has to be given, unless the claims have an `exp`. `iat` is the present time unless the claims
/// have one.
#[derive(Debug, Args)]
pub(crate) struct SignArguments {
    /// The claims, a JSON object; `-`, or none, reads them from standard input unless that is a
    /// terminal. Nothing at all stands for {}
    pub(crate) claims: Option<String>,
    /// Expires this long after `iat`, or after now: 90s, 15m, 1h, 7d
    #[arg(long, value_name = "SPAN", value_parser = parse_duration, conflicts_with = "no_exp")]
    pub(crate) exp: Option<std::time::Duration>,
    /// Never expires
    #[arg(long)]
    pub(crate) no_exp: bool,
    /// Whom it is about
    #[arg(long, value_name = "X")]
    pub(crate) sub: Option<String>,
    /// Who issues it
    #[arg(long, value_name = "X")]
    pub(crate) iss: Option<String>,
    /// Whom it is for; may be given several times
    #[arg(long, value_name = "X")]
    pub(crate) aud: Vec<String>,
    /// A claim that is text, `name=text`, or any JSON, `name:=JSON`; may be given several times
    #[arg(long, value_name = "NAME=TEXT|NAME:=JSON")]
    pub(crate) claim: Vec<String>,
    /// The key's id, for the header; with `--jwks` also the key to take
    #[arg(long, value_name = "X")]
    pub(crate) kid: Option<String>,
    /// A member of the header; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) header: Vec<String>,
    /// The kind of token, for the header; JWT by default
    #[arg(long, value_name = "X", conflicts_with = "no_typ")]
    pub(crate) typ: Option<String>,
    /// No kind of token in the header
    #[arg(long)]
    pub(crate) no_typ: bool,
    /// No `iat`
    #[arg(long)]
    pub(crate) no_iat: bool,
    // Last, because its heading is that of all that follows.
    #[command(flatten)]
    pub(crate) key: KeyArguments,
}

/// Where the key is. A secret is never an argument: other users of the machine can see those.
#[derive(Debug, Args)]
#[command(next_help_heading = "Key (if none of these is given: the secret in JWT_SECRET)")]
pub(crate) struct KeyArguments {
    /// A file that holds the secret; `-` is standard input
    #[arg(long, value_name = "PATH", group = "key_source")]
    pub(crate) secret_file: Option<PathBuf>,
    /// How the secret is written; a line end at the end of a file is no part of it
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        conflicts_with_all = ["jwk", "jwks", "pem"]
    )]
    pub(crate) secret_format: SecretFormat,
    /// A file that holds a JSON Web Key
    #[arg(long, value_name = "PATH", group = "key_source")]
    pub(crate) jwk: Option<PathBuf>,
    /// A file that holds a JSON Web Key Set
    #[arg(long, value_name = "PATH", group = "key_source")]
    pub(crate) jwks: Option<PathBuf>,
    /// A file that holds a public or private key as PEM; needs --alg
    #[arg(long, value_name = "PATH", group = "key_source", requires = "alg")]
    pub(crate) pem: Option<PathBuf>,
    /// The algorithm that the key is for; HS256 for a secret unless you say another
    #[arg(long, value_name = "NAME", value_parser = parse_algorithm)]
    pub(crate) alg: Option<Algorithm>,
    /// Takes a secret that is shorter than its algorithm wants. Short secrets can be guessed
    #[arg(long, conflicts_with_all = ["jwks", "pem"])]
    pub(crate) allow_short_secret: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    Generate(GenerateArguments),
    Public(PublicArguments),
    Thumbprint(ThumbprintArguments),
    Convert(ConvertArguments),
    Set(SetArguments),
}

/// Makes a new key from the system's randomness
///
/// For HS256, HS384 and HS512 it is a secret; for the others a private key, whose public part `jwt
/// key public` gives. A file is readable by its owner alone and is never overwritten.
#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    /// The algorithm that the key is for
    #[arg(long, value_name = "NAME", value_parser = parse_algorithm)]
    pub(crate) alg: Algorithm,
    /// How it is written; text for a secret and pem for a private key unless you say another
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<KeyFormat>,
    /// The key's id; needs --format jwk
    #[arg(long, value_name = "X")]
    pub(crate) kid: Option<String>,
    /// The file to write; standard output if there is none
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Writes the public part of keys
#[derive(Debug, Args)]
pub(crate) struct PublicArguments {
    #[command(flatten)]
    pub(crate) files: KeyFiles,
    /// How it is written; as the file is, unless you say another
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<PublicFormat>,
    /// The key's id, for a JWK
    #[arg(long, value_name = "X")]
    pub(crate) kid: Option<String>,
    /// The file to write, which is never overwritten; standard output if there is none
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Writes the thumbprints of public keys (RFC 7638, SHA-256, base64url)
#[derive(Debug, Args)]
pub(crate) struct ThumbprintArguments {
    #[command(flatten)]
    pub(crate) files: KeyFiles,
}

/// Turns keys into another form
///
/// A secret or private key goes to a file (`--out FILE`, readable by its owner alone), or to
/// standard output if you say `--out -`.
#[derive(Debug, Args)]
pub(crate) struct ConvertArguments {
    #[command(flatten)]
    pub(crate) files: KeyFiles,
    /// How it is written
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: KeyFormat,
    /// The key's id, for a JWK
    #[arg(long, value_name = "X")]
    pub(crate) kid: Option<String>,
    /// How a secret is written in FILE
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) secret_format: SecretFormat,
    /// Takes a secret that is shorter than its algorithm wants
    #[arg(long)]
    pub(crate) allow_short_secret: bool,
    /// The file to write, which is never overwritten; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Makes one JSON Web Key Set of several keys
///
/// Of a private key its public part is taken. A set that holds secrets goes to a file (`--out FILE`,
/// readable by its owner alone), or to standard output if you say `--out -`.
#[derive(Debug, Args)]
pub(crate) struct SetArguments {
    #[command(flatten)]
    pub(crate) files: KeyFiles,
    /// The file to write, which is never overwritten; `-`, or none, is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct KeyFiles {
    /// The keys: JSON Web Keys, or PEM with --alg; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The algorithm that the keys are for, where a file does not say it
    #[arg(long, value_name = "NAME", value_parser = parse_algorithm)]
    pub(crate) alg: Option<Algorithm>,
}

/// How the text of a secret stands for its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretFormat {
    /// The text itself
    Text,
    /// Hexadecimal
    Hex,
    /// Base64, with or without padding
    Base64,
    /// Base64url
    Base64url,
}

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFormat {
    /// A secret as text
    Text,
    /// A secret in hexadecimal
    Hex,
    /// A secret in base64
    Base64,
    /// A secret in base64url
    Base64url,
    /// A JSON Web Key
    Jwk,
    /// A public or private key as PEM
    Pem,
}

/// How a public key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PublicFormat {
    /// A JSON Web Key
    Jwk,
    /// PEM
    Pem,
}

const ALGORITHMS: [&str; 13] = [
    "HS256", "HS384", "HS512", "EdDSA", "Ed25519", "ES256", "ES384", "RS256", "RS384", "RS512",
    "PS256", "PS384", "PS512",
];

fn parse_algorithm(text: &str) -> Result<Algorithm, String> {
    let name = ALGORITHMS.into_iter().find(|name| name.eq_ignore_ascii_case(text));
    name.and_then(|name| name.parse().ok())
        .ok_or_else(|| format!("it is one of {}", ALGORITHMS.join(", ")))
}
