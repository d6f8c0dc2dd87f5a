//! Keys in each form that openssl writes and reads, both ways, and signatures that it makes for
//! `SigningInput`, as a KMS or an HSM would.

use std::{
    error::Error,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_codec::{
    Algorithm, Header, PrivateKey, PublicKey, SigningInput, Validation, dangerous::certificate_key,
    decode,
};
use serde_json::{Value, json};

use crate::public_keys::ALGORITHMS;

/// How many checks there are.
const CHECKS: usize = 158;

pub fn run() -> Result<bool, Box<dyn Error>> {
    let folder = Folder::new()?;
    let mut report = Report::default();
    for algorithm in ALGORITHMS {
        theirs(algorithm, &folder, &mut report)?;
        ours(algorithm, &mut report)?;
    }
    let Report { passed, failures } = report;
    for failure in &failures {
        println!("{failure}");
    }
    println!("openssl: {passed} passed, {} failed", failures.len());
    if passed + failures.len() != CHECKS {
        println!("there should be {CHECKS} checks, not {}", passed + failures.len());
    }
    Ok(failures.is_empty() && passed == CHECKS)
}

#[derive(Default)]
struct Report {
    passed: usize,
    failures: Vec<String>,
}

impl Report {
    fn note(&mut self, algorithm: Algorithm, what: &str, is_right: bool) {
        if is_right {
            self.passed += 1;
        } else {
            self.failures.push(format!("{algorithm}, openssl: {what}"));
        }
    }
}

/// A folder for keys, which goes when the checks end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Box<dyn Error>> {
        let path = std::env::temp_dir().join(format!("jwt-codec-interop-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn file(&self, name: &str, content: &[u8]) -> Result<PathBuf, Box<dyn Error>> {
        let path = self.0.join(name);
        fs::write(&path, content)?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What openssl writes when it is called so and reads this.
fn openssl(arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input)?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("openssl {}: {said}", arguments.join(" ")).into());
    }
    Ok(output.stdout)
}

fn is_ecdsa(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Es256 | Algorithm::Es384)
}

fn is_ed25519(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::EdDsa | Algorithm::Ed25519)
}

fn curve(algorithm: Algorithm) -> &'static str {
    if algorithm == Algorithm::Es256 { "prime256v1" } else { "secp384r1" }
}

/// Their key, in each form, is one key, and signs what we give out to be signed.
fn theirs(
    algorithm: Algorithm,
    folder: &Folder,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let kind: &[&str] = match algorithm {
        _ if is_ed25519(algorithm) => &["ed25519"],
        Algorithm::Es256 => &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        Algorithm::Es384 => &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        _ => &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    };
    let pem = openssl(&[&["genpkey", "-algorithm"], kind].concat(), b"")?;
    let key = PrivateKey::from_pem(algorithm, &pem)?;
    let thumbprint = key.public_key().thumbprint();
    let mut private = |what: &str, read: Result<PrivateKey, jwt_codec::Error>| {
        let is_right = read.is_ok_and(|key| key.public_key().thumbprint() == thumbprint);
        report.note(algorithm, what, is_right);
    };
    let pkcs8 = openssl(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], &pem)?;
    private("PKCS#8", PrivateKey::from_pkcs8_der(algorithm, &pkcs8));
    private("PKCS#8 by its structure", PrivateKey::from_der(algorithm, &pkcs8));
    if !is_ed25519(algorithm) {
        let old = openssl(&["pkey", "-traditional"], &pem)?;
        private("SEC1 or PKCS#1 in PEM", PrivateKey::from_pem(algorithm, &old));
        let old = openssl(&["pkey", "-traditional", "-outform", "DER"], &pem)?;
        private("SEC1 or PKCS#1 by its structure", PrivateKey::from_der(algorithm, &old));
    }
    if is_ecdsa(algorithm) {
        let parameters = openssl(&["ecparam", "-name", curve(algorithm)], b"")?;
        let old = openssl(&["pkey", "-traditional"], &pem)?;
        let both = [parameters, old].concat();
        private("SEC1 after its parameters", PrivateKey::from_pem(algorithm, both));
    }
    let text = String::from_utf8(openssl(&["pkey", "-text", "-noout"], &pem)?)?;
    if is_ecdsa(algorithm) || is_ed25519(algorithm) {
        let secret = number(&text, "priv:").ok_or("no private number")?;
        // openssl writes scalars as numbers: without leading zeros, and with a sign.
        let len = if algorithm == Algorithm::Es384 { 48 } else { 32 };
        let zeros = vec![0; len];
        let padded = [zeros, secret].concat();
        let secret = &padded[padded.len() - len..];
        private("a scalar or seed", PrivateKey::from_bytes(algorithm, secret));
    }

    let mut public = |what: &str, read: Result<PublicKey, jwt_codec::Error>| {
        report.note(algorithm, what, read.is_ok_and(|key| key.thumbprint() == thumbprint));
    };
    let spki_pem = openssl(&["pkey", "-pubout"], &pem)?;
    public("SPKI in PEM", PublicKey::from_pem(algorithm, &spki_pem));
    let spki = openssl(&["pkey", "-pubout", "-outform", "DER"], &pem)?;
    public("SPKI", PublicKey::from_spki_der(algorithm, &spki));
    public("SPKI by its structure", PublicKey::from_der(algorithm, &spki));
    if is_ecdsa(algorithm) || is_ed25519(algorithm) {
        let bytes = number(&text, "pub:").ok_or("no public bytes")?;
        public("a point", PublicKey::from_bytes(algorithm, &bytes));
        report.note(algorithm, "our point", key.public_key().to_bytes() == Some(bytes));
    } else {
        let old = openssl(&["rsa", "-RSAPublicKey_out"], &pem)?;
        public("PKCS#1 in PEM", PublicKey::from_pem(algorithm, old));
        let old = openssl(&["rsa", "-RSAPublicKey_out", "-outform", "DER"], &pem)?;
        public("PKCS#1 by its structure", PublicKey::from_der(algorithm, &old));
        let modulus = number(&text, "modulus:").ok_or("no modulus")?;
        let n = URL_SAFE_NO_PAD.encode(modulus);
        public("modulus and exponent", PublicKey::from_rsa_components(algorithm, &n, "AQAB"));
    }
    let path = folder.file("key.pem", &pem)?;
    let path = path.to_str().ok_or("a folder whose name is not text")?;
    let subject = ["-subj", "/CN=issuer.example"];
    let certificate = openssl(&[&["req", "-x509", "-key", path], &subject[..]].concat(), b"")?;
    let mut public = |what: &str, read: Result<PublicKey, jwt_codec::Error>| {
        report.note(algorithm, what, read.is_ok_and(|key| key.thumbprint() == thumbprint));
    };
    public("a certificate", certificate_key(algorithm, certificate));

    // Keys elsewhere.
    let claims = json!({ "sub": "ada", "exp": 4_102_444_800_i64 });
    let input = SigningInput::new(&Header::new(), &claims, &key.public_key())?;
    let signature = signature(algorithm, folder, Path::new(path), input.as_bytes())?;
    let verified = input.finish(&signature).is_ok_and(|token| {
        decode::<Value>(&token, &key.public_key(), &Validation::new())
            .is_ok_and(|data| data.claims == claims)
    });
    report.note(algorithm, "a signature for SigningInput", verified);
    let other = PrivateKey::generate(algorithm)?.public_key();
    let other = SigningInput::new(&Header::new(), &claims, &other)?.finish(&signature);
    let is_refused = other == Err(jwt_codec::Error::InvalidSignature);
    report.note(algorithm, "a signature by another key", is_refused);
    Ok(())
}

/// Our key, in each form, is the same key for them.
fn ours(algorithm: Algorithm, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let key = PrivateKey::generate(algorithm)?;
    let public = key.public_key();
    let spki = openssl(&["pkey", "-pubout", "-outform", "DER"], key.to_pem().as_bytes())?;
    report.note(algorithm, "our private PEM", spki == public.to_spki_der());
    let spki = openssl(&["pkey", "-pubin", "-outform", "DER"], public.to_pem().as_bytes())?;
    report.note(algorithm, "our public PEM", spki == public.to_spki_der());
    let pem = openssl(&["pkey", "-pubin", "-inform", "DER"], &public.to_spki_der())?;
    report.note(algorithm, "our SPKI", pem == public.to_pem().as_bytes());
    Ok(())
}

/// The bytes after this heading in what `openssl pkey -text` prints.
fn number(text: &str, heading: &str) -> Option<Vec<u8>> {
    let (_, after) = text.split_once(heading)?;
    let lines = after.lines().skip(1).take_while(|line| line.starts_with("    "));
    let digits: String = lines.flat_map(|line| line.trim().chars()).collect();
    digits.split(':').map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
}

/// Their signature: that of ECDSA is in DER.
fn signature(
    algorithm: Algorithm,
    folder: &Folder,
    key: &Path,
    input: &[u8],
) -> Result<Vec<u8>, Box<dyn Error>> {
    let key = key.to_str().ok_or("a folder whose name is not text")?;
    if is_ed25519(algorithm) {
        let input = folder.file("input", input)?;
        let input = input.to_str().ok_or("a folder whose name is not text")?;
        return openssl(&["pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", input], b"");
    }
    let name = algorithm.name();
    let hash = format!("-sha{}", &name[2..]);
    let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
    let options = if name.starts_with("PS") { &pss[..] } else { &[] };
    openssl(&[&["dgst", &hash, "-sign", key], options].concat(), input)
}
