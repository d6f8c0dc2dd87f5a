//! The command line. The doc comments are the help that users read.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jwt_codec::{Algorithm, NumericDate};

use crate::time::{parse_duration, parse_time};

/// Inspect, verify and sign JSON Web Tokens, and generate their keys. Nothing is sent over a network
#[derive(Debug, Parser)]
#[command(
    name = "jwt",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit code: 0 success, 1 the token or the claims were rejected, 2 usage error \
                  (arguments, files, keys).\nFor more about a command, run `jwt COMMAND --help`."
)]
pub(crate) struct Arguments {
    /// Write JSON for scripts; an error is {"error":{"code":…,"message":…}} on standard error
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
    /// Generate keys and convert them
    #[command(subcommand, arg_required_else_help = true)]
    Key(KeyCommand),
    /// Write completions for a shell to standard output
    Completions {
        /// The name of the shell
        shell: Shell,
    },
    /// Write a manual page to standard output: `jwt man`, `jwt man key generate`
    Man {
        /// The command that the page describes; defaults to `jwt` itself
        #[arg(value_name = "COMMAND")]
        command: Vec<String>,
    },
}

/// Show what a token says, without verifying it
///
/// A broken token is shown as far as it can be read, with what is wrong with it. Numbers and the
/// order of members are as in the token; control characters are escaped. The exit code is 0 if the
/// token can be read, even if it has expired, and 1 if it cannot.
#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// The token; `-` or nothing reads it from standard input
    pub(crate) token: Option<String>,
    /// Evaluate as of TIME instead of now: seconds since 1970, or RFC 3339 (2026-11-23T14:03:07Z)
    #[arg(long, value_name = "TIME", value_parser = parse_time, allow_negative_numbers = true)]
    pub(crate) at: Option<NumericDate>,
}

/// Verify a token and write its claims to standard output
///
/// If the token is rejected, nothing is written to standard output. The verdict goes to standard
/// error. By default `exp` is required and must be in the future, `nbf` must not be in the future,
/// there is no leeway, and a token for an audience is rejected unless `--aud` names one of its
/// audiences.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The token; `-` or nothing reads it from standard input
    pub(crate) token: Option<String>,
    /// Require this issuer (`iss`)
    #[arg(long, value_name = "X")]
    pub(crate) iss: Option<String>,
    /// Accept a token for this audience (`aud`); repeat it to accept several
    #[arg(long, value_name = "X")]
    pub(crate) aud: Vec<String>,
    /// Require this type (`typ`); by default `typ` is absent or JWT
    #[arg(long, value_name = "X")]
    pub(crate) typ: Option<String>,
    /// Tolerate clocks that differ by up to SPAN, such as 30s
    #[arg(long, value_name = "SPAN", value_parser = parse_duration)]
    pub(crate) leeway: Option<std::time::Duration>,
    /// Evaluate as of TIME instead of now: seconds since 1970, or RFC 3339 (2026-11-23T14:03:07Z)
    #[arg(long, value_name = "TIME", value_parser = parse_time, allow_negative_numbers = true)]
    pub(crate) at: Option<NumericDate>,
    /// Accept a token that has expired, or that never expires
    #[arg(long)]
    pub(crate) ignore_exp: bool,
    /// Treat a registered claim that is `null` as absent
    #[arg(long)]
    pub(crate) allow_null_claims: bool,
    /// Require a claim with this value, as text or as JSON; repeat it to require several. Numbers are
    /// compared by value, integers exactly up to 64 bits
    #[arg(long, value_name = "NAME=TEXT|NAME:=JSON")]
    pub(crate) claim: Vec<String>,
    // Last, because its heading is that of all that follows.
    #[command(flatten)]
    pub(crate) key: KeyArguments,
}

/// Sign claims and write the token to standard output
///
/// CLAIMS is a JSON object; options replace its claims. Either `--exp` or `--no-exp` is required,
/// unless the claims contain `exp`. `iat` is now unless the claims contain it.
#[derive(Debug, Args)]
pub(crate) struct SignArguments {
    /// The claims, a JSON object; `-` or nothing reads them from standard input unless it is a
    /// terminal. Defaults to {}
    pub(crate) claims: Option<String>,
    /// Let the token expire SPAN after `iat`, or after now: 90s, 15m, 1h, 7d
    #[arg(long, value_name = "SPAN", value_parser = parse_duration, conflicts_with = "no_exp")]
    pub(crate) exp: Option<std::time::Duration>,
    /// Let the token never expire
    #[arg(long)]
    pub(crate) no_exp: bool,
    /// Whom the token is about (`sub`)
    #[arg(long, value_name = "X")]
    pub(crate) sub: Option<String>,
    /// Who issues the token (`iss`)
    #[arg(long, value_name = "X")]
    pub(crate) iss: Option<String>,
    /// Whom the token is for (`aud`); repeat it for several audiences
    #[arg(long, value_name = "X")]
    pub(crate) aud: Vec<String>,
    /// A claim, as text or as JSON; repeat it for several claims
    #[arg(long, value_name = "NAME=TEXT|NAME:=JSON")]
    pub(crate) claim: Vec<String>,
    /// The key's id, for the header; with `--jwks` it also chooses the key
    #[arg(long, value_name = "X")]
    pub(crate) kid: Option<String>,
    /// A parameter of the header; repeat it for several parameters
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) header: Vec<String>,
    /// The type of the token, for the header; defaults to JWT
    #[arg(long, value_name = "X", conflicts_with = "no_typ")]
    pub(crate) typ: Option<String>,
    /// Write no `typ` into the header
    #[arg(long)]
    pub(crate) no_typ: bool,
    /// Write no `iat`
    #[arg(long)]
    pub(crate) no_iat: bool,
    // Last, because its heading is that of all that follows.
    #[command(flatten)]
    pub(crate) key: KeyArguments,
}

/// Where the key is. A secret is never an argument: other users of the machine can see arguments.
#[derive(Debug, Args)]
#[command(next_help_heading = "Key (by default: the secret in JWT_SECRET)")]
pub(crate) struct KeyArguments {
    /// A file with the secret; `-` is standard input
    #[arg(long, value_name = "PATH", group = "key_source")]
    pub(crate) secret_file: Option<PathBuf>,
    /// How the secret is written. Defaults to `JWT_SECRET_FORMAT` for the secret in `JWT_SECRET`,
    /// and else to text; required for a secret that looks like hexadecimal or base64. The line end at
    /// the end of a file does not belong to the secret
    #[arg(
        long,
        value_name = "FORMAT",
        conflicts_with_all = ["jwk", "jwks", "pem"]
    )]
    pub(crate) secret_format: Option<SecretFormat>,
    /// A file with a JSON Web Key; `-` is standard input
    #[arg(long, value_name = "PATH", group = "key_source")]
    pub(crate) jwk: Option<PathBuf>,
    /// A file with a JSON Web Key Set; `-` is standard input. If the set contains public keys, only
    /// those verify: a secret in a published set is known to everybody. For the secrets of your own
    /// set, name their algorithm with --alg
    #[arg(long, value_name = "PATH", group = "key_source")]
    pub(crate) jwks: Option<PathBuf>,
    /// A file with a public or private key as PEM; requires --alg. `-` is standard input
    #[arg(long, value_name = "PATH", group = "key_source", requires = "alg")]
    pub(crate) pem: Option<PathBuf>,
    /// The algorithm of the key, or with --jwks of the keys that name none; defaults to HS256 for a
    /// secret that is not in a JWK
    #[arg(long, value_name = "NAME", value_parser = parse_algorithm)]
    pub(crate) alg: Option<Algorithm>,
    /// Accept a secret that is shorter than its algorithm requires. Short secrets can be guessed
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

/// Generate a key from the system's randomness
///
/// For HS256, HS384 and HS512 the key is a secret; for other algorithms it is a private key, whose
/// public part `jwt key public` writes. The file is readable by its owner only. A file that exists
/// is never overwritten.
#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    /// The algorithm of the key
    #[arg(long, value_name = "NAME", value_parser = parse_algorithm)]
    pub(crate) alg: Algorithm,
    /// How to write the key; defaults to hex for a secret and to pem for a private key
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<KeyFormat>,
    /// The key's id; requires --format jwk
    #[arg(long, value_name = "X")]
    pub(crate) kid: Option<String>,
    /// The file to write; defaults to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Write the public part of keys
#[derive(Debug, Args)]
pub(crate) struct PublicArguments {
    #[command(flatten)]
    pub(crate) files: KeyFiles,
    /// How to write the key; defaults to the format of the file
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<PublicFormat>,
    /// The key's id, for a JWK
    #[arg(long, value_name = "X")]
    pub(crate) kid: Option<String>,
    /// The file to write, which is never overwritten; defaults to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Write the thumbprints of public keys (RFC 7638, SHA-256, base64url)
#[derive(Debug, Args)]
pub(crate) struct ThumbprintArguments {
    #[command(flatten)]
    pub(crate) files: KeyFiles,
}

/// Convert keys into another format
///
/// A secret or private key is written to a file (`--out FILE`, readable by its owner only), or with
/// `--out -` to standard output.
#[derive(Debug, Args)]
pub(crate) struct ConvertArguments {
    #[command(flatten)]
    pub(crate) files: KeyFiles,
    /// How to write the key
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: KeyFormat,
    /// The key's id, for a JWK
    #[arg(long, value_name = "X")]
    pub(crate) kid: Option<String>,
    /// How a secret is written in FILE; defaults to text, and is required for a secret that looks
    /// like hexadecimal or base64
    #[arg(long, value_name = "FORMAT")]
    pub(crate) secret_format: Option<SecretFormat>,
    /// Accept a secret that is shorter than its algorithm requires
    #[arg(long)]
    pub(crate) allow_short_secret: bool,
    /// The file to write, which is never overwritten; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Combine keys into one JSON Web Key Set
///
/// The set contains only the public part of a private key. A set with secrets is written to a file
/// (`--out FILE`, readable by its owner only), or with `--out -` to standard output.
#[derive(Debug, Args)]
pub(crate) struct SetArguments {
    #[command(flatten)]
    pub(crate) files: KeyFiles,
    /// The file to write, which is never overwritten; `-` or nothing is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct KeyFiles {
    /// The keys: JSON Web Keys, or PEM with --alg; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The algorithm of the keys, where a file does not name it
    #[arg(long, value_name = "NAME", value_parser = parse_algorithm)]
    pub(crate) alg: Option<Algorithm>,
}

/// How the text of a secret encodes its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretFormat {
    /// The bytes of the text itself
    Text,
    /// Hexadecimal digits
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
        .ok_or_else(|| format!("expected one of {}", ALGORITHMS.join(", ")))
}
