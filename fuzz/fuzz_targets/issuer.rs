//! Any bytes as what an issuer answers. The first line has the status of the discovery document and
//! of the JWK Set (0 is no answer at all), the longest body that counts, and perhaps the algorithm of
//! keys that name none and the `kid` of a token; the second line is the document, and the rest is the
//! set.
//!
//! A plain second reading of the rules says which keys count, or what is wrong, and which URLs are
//! asked. No URL leads to this machine. Keys stay if nothing better comes, and are replaced as a
//! whole if it does. No secret of a set verifies a token, and no error quotes a body at length.

#![no_main]

use std::{
    collections::HashSet,
    future::pending,
    str,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use jwt_codec::{Algorithm, Header, KeySet, PrivateKey, PublicKey, sign};
use jwt_codec_fuzz::{
    MAX_SKIPPED, Members, ReservedNames, decode_base64url, encode_base64url,
    expand::expand,
    header_and_payload, mac,
    public_keys::{check_quotes, example},
    reserved_names,
};
use jwt_codec_oidc::{
    AccessTokenVerifier, Fetch, FetchError, FetchFuture, FetchRequest, FetchResponse, Issuer,
    IssuerBuilder,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, value::RawValue};
use url::{Host, Url};

const NAME: &str = "https://login.example";
const DISCOVERY: &str = "https://login.example/.well-known/openid-configuration";
const JWKS: &str = "https://login.example/jwks";
/// The longest page that is tried. Longer sets are read by the target `jwk`.
const MAX_PAGE: usize = (1 << 16) + 4_096;
const TIMEOUT: Duration = Duration::from_secs(5);
const CLAIMS: &str = r#"{"iss":"https://login.example","aud":"api","sub":"ada","client_id":"app","iat":1,"jti":"1","exp":9000000000}"#;

/// A key of the issuer. Its tokens are good as long as the issuer publishes it.
struct Signer {
    private: PrivateKey,
    public: PublicKey,
}

impl Signer {
    fn new(id: &str, algorithm: Algorithm) -> Self {
        let private = example(algorithm);
        let public = private.public_key().with_id(id);
        Self { private, public }
    }

    fn token(&self, kid: Option<&str>) -> String {
        let header = Header::new().with_typ("at+jwt");
        let header = kid.into_iter().fold(header, Header::with_kid);
        sign(&header, CLAIMS.as_bytes(), &self.private).expect("it signs")
    }

    /// Whether a token is good under these keys. Without a `kid` all are tried; otherwise those of
    /// that id, and if there are none, those without an id.
    fn is_in(&self, keys: &[PublicKey], kid: Option<&str>) -> bool {
        let id = kid.filter(|kid| keys.iter().any(|key| key.id() == Some(kid)));
        keys.iter().any(|key| {
            (kid.is_none() || key.id() == id)
                && key.algorithm() == self.public.algorithm()
                && key.thumbprint() == self.public.thumbprint()
        })
    }
}

/// The first is what the issuer publishes before it answers with the input.
static SIGNERS: LazyLock<[Signer; 2]> = LazyLock::new(|| {
    [Signer::new("old", Algorithm::EdDsa), Signer::new("new", Algorithm::Ed25519)]
});

#[derive(Clone)]
struct Page {
    status: u16,
    body: Vec<u8>,
    names: ReservedNames,
}

impl Page {
    fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let names = str::from_utf8(&body).map_or(ReservedNames::None, reserved_names);
        Self { status, body, names }
    }
}

/// What is answered, and to whom.
#[derive(Clone)]
struct Answers {
    discovery: Page,
    /// At the URL where the set was found before.
    before: Page,
    /// At any other URL.
    set: Page,
    max_body: usize,
    algorithm: Option<Algorithm>,
    /// Of a token, beside those that the signers give theirs.
    kid: String,
}

impl Answers {
    fn read(data: &[u8]) -> Option<Self> {
        let (settings, rest) = header_and_payload(data)?;
        let (discovery, set) = header_and_payload(rest)?;
        let mut settings = str::from_utf8(settings).ok()?.split(' ');
        let mut page = |body| {
            let status = settings.next()?.parse().ok()?;
            Some(Page::new(status, expand(body, MAX_PAGE)?))
        };
        let (discovery, set) = (page(discovery)?, page(set)?);
        Some(Self {
            discovery,
            before: set.clone(),
            set,
            // As much as the good set has.
            max_body: settings.next()?.parse::<usize>().ok()?.max(1_000),
            algorithm: settings.next().and_then(|name| name.parse().ok()),
            kid: settings.next().unwrap_or_default().into(),
        })
    }

    /// The first signer's key.
    fn good(&self) -> Self {
        let keys = KeySet::new().with(SIGNERS[0].public.clone()).expect("one key");
        let set = Page::new(200, keys.public_jwks());
        let discovery = Page::new(200, format!(r#"{{"issuer":"{NAME}","jwks_uri":"{JWKS}"}}"#));
        Self { discovery, before: set.clone(), set, ..self.clone() }
    }

    /// The set has moved away from where it was.
    fn moved(&self) -> Self {
        Self { before: Page::new(404, ""), ..self.clone() }
    }

    fn at(&self, url: &str) -> &Page {
        match url {
            DISCOVERY => &self.discovery,
            JWKS => &self.before,
            _ => &self.set,
        }
    }

    /// What counts, or what is wrong; and which URLs are asked. The reasons of errors are left out.
    fn expected(
        &self,
        before: Option<&str>,
        asked: &mut Vec<String>,
    ) -> Result<PublishedKeys, FetchError> {
        let is_silent = |error: &FetchError| matches!(error, FetchError::TimedOut { .. });
        let Some(before) = before else {
            let url = self.expected_url(asked)?;
            return self.expected_keys(&url, asked);
        };
        let error = match self.expected_keys(before, asked) {
            Err(error) if !is_silent(&error) => error,
            outcome => return outcome,
        };
        match self.expected_url(asked) {
            Ok(url) if url != before => self.expected_keys(&url, asked),
            Err(silence) if is_silent(&silence) => Err(silence),
            Err(refused @ (FetchError::OtherIssuer { .. } | FetchError::LocalAddress { .. })) => {
                Err(refused)
            }
            _ => Err(error),
        }
    }

    fn expected_page(&self, url: &str, asked: &mut Vec<String>) -> Result<&Page, FetchError> {
        asked.push(url.into());
        let page = self.at(url);
        match page.status {
            0 => Err(FetchError::TimedOut { issuer: NAME.into(), timeout: TIMEOUT }),
            200 if page.body.len() > self.max_body => {
                Err(FetchError::TooLarge { url: cut(url), max: self.max_body })
            }
            200 => Ok(page),
            status => Err(FetchError::Status { url: cut(url), status }),
        }
    }

    fn expected_url(&self, asked: &mut Vec<String>) -> Result<String, FetchError> {
        let page = self.expected_page(DISCOVERY, asked)?;
        let not_json = || FetchError::NotJson {
            url: DISCOVERY.into(),
            expected: "a discovery document with `issuer` and `jwks_uri`",
            reason: String::new(),
        };
        let members =
            str::from_utf8(&page.body).ok().and_then(Members::read).ok_or_else(not_json)?;
        let string = |name| {
            let mut values = members.0.iter().filter(|(member, _)| member == name);
            let (Some((_, value)), None) = (values.next(), values.next()) else {
                return Err(not_json());
            };
            serde_json::from_str::<String>(value.get()).map_err(|_| not_json())
        };
        let (issuer, jwks_uri) = (string("issuer")?, string("jwks_uri")?);
        if issuer != NAME {
            return Err(FetchError::OtherIssuer { expected: NAME.into(), found: cut(&issuer) });
        }
        match Url::parse(&jwks_uri) {
            Ok(url) if is_public(&url) => Ok(url.into()),
            _ => Err(FetchError::LocalAddress { url: String::new() }),
        }
    }

    fn expected_keys(
        &self,
        url: &str,
        asked: &mut Vec<String>,
    ) -> Result<PublishedKeys, FetchError> {
        let page = self.expected_page(url, asked)?;
        let text = str::from_utf8(&page.body).ok();
        let text = text.filter(|_| page.names != ReservedNames::Some);
        let Some(jwks) = text.and_then(jwks) else {
            let (url, reason) = (cut(url), String::new());
            return Err(FetchError::NotJson { url, expected: "a JWK Set", reason });
        };
        let mut ids = HashSet::new();
        let read = |jwk: &&RawValue| {
            let key = PublicKey::from_jwk(jwk.get()).or_else(|error| match self.algorithm {
                Some(algorithm) => PublicKey::from_jwk_for(algorithm, jwk.get()),
                None => Err(error),
            });
            // The first of an id and an algorithm is the one that counts.
            key.ok().filter(|key| {
                key.id().is_none_or(|id| ids.insert((id.to_owned(), key.algorithm())))
            })
        };
        let keys: Vec<PublicKey> = jwks.iter().filter_map(read).collect();
        let skipped = (jwks.len() - keys.len()).min(MAX_SKIPPED);
        if keys.is_empty() {
            let (url, reasons) = (cut(url), String::new());
            return Err(FetchError::NoUsableKey { url, skipped, reasons });
        }
        Ok(PublishedKeys { keys, skipped })
    }
}

#[derive(Debug)]
struct PublishedKeys {
    keys: Vec<PublicKey>,
    skipped: usize,
}

fn jwks(text: &str) -> Option<Vec<&RawValue>> {
    let set = Members::read(text).filter(|set| !set.has_repeated_name())?;
    serde_json::from_str(set.get("keys")?).ok()
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(200).collect();
    if short == text { short } else { format!("{short}…") }
}

/// Whether it is https, without a user, and leads to no address of this machine or its network link.
fn is_public(url: &Url) -> bool {
    let is_elsewhere = match url.host() {
        None => false,
        Some(Host::Domain(name)) => {
            let mut labels = name.split('.').filter(|label| !label.is_empty());
            // The root, `.`, has no address.
            labels.next_back().is_none_or(|label| label != "localhost")
        }
        Some(Host::Ipv4(ip)) => is_public_v4(ip.octets()),
        Some(Host::Ipv6(ip)) => {
            let v4 = |start: usize| ip.octets()[start..start + 4].try_into().expect("four");
            match ip.segments() {
                // IPv4 as IPv6, with `::` and `::1` as the addresses 0.0.0.0 and 0.0.0.1.
                [0, 0, 0, 0, 0, 0 | 0xffff, ..]
                | [0, 0, 0, 0, 0xffff, 0, ..]
                | [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(v4(12)),
                [0x2002, ..] => is_public_v4(v4(2)),
                [first, ..] => first & 0xffc0 != 0xfe80,
            }
        }
    };
    url.scheme() == "https" && !url.authority().contains('@') && is_elsewhere
}

fn is_public_v4(octets: [u8; 4]) -> bool {
    !matches!(octets, [0 | 127, ..] | [169, 254, ..])
}

/// Answers, and notes what it is asked for.
#[derive(Clone)]
struct Client(Arc<Mutex<(Answers, Vec<String>)>>);

impl Client {
    fn new(answers: Answers) -> Self {
        Self(Arc::new(Mutex::new((answers, Vec::new()))))
    }

    fn builder(&self) -> IssuerBuilder {
        let Answers { max_body, algorithm, .. } = self.0.lock().expect("nobody panicked").0;
        let builder = Issuer::builder(NAME)
            .client(self.clone())
            .timeout(TIMEOUT)
            .cooldown(Duration::ZERO)
            .max_body(max_body);
        algorithm.into_iter().fold(builder, IssuerBuilder::algorithm_for_unnamed)
    }

    fn answer(&self, answers: &Answers) {
        *self.0.lock().expect("nobody panicked") = (answers.clone(), Vec::new());
    }

    fn asked(&self) -> Vec<String> {
        self.0.lock().expect("nobody panicked").1.clone()
    }
}

impl Fetch for Client {
    fn get(&self, request: FetchRequest) -> FetchFuture<'_> {
        let mut client = self.0.lock().expect("nobody panicked");
        let url = Url::parse(&request.url).expect("it is a URL");
        assert!(is_public(&url), "asked for {url}");
        assert_eq!(request.max_body, client.0.max_body);
        let Page { status, body, .. } = client.0.at(&request.url).clone();
        client.1.push(request.url);
        Box::pin(async move {
            if status == 0 {
                return pending().await;
            }
            Ok(FetchResponse { status, body })
        })
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(answers) = Answers::read(data) else { return };
    if [&answers.discovery, &answers.set].iter().any(|page| page.names == ReservedNames::Perhaps) {
        return;
    }
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("it needs nothing");
    runtime.block_on(async {
        check_start(&answers).await;
        check_refresh(&answers).await;
        check_refresh(&answers.moved()).await;
    });
});

/// An issuer that starts.
async fn check_start(answers: &Answers) {
    let client = Client::new(answers.clone());
    let issuer = client.builder().connect().await;
    let mut urls = Vec::new();
    let expected = answers.expected(None, &mut urls);
    assert_eq!(client.asked(), urls);
    match (issuer, expected) {
        (Ok(issuer), Ok(published)) => check_keys(&issuer, &published, answers).await,
        (Err(error), Err(expected)) => check_error(&error, expected, answers),
        (outcome, expected) => panic!("{outcome:?}, expected {expected:?}"),
    }
}

/// An issuer that had the key of the first signer.
async fn check_refresh(answers: &Answers) {
    let client = Client::new(answers.good());
    let issuer = client.builder().connect().await.expect("the set is good");
    client.answer(answers);
    let outcome = issuer.refresh().await;
    let mut urls = Vec::new();
    let expected = answers.expected(Some(JWKS), &mut urls);
    assert_eq!(client.asked(), urls);
    let published = match (outcome, expected) {
        (Ok(()), Ok(published)) => published,
        (Err(error), Err(expected)) => {
            check_error(&error, expected, answers);
            PublishedKeys { keys: vec![SIGNERS[0].public.clone()], skipped: 0 }
        }
        (outcome, expected) => panic!("{outcome:?}, expected {expected:?}"),
    };
    check_keys(&issuer, &published, answers).await;
}

/// The issuer has these keys and no others.
async fn check_keys(issuer: &Issuer, published: &PublishedKeys, answers: &Answers) {
    let verifier = issuer.access_tokens("api");
    check_secrets(&verifier, &answers.set.body);
    let status = issuer.status();
    assert_eq!((status.keys, status.skipped.len()), (published.keys.len(), published.skipped));
    for signer in &*SIGNERS {
        for kid in [signer.public.id(), Some(&answers.kid), None] {
            let is_good = signer.is_in(&published.keys, kid);
            // A fetch for a key that is not known comes to the same.
            let outcome = verifier.decode::<Value>(&signer.token(kid)).await;
            assert_eq!(outcome.is_ok(), is_good, "{outcome:?} of {:?}, {kid:?}", signer.public);
        }
    }
}

/// Whatever a set has for a secret, everybody knows it.
fn check_secrets(verifier: &AccessTokenVerifier, body: &[u8]) {
    let jwks = str::from_utf8(body).ok().and_then(jwks).unwrap_or_default();
    for jwk in jwks.into_iter().take(4) {
        let members = Members::read(jwk.get()).unwrap_or(Members(Vec::new()));
        let k = members.get("k").and_then(|k| serde_json::from_str::<String>(k).ok());
        let kid = members.get("kid").map_or(String::new(), |kid| format!(r#","kid":{kid}"#));
        let header =
            encode_base64url(format!(r#"{{"alg":"HS256","typ":"at+jwt"{kid}}}"#).as_bytes());
        let input = format!("{header}.{}", encode_base64url(CLAIMS.as_bytes()));
        let secret = k.and_then(|k| decode_base64url(&k));
        for secret in [secret, Some(jwk.get().into())].into_iter().flatten() {
            let token = format!("{input}.{}", mac(Algorithm::Hs256, &secret, &input));
            let outcome = verifier.try_decode::<Value>(&token);
            assert!(outcome.is_err(), "a secret of the set verifies {token}");
        }
    }
}

fn check_error(error: &FetchError, expected: FetchError, answers: &Answers) {
    let said = error.to_string();
    let mut facts = error.clone();
    match &mut facts {
        FetchError::NotJson { expected: "a JWK Set", reason: reasons, .. }
        | FetchError::NoUsableKey { reasons, .. } => {
            let jwks = str::from_utf8(&answers.set.body).ok().and_then(jwks).unwrap_or_default();
            let kids = jwks.iter().take(3).filter_map(|jwk| {
                Members::read(jwk.get())?.get("kid").and_then(|kid| serde_json::from_str(kid).ok())
            });
            let quoted = kids.map(|kid: String| format!("{:?}", cut(&kid)));
            let rest = quoted.fold(reasons.clone(), |rest, kid| rest.replacen(&kid, "", 1));
            check_quotes(&rest, &answers.set.body);
            reasons.clear();
        }
        // Line and column, and no word of the document.
        FetchError::NotJson { reason, .. } => {
            assert!(reason.len() < 60 && !reason.contains(['"', '`']), "{reason}");
            reason.clear();
        }
        FetchError::NotHttps { url } | FetchError::LocalAddress { url } => {
            assert!(url.chars().count() <= 203, "{url}");
            facts = FetchError::LocalAddress { url: String::new() };
        }
        _ => {}
    }
    assert_eq!(facts, expected);
    assert!(said.len() < 9_000, "{said}");
    assert!(!said.contains(|char: char| char.is_control() || turns_text(char)), "{said:?}");
}

/// Characters that change the direction of text, or end a line.
fn turns_text(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
