//! Runs the program and collects what comes out.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// 34 bytes.
pub(crate) const SECRET: &str = "the secret of the tests of `jwt`!!";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Outcome {
    /// The JSON on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The code of the error in the JSON on standard error.
    #[track_caller]
    pub(crate) fn error_code(&self) -> String {
        assert_eq!(self.out, "");
        let json: serde_json::Value =
            serde_json::from_str(&self.err).unwrap_or_else(|_| panic!("{self:?}"));
        assert!(json["error"]["message"].as_str().unwrap().len() > 4, "{self:?}");
        json["error"]["code"].as_str().unwrap().to_owned()
    }

    /// Asserts a usage error in one line.
    #[track_caller]
    pub(crate) fn assert_misuse(&self, message: &str) {
        assert_eq!(self.err, format!("error: {message}\n"));
        assert_eq!((self.code, self.out.as_str()), (2, ""), "{self:?}");
    }

    #[track_caller]
    pub(crate) fn assert_rejected(&self, message: &str) {
        assert_eq!(self.err, format!("rejected: {message}\n"));
        assert_eq!((self.code, self.out.as_str()), (1, ""), "{self:?}");
    }

    /// What the program wrote to standard output, if all was well.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }
}

/// Characters that turn the direction of writing, or that end a line.
pub(crate) const DIRECTIONS: [char; 14] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

/// A call that is being prepared. Standard input is empty by default.
pub(crate) struct Call {
    command: Command,
    stdin: Vec<u8>,
    coloured: bool,
}

pub(crate) fn jwt(arguments: &[&str]) -> Call {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jwt"));
    command.args(arguments);
    for name in ["JWT_SECRET", "JWT_SECRET_FORMAT", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    Call { command, stdin: Vec::new(), coloured: false }
}

/// With [`SECRET`] in the environment.
pub(crate) fn with_secret(arguments: &[&str]) -> Call {
    jwt(arguments).env("JWT_SECRET", SECRET)
}

impl Call {
    pub(crate) fn and(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.coloured |= name == "CLICOLOR_FORCE";
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, text: impl AsRef<[u8]>) -> Self {
        self.stdin = text.as_ref().to_vec();
        self
    }

    pub(crate) fn run(mut self) -> Outcome {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        // The program may end without reading it.
        child.stdin.take().unwrap().write_all(&self.stdin).ok();
        let output = child.wait_with_output().unwrap();
        let outcome = Outcome {
            code: output.status.code().expect("it did not panic or die"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(matches!(outcome.code, 0..=2), "{outcome:?}");
        assert!(!outcome.err.contains("panicked"), "{outcome:?}");
        for text in [&outcome.out, &outcome.err] {
            assert!(!text.contains(SECRET), "{outcome:?}");
            let harmful = |char| {
                matches!(char, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}')
                    || DIRECTIONS.contains(&char)
            };
            assert!(self.coloured || !text.contains(harmful), "{outcome:?}");
            if text.contains("read this secret with Key::") {
                continue;
            }
            // Options, not the methods of the crate.
            for name in [
                "Validation",
                "Key::",
                "KeySet",
                "from_",
                "allow_",
                "ignore_",
                "RawValue",
                "serde(",
            ] {
                assert!(!text.contains(name), "{outcome:?}");
            }
        }
        outcome
    }
}

/// An empty folder of a test's own.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).into_os_string().into_string().unwrap()
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }
}

pub(crate) fn segment(text: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

/// The text of a part of a token: 0 is the header, 1 the payload.
pub(crate) fn part(token: &str, index: usize) -> String {
    let part = token.trim().split('.').nth(index).unwrap();
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A token over this text, whatever it is, signed with [`SECRET`].
pub(crate) fn signed(payload: impl AsRef<[u8]>) -> String {
    let key = jwt_codec::Key::hs256(SECRET).unwrap();
    jwt_codec::sign(&jwt_codec::Header::new(), payload.as_ref(), &key).unwrap()
}
