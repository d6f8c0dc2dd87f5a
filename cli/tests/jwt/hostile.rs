//! Input that is made to end the program: with 2 MiB of stack, as the threads of a service have.

use std::process::{Command, Stdio};

use crate::{
    keys::fixture,
    run::{Folder, SECRET, segment, signed},
};

/// JSON in a string in JSON, each with a depth that alone is allowed. `serde_json` with its feature
/// `raw_value` would read it all at once.
fn hidden_json(layers: usize) -> String {
    let mut json = "1".to_owned();
    for layer in 0..layers {
        let text = match layer {
            0 => json,
            // The quotes of the layers below cost no doubling of backslashes.
            _ => json.replace('\\', "\\u005c").replace('"', "\\u0022"),
        };
        let (open, close) = ("[".repeat(100), "]".repeat(100));
        json = format!(r#"{open}{{"$serde_json::private::RawValue":"{text}"}}{close}"#);
    }
    json
}

/// Returns the exit code; whoever dies of a signal has none.
fn run(arguments: &[&str]) -> Option<i32> {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -s 2048; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_jwt")]);
    shell.args(arguments).env("JWT_SECRET", SECRET).env_remove("JWT_SECRET_FORMAT");
    let output = shell.stdin(Stdio::null()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(!err.contains("panicked"), "{arguments:?}: {err}");
    output.status.code()
}

#[test]
fn json_hidden_in_strings() {
    let folder = Folder::new("hidden_json");
    let json = hidden_json(40);
    let object = format!(r#"{{"exp":1,"a":{json}}}"#);
    let claims = signed(&object);
    let header = format!("{}.e30.", segment(format!(r#"{{"alg":"HS256","a":{json}}}"#)));
    let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{}","a":{json}}}"#, segment(SECRET));
    let set = folder.file("set", format!(r#"{{"keys":[{jwk}]}}"#));
    let jwk = folder.file("jwk", &jwk);
    for token in [&claims, &header] {
        assert_eq!(run(&["inspect", token]), Some(1));
        assert_eq!(run(&["inspect", "--json", token]), Some(1));
        assert_eq!(run(&["verify", token, "--at", "0"]), Some(1));
    }
    assert_eq!(run(&["sign", &object]), Some(1));
    for (option, file) in [("--jwk", &jwk), ("--jwks", &set)] {
        assert_eq!(run(&["sign", "--no-exp", option, file]), Some(2), "{option}");
        assert_eq!(run(&["verify", &claims, option, file]), Some(2), "{option}");
    }
    for command in ["public", "thumbprint", "set"] {
        assert_eq!(run(&["key", command, &jwk]), Some(2), "{command}");
    }
    assert_eq!(run(&["key", "convert", &jwk, "--format", "hex", "--out", "-"]), Some(2));
    let claim = format!("a:={json}");
    assert_eq!(run(&["verify", &claims, "--at", "0", "--claim", &claim]), Some(1));
}

#[test]
fn depth_and_length() {
    let folder = Folder::new("depth_and_length");
    let deep = format!("{}{}", "[".repeat(40_000), "]".repeat(40_000));
    let token = signed(format!(r#"{{"exp":1,"a":{}}}"#, &deep[20_000..60_000]));
    assert_eq!(run(&["verify", &token, "--at", "0"]), Some(0));
    assert_eq!(run(&["inspect", &token]), Some(0));
    assert_eq!(run(&["sign", &format!(r#"{{"exp":1,"a":{deep}}}"#)]), Some(0));
    for len in [65_534, 65_535, 65_536, 65_537, 500_000] {
        let filler = "A".repeat(len);
        let secret =
            format!(r#"{{"kty":"oct","alg":"HS256","k":"{}","a":"{filler}"}}"#, segment(SECRET));
        let long_secret = format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, &filler[len % 4..]);
        for (name, jwk, code) in [("secret", &secret, 0), ("long", &long_secret, 1)] {
            let (jwk, set) =
                (folder.file(name, jwk), folder.file("set", format!(r#"{{"keys":[{jwk}]}}"#)));
            assert_eq!(run(&["sign", "--no-exp", "--jwk", &jwk]), Some(0), "{name} {len}");
            assert_eq!(run(&["sign", "--no-exp", "--jwks", &set]), Some(0), "{name} {len}");
            let token = signed(r#"{"exp":1}"#);
            for (option, file) in [("--jwk", &jwk), ("--jwks", &set)] {
                assert_eq!(
                    run(&["verify", &token, "--at", "0", option, file]),
                    Some(code),
                    "{len}"
                );
            }
        }
        let pem = folder.file("pem", format!("{filler}\n{}", fixture_text("es256.pem")));
        let code = run(&["sign", "--no-exp", "--pem", &pem, "--alg", "ES256"]);
        assert_eq!(code, Some(0), "{len}");
    }
}

fn fixture_text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap()
}
