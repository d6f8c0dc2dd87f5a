//! Calls, right and wrong, that are not about tokens.

use crate::run::{SECRET, jwt, signed, with_secret};

#[test]
fn wrong_calls_are_one_line_and_exit_with_2() {
    let token = signed("{}");
    for (arguments, message) in [
        (
            &["verify", &token, "--secret", "x"][..],
            "unexpected argument '--secret' found; a similar argument exists: '--secret-file'; \
             for more, run `jwt verify --help`",
        ),
        (
            &["verify", &token, "--aud", "-x"],
            "unexpected argument '-x' found; to pass '-x' as the value of an option, use \
             '--OPTION=-x'; for more, run `jwt verify --help`",
        ),
        (&["unknown"], "unrecognized subcommand 'unknown'; for more, run `jwt --help`"),
        (
            &["verify", &token, "--pem", "key.pem"],
            "the following required arguments were not provided: --alg <NAME>; \
             for more, run `jwt verify --help`",
        ),
        (
            &["sign", "--alg", "HS257"],
            "invalid value 'HS257' for '--alg <NAME>': expected one of HS256, HS384, HS512, EdDSA, \
             Ed25519, ES256, ES384, RS256, RS384, RS512, PS256, PS384, PS512; \
             for more, run `jwt sign --help`",
        ),
        (
            &["--json=x", "key", "generate"],
            "unexpected value 'x' for '--json' found; no more were expected; \
             for more, run `jwt key generate --help`",
        ),
        (&["man", "unknown"], "jwt has no command \"unknown\""),
    ] {
        jwt(arguments).run().assert_misuse(message);
    }
    let outcome = jwt(&["verify", &token, "--unknown", "--json"]).run();
    assert_eq!((outcome.code, outcome.error_code().as_str()), (2, "usage"));
    // Without arguments, the help is written, but not as a result.
    for arguments in [&[][..], &["key"]] {
        let outcome = jwt(arguments).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
        assert!(outcome.err.contains("Usage: jwt"), "{}", outcome.err);
    }
    // Control characters of the call do not come back raw.
    let outcome = jwt(&["verify", "--\u{1b}[2J"]).run();
    assert!(outcome.code == 2 && !outcome.err.contains('\u{1b}'), "{outcome:?}");
}

#[test]
fn help_and_version() {
    let help = jwt(&["--help"]).run().good();
    for command in ["inspect", "verify", "sign", "key", "completions", "man", "--json"] {
        assert!(help.contains(&format!("\n  {command}")) || help.contains(command), "{help}");
    }
    assert!(help.contains("[alias: decode]") && help.contains("[alias: encode]"), "{help}");
    assert!(
        help.contains(
            "Exit code: 0 success, 1 the token or the claims were rejected, 2 usage error"
        ),
        "{help}"
    );
    assert_eq!(jwt(&["--version"]).run().good(), concat!("jwt ", env!("CARGO_PKG_VERSION"), "\n"));
    for command in ["inspect", "verify", "sign", "key"] {
        assert!(jwt(&[command, "--help"]).run().good().contains("Usage: jwt"));
    }
    // No argument takes a secret.
    for command in ["verify", "sign"] {
        let help = jwt(&[command, "--help"]).run().good();
        let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("defaults to HS256 for a secret that is not in a JWK"), "{help}");
        assert!(!help.contains("--secret <"), "{help}");
        assert!(help.contains("--secret-file <PATH>"), "{help}");
    }
}

#[test]
fn completions_and_manual_pages() {
    for (shell, mark) in [
        ("bash", "complete -F _jwt"),
        ("zsh", "#compdef jwt"),
        ("fish", "complete -c jwt"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        let script = jwt(&["completions", shell]).run().good();
        assert!(script.contains(mark), "{shell}");
    }
    assert_eq!(jwt(&["completions", "cmd"]).run().code, 2);
    for (arguments, title) in [
        (&["man"][..], ".TH jwt 1"),
        (&["man", "verify"], ".TH jwt-verify 1"),
        (&["man", "encode"], ".TH jwt-sign 1"),
        (&["man", "key", "generate"], ".TH jwt-key-generate 1"),
    ] {
        let page = jwt(arguments).run().good();
        assert!(page.contains(title), "{page}");
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
}

/// `| head` closes the pipe early.
#[cfg(unix)]
#[test]
fn a_closed_or_full_standard_output() {
    use std::process::{Command, Stdio};

    let exe = env!("CARGO_BIN_EXE_jwt");
    let shell = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, exe]).env("JWT_SECRET", SECRET).stdin(Stdio::null());
        let output = shell.output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let closed = shell("{ sleep 0.2; \"$0\" sign --no-exp; echo $? >&2; } | true");
    assert_eq!(closed, "0\n");
    let closed = shell("{ sleep 0.2; \"$0\" --help; echo $? >&2; } | true");
    assert_eq!(closed, "0\n");
    if cfg!(target_os = "linux") {
        for arguments in ["sign --no-exp", "--help", "key --help", "--version"] {
            let full = shell(&format!("\"$0\" {arguments} > /dev/full; echo $? >&2"));
            assert_eq!(
                full,
                "error: cannot write to standard output: No space left on device (os error 28)\n2\n"
            );
        }
        let nowhere = shell("\"$0\" sign --no-exp >&- 2>&-; echo $? >&2");
        assert_eq!(nowhere, "0\n");
    }
}

/// `script` runs the program at a terminal of its own.
#[cfg(target_os = "linux")]
#[test]
fn at_a_terminal() {
    use std::process::{Command, Stdio};

    let exe = env!("CARGO_BIN_EXE_jwt");
    let terminal = |command: &str| {
        let script = format!("TERM=xterm exec {exe} {command}");
        let output = Command::new("script")
            .args(["-q", "-e", "-c", &script, "/dev/null"])
            .env("JWT_SECRET", SECRET)
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .output()
            .expect("`script` of util-linux is there");
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let missing = "the token is missing; pass it as an argument or pipe it in";
    for command in ["inspect", "verify"] {
        let (code, out) = terminal(command);
        assert_eq!(code, Some(2));
        assert!(out.contains(missing), "{out}");
    }
    // Colours, and the same words.
    let token = signed("{\"sub\":\"\u{9b}31m\u{202e}\"}");
    let (code, out) = terminal(&format!("inspect {token}"));
    assert_eq!(code, Some(0));
    assert!(out.starts_with("\u{1b}[") && out.contains("NOT VERIFIED"), "{out:?}");
    assert!(!out.contains(['\u{9b}', '\u{202e}']), "{out:?}");
    // Claims are not waited for.
    let (code, out) = terminal("sign --no-exp");
    assert_eq!(code, Some(0), "{out}");
    assert!(out.starts_with("eyJ"), "{out}");
}

#[test]
fn json_is_one_line_without_control_characters() {
    let outcome =
        with_secret(&["verify", &signed("{\"exp\":1,\"a\":\"\u{202e}\"}"), "--json"]).run();
    assert_eq!(outcome.err.lines().count(), 1);
    assert!(!outcome.err.contains('\u{202e}'));
    // Before or behind the command.
    let token = signed(r#"{"exp":1}"#);
    let before = with_secret(&["--json", "verify", &token, "--at", "0"]).run();
    let behind = with_secret(&["verify", &token, "--at", "0", "--json"]).run();
    assert_eq!(before, behind);
    assert_eq!(before.json()["verified"], true);
}
