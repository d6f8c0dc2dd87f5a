//! Any claims and any type, signed rightly by a key of the issuer, as an access token, an ID token and
//! a logout token. A plain second reading collects all the rules that the token breaks: if it breaks
//! none it is accepted, with its claims, and otherwise refused with the code of one of them.

#![no_main]

use std::{collections::BTreeSet, fmt::Debug, sync::LazyLock, time::Duration};

use arbitrary::Arbitrary;
use jwt_codec::{Algorithm, Header, KeySet, NumericDate, PrivateKey, Validation, sign};
use jwt_codec_fuzz::{
    REGISTERED, RESERVED, encode_base64url,
    public_keys::{ALGORITHMS, example},
};
use jwt_codec_oidc::{FetchRequest, FetchResponse, Issuer, Issuers, Login, LogoutToken, OidcError};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};
use tokio::runtime::{self, Runtime};

const NAME: &str = "https://login.example";
const OTHER_NAME: &str = "login.example";
/// The audience of access tokens, too.
const CLIENT: &str = "app";
const TRUSTED: &str = "api";
const NONCE: &str = "n-0S6_WzA2Mj";
const ACR: &str = "phr";
const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const NOW: i64 = 1_600_000_000;

/// What the claims are that can be changed. The first seven are there from the start.
const NAMES: [&str; 16] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "jti",
    "client_id",
    "nbf",
    "nonce",
    "azp",
    "auth_time",
    "acr",
    "at_hash",
    "events",
    "cnf",
    "sid",
];

#[derive(Arbitrary, Debug)]
struct Input {
    /// Mostly Ed25519, which is quick.
    algorithm: u8,
    typ: Typ,
    changes: Vec<(u8, Claim)>,
    policy: Policy,
    asked: Asked,
    unread: Option<Unread>,
}

/// The value of a claim that nobody asks for, which `serde_json` can pass over but not hold.
#[derive(Arbitrary, Debug)]
enum Unread {
    /// Half of a character.
    Surrogate,
    /// A number that is too large for a double.
    Huge(u16),
    Lists(u8),
}

/// All claims but [`Unread`].
#[derive(Deserialize, PartialEq, Debug)]
struct Read {
    #[serde(default, rename = "unread")]
    _unread: Option<IgnoredAny>,
    #[serde(flatten)]
    claims: Map<String, Value>,
}

#[derive(Arbitrary, Debug)]
enum Typ {
    Absent,
    Jwt(Spelling),
    Access(Spelling),
    Logout(Spelling),
    Any(String),
}

#[derive(Arbitrary, Debug)]
struct Spelling {
    prefix: bool,
    capitals: u8,
}

#[derive(Arbitrary, Debug)]
enum Claim {
    Right,
    Absent,
    Time { offset: i16, quarters: u8 },
    Plain(Plain),
    Event(Plain),
}

#[derive(Arbitrary, Debug)]
enum Plain {
    Null,
    Bool(bool),
    Number(i8),
    Word(Word),
    Words(Vec<Word>),
    Mixed(Vec<Word>, i8),
    Object,
}

/// Few, so that they often meet their like.
#[derive(Arbitrary, Debug)]
enum Word {
    Name,
    OtherName,
    Client,
    Trusted,
    Nonce,
    Acr,
    Hash { algorithm: u8, whole: bool },
    Empty,
    Any(String),
}

/// What is loosened, of the profile and of the policy below it.
#[derive(Arbitrary, Debug)]
struct Policy {
    leeway: u8,
    allow_missing_exp: bool,
    allow_null_claims: bool,
    allow_any_typ: bool,
    ignore_audience: bool,
    allow_typ_jwt: bool,
    allow_sender_constrained: bool,
    trusts: bool,
}

/// What the login asked for.
#[derive(Arbitrary, Debug)]
struct Asked {
    nonce: Option<Word>,
    access_token: bool,
    max_age: Option<u8>,
    acr: Option<Word>,
}

impl Typ {
    fn text(&self) -> Option<String> {
        let (short, spelling) = match self {
            Self::Absent => return None,
            Self::Jwt(spelling) => ("jwt", spelling),
            Self::Access(spelling) => ("at+jwt", spelling),
            Self::Logout(spelling) => ("logout+jwt", spelling),
            Self::Any(text) => return Some(text.clone()),
        };
        let text = format!("{}{short}", if spelling.prefix { "application/" } else { "" });
        let spell = |(index, letter): (usize, char)| {
            let is_capital = spelling.capitals >> (index % 8) & 1 == 1;
            if is_capital { letter.to_ascii_uppercase() } else { letter }
        };
        Some(text.chars().enumerate().map(spell).collect())
    }
}

impl Unread {
    fn json(&self) -> String {
        match *self {
            Self::Surrogate => r#""\ud83d""#.into(),
            Self::Huge(more) => format!("1e{}", 400 + u32::from(more)),
            Self::Lists(depth) => {
                let depth = usize::from(depth) + 1;
                format!("{}{}", "[".repeat(depth), "]".repeat(depth))
            }
        }
    }
}

impl Word {
    fn text(&self) -> String {
        match self {
            Self::Name => NAME.into(),
            Self::OtherName => OTHER_NAME.into(),
            Self::Client => CLIENT.into(),
            Self::Trusted => TRUSTED.into(),
            Self::Nonce => NONCE.into(),
            Self::Acr => ACR.into(),
            Self::Hash { algorithm, whole } => {
                let hash = hash(algorithm_of(*algorithm));
                encode_base64url(if *whole { &hash } else { half(&hash) })
            }
            Self::Empty => String::new(),
            Self::Any(text) => text.clone(),
        }
    }
}

impl Plain {
    fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(value) => (*value).into(),
            Self::Word(word) => word.text().into(),
            Self::Words(words) => words.iter().map(Word::text).collect(),
            Self::Mixed(words, number) => {
                let texts = words.iter().map(|word| word.text().into());
                texts.chain([(*number).into()]).collect::<Vec<Value>>().into()
            }
            Self::Object => json!({ EVENT: {} }),
        }
    }
}

impl Claim {
    fn value(&self, name: &str, algorithm: Algorithm) -> Option<Value> {
        Some(match self {
            Self::Right => right(name, algorithm),
            Self::Absent => return None,
            Self::Time { offset, quarters } => {
                let secs = NOW + i64::from(*offset);
                match quarters % 4 {
                    0 => secs.into(),
                    quarters => (secs as f64 + f64::from(quarters) / 4.0).into(),
                }
            }
            Self::Plain(plain) => plain.value(),
            Self::Event(plain) => json!({ EVENT: plain.value() }),
        })
    }
}

fn right(name: &str, algorithm: Algorithm) -> Value {
    match name {
        "iss" => NAME.into(),
        "aud" | "azp" | "client_id" => CLIENT.into(),
        "exp" => (NOW + 60).into(),
        "iat" | "nbf" | "auth_time" => (NOW - 60).into(),
        "nonce" => NONCE.into(),
        "acr" => ACR.into(),
        "at_hash" => encode_base64url(half(&hash(algorithm))).into(),
        "events" => json!({ EVENT: {} }),
        "cnf" => json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }),
        _ => "ada".into(),
    }
}

fn algorithm_of(byte: u8) -> Algorithm {
    ALGORITHMS.get(usize::from(byte % 64)).copied().unwrap_or(Algorithm::EdDsa)
}

/// OpenID Connect Core 1.0 §3.1.3.6; Ed25519 hashes with SHA-512.
fn hash(algorithm: Algorithm) -> Vec<u8> {
    match algorithm.name().get(2..) {
        Some("256") => Sha256::digest(ACCESS_TOKEN).to_vec(),
        Some("384") => Sha384::digest(ACCESS_TOKEN).to_vec(),
        _ => Sha512::digest(ACCESS_TOKEN).to_vec(),
    }
}

fn half(hash: &[u8]) -> &[u8] {
    &hash[..hash.len() / 2]
}

/// The issuer, with a key for each algorithm. Nothing runs its task again, so its keys stay.
struct Service {
    keys: Vec<PrivateKey>,
    issuer: Issuer,
    _runtime: Runtime,
}

static SERVICE: LazyLock<Service> = LazyLock::new(|| {
    let keys: Vec<PrivateKey> =
        ALGORITHMS.map(|algorithm| example(algorithm).with_id(algorithm.name())).into();
    let add = |set: KeySet, key: &PrivateKey| set.with(key.public_key()).expect("ids differ");
    let jwks = keys.iter().fold(KeySet::new(), add).public_jwks();
    let client = move |_: FetchRequest| {
        let body = jwks.clone().into();
        async { Ok(FetchResponse { status: 200, body }) }
    };
    let issuer = Issuer::builder(NAME)
        .also_named(OTHER_NAME)
        .jwks_uri("https://login.example/jwks")
        .client(client);
    let runtime = runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("it needs nothing");
    let issuer = runtime.block_on(issuer.connect()).expect("the set is good");
    Service { keys, issuer, _runtime: runtime }
});

impl Policy {
    fn change(&self, policy: Validation) -> Validation {
        let mut policy =
            policy.at(NumericDate::from_secs(NOW)).leeway(Duration::from_secs(self.leeway.into()));
        if self.allow_missing_exp {
            policy = policy.allow_missing_exp();
        }
        if self.allow_null_claims {
            policy = policy.allow_null_claims();
        }
        if self.allow_any_typ {
            policy = policy.allow_any_typ();
        }
        if self.ignore_audience {
            policy = policy.ignore_audience();
        }
        policy
    }
}

impl Asked {
    fn login(&self) -> Login {
        let mut login = match &self.nonce {
            Some(nonce) => Login::with_nonce(nonce.text()),
            None => Login::without_nonce(),
        };
        if self.access_token {
            login = login.access_token(ACCESS_TOKEN);
        }
        if let Some(secs) = self.max_age {
            login = login.max_age(Duration::from_secs(secs.into()));
        }
        if let Some(acr) = &self.acr {
            login = login.acr(acr.text());
        }
        login
    }
}

/// The codes of the rules that a token breaks.
type Faults = BTreeSet<&'static str>;

/// A token as the rules see it.
struct Token<'t> {
    claims: &'t Map<String, Value>,
    /// In small letters and without `application/`.
    typ: Option<String>,
    algorithm: Algorithm,
    policy: &'t Policy,
}

impl Token<'_> {
    /// A registered claim that is `null` counts as absent if the policy says so.
    fn claim(&self, name: &str) -> Option<&Value> {
        let is_absent = |value: &&Value| {
            value.is_null() && self.policy.allow_null_claims && REGISTERED.contains(&name)
        };
        self.claims.get(name).filter(|value| !is_absent(value))
    }

    fn string(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Value::as_str)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.claim(name).and_then(Value::as_f64)
    }

    /// `None` if it is neither a string nor a list of strings.
    fn audiences(&self) -> Option<Vec<&str>> {
        match self.claim("aud")? {
            Value::String(one) => Some(vec![one]),
            Value::Array(several) => several.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// What all three profiles have in common.
    fn faults(&self, required: &[&str], typs: &[Option<&str>]) -> Faults {
        let mut faults = Faults::new();
        for name in REGISTERED {
            let has_type = match name {
                "aud" => self.audiences().is_some(),
                "exp" | "nbf" | "iat" => self.number(name).is_some(),
                _ => self.string(name).is_some(),
            };
            if self.claim(name).is_some() && !has_type {
                faults.insert("invalid_claim_type");
            }
        }
        // `null` says nothing, where it is no wrong type.
        let is_missing = |name: &str| {
            let claim = self.claim(name);
            claim.is_none_or(|value| value.is_null() && !REGISTERED.contains(&name))
        };
        let needs_audience = !self.policy.ignore_audience;
        if required.iter().any(|name| is_missing(name))
            || is_missing("iss")
            || needs_audience && is_missing("aud")
        {
            faults.insert("missing_claim");
        }
        let (now, leeway) = (NOW as f64, f64::from(self.policy.leeway));
        if self.number("exp").is_some_and(|exp| now >= exp.ceil() + leeway) {
            faults.insert("expired");
        }
        if self.number("nbf").is_some_and(|nbf| now + leeway < nbf.ceil()) {
            faults.insert("not_yet_valid");
        }
        if self.string("iss").is_some_and(|iss| iss != NAME && iss != OTHER_NAME) {
            faults.insert("invalid_issuer");
        }
        if needs_audience && self.audiences().is_some_and(|aud| !aud.contains(&CLIENT)) {
            faults.insert("invalid_audience");
        }
        if !self.policy.allow_any_typ && !typs.contains(&self.typ.as_deref()) {
            faults.insert("unexpected_type");
        }
        faults
    }

    /// RFC 9068 §4.
    fn access_faults(&self) -> Faults {
        let is_jwt = matches!(self.typ.as_deref(), None | Some("jwt"));
        let mut faults = if self.policy.allow_typ_jwt && is_jwt {
            self.faults(&["exp"], &[None, Some("jwt")])
        } else {
            self.faults(&["exp", "sub", "client_id", "iat", "jti"], &[Some("at+jwt")])
        };
        if self.claims.contains_key("cnf") && !self.policy.allow_sender_constrained {
            faults.insert("sender_constrained");
        }
        faults
    }

    /// OpenID Connect Core 1.0 §3.1.3.7 and §3.1.3.8.
    fn id_faults(&self, asked: &Asked) -> Faults {
        let mut faults = self.faults(&["exp", "sub", "iat"], &[None, Some("jwt")]);
        // It would be a logout token.
        if self.claims.contains_key("events") {
            faults.insert("invalid_claim");
        }
        let is_trusted = |name: &str| name == CLIENT || self.policy.trusts && name == TRUSTED;
        if self.audiences().is_some_and(|aud| !aud.into_iter().all(is_trusted)) {
            faults.insert("untrusted_audience");
        }
        if self.claims.get("azp").is_some_and(|azp| !azp.as_str().is_some_and(is_trusted)) {
            faults.insert("invalid_azp");
        }
        match (&asked.nonce, self.claims.get("nonce")) {
            (None, Some(_)) => _ = faults.insert("unexpected_nonce"),
            (Some(_), None) => _ = faults.insert("missing_nonce"),
            (Some(sent), Some(found)) if sent.text().is_empty() || *found != *sent.text() => {
                faults.insert("invalid_nonce");
            }
            _ => {}
        }
        if let Some(max_age) = asked.max_age {
            let leeway = f64::from(self.policy.leeway);
            let is_recent = |time: f64| {
                let age = NOW as f64 - time.floor();
                -leeway <= age && age <= f64::from(max_age) + leeway
            };
            match self.claims.get("auth_time") {
                None | Some(Value::Null) => _ = faults.insert("missing_claim"),
                Some(time) if time.as_f64().is_some_and(is_recent) => {}
                Some(_) => _ = faults.insert("auth_too_old"),
            }
        }
        if let Some(acr) = &asked.acr
            && self.claims.get("acr").is_none_or(|found| *found != *acr.text())
        {
            faults.insert("invalid_acr");
        }
        if let Some(found) = self.claims.get("at_hash")
            && asked.access_token
            && *found != right("at_hash", self.algorithm)
        {
            faults.insert("invalid_at_hash");
        }
        faults
    }

    /// OpenID Connect Back-Channel Logout 1.0 §2.6.
    fn logout_faults(&self) -> Faults {
        let typs = [None, Some("jwt"), Some("logout+jwt")];
        let mut faults = self.faults(&["exp", "iat", "jti"], &typs);
        let sid = self.claims.get("sid").filter(|sid| !sid.is_null());
        if sid.is_some_and(|sid| !sid.is_string()) {
            faults.insert("claims_mismatch");
        }
        if self.claim("sub").is_none() && sid.is_none() {
            faults.insert("missing_subject");
        }
        let event = self.claims.get("events").and_then(|events| events.get(EVENT));
        if !event.is_some_and(Value::is_object) {
            faults.insert("invalid_events");
        }
        if self.claims.contains_key("nonce") {
            faults.insert("unexpected_nonce");
        }
        faults
    }
}

fuzz_target!(|input: Input| {
    let Input { algorithm, typ, changes, policy, asked, unread } = &input;
    let (algorithm, typ) = (algorithm_of(*algorithm), typ.text());
    let mut claims: Map<String, Value> =
        NAMES[..7].iter().map(|&name| (name.into(), right(name, algorithm))).collect();
    for (name, claim) in changes {
        let name = NAMES[usize::from(*name) % NAMES.len()];
        match claim.value(name, algorithm) {
            Some(value) => _ = claims.insert(name.into(), value),
            None => _ = claims.remove(name),
        }
    }
    let mut payload = Value::from(claims.clone()).to_string();
    if let Some(unread) = unread {
        payload.truncate(payload.len() - 1);
        let comma = if claims.is_empty() { "" } else { "," };
        payload.push_str(&format!(r#"{comma}"unread":{}}}"#, unread.json()));
    }
    let header = typ.iter().fold(Header::new().without_typ(), |header, typ| header.with_typ(typ));
    let key = SERVICE.keys.iter().find(|key| key.algorithm() == algorithm);
    // No header has an empty type, and neither one nor claims have a name that `serde_json` keeps.
    let Ok(text) = sign(&header, payload.as_bytes(), key.expect("there is one for each")) else {
        return;
    };
    if payload.contains(RESERVED) || typ.as_ref().is_some_and(|typ| typ.contains(RESERVED)) {
        return;
    }

    let typ = typ.map(|typ| {
        let typ = typ.to_ascii_lowercase();
        typ.strip_prefix("application/").map(Into::into).unwrap_or(typ)
    });
    let token = Token { claims: &claims, typ, algorithm, policy };
    let issuer = &SERVICE.issuer;

    let mut access = issuer.access_tokens(CLIENT).validation(|change| policy.change(change));
    if policy.allow_typ_jwt {
        access = access.allow_typ_jwt();
    }
    if policy.allow_sender_constrained {
        access = access.allow_sender_constrained();
    }
    let mut faults = token.access_faults();
    let outcome = access.try_decode::<Read>(&text).map(|data| data.claims.claims);
    check(&outcome, claims.clone(), &faults, &input);
    // The issuer is chosen before there is a policy that could take `null` for absent.
    if claims.get("iss").is_some_and(Value::is_null) {
        faults.insert("invalid_claim_type");
    }
    let outcome = Issuers::new([access]).try_decode::<Read>(&text).map(|data| data.claims.claims);
    check(&outcome, claims.clone(), &faults, &input);

    let mut id = issuer.id_tokens(CLIENT).validation(|change| policy.change(change));
    if policy.trusts {
        id = id.trust_audience(TRUSTED);
    }
    let outcome = id.try_decode::<Read>(&text, &asked.login()).map(|data| data.claims.claims);
    check(&outcome, claims.clone(), &token.id_faults(asked), &input);

    let logout = issuer.logout_tokens(CLIENT).validation(|change| policy.change(change));
    let text_of = |name| token.string(name).map(str::to_owned);
    let expected = LogoutToken {
        iss: text_of("iss").unwrap_or_default(),
        sub: text_of("sub"),
        sid: text_of("sid"),
        jti: text_of("jti").unwrap_or_default(),
        iat: NumericDate::from_secs(token.number("iat").unwrap_or_default().floor() as i64),
    };
    check(&logout.try_decode(&text), expected, &token.logout_faults(), &input);
});

fn check<T: Debug + PartialEq>(
    outcome: &Result<T, OidcError>,
    expected: T,
    faults: &Faults,
    input: &Input,
) {
    match outcome {
        Ok(found) => {
            assert!(faults.is_empty(), "accepted in spite of {faults:?}: {input:?}");
            assert_eq!(*found, expected);
        }
        Err(error) => {
            assert!(faults.contains(error.code()), "{error:?}, expected {faults:?}: {input:?}");
        }
    }
}
