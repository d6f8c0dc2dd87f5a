//! The other crates, each with the key and the policy made once, as its documentation has it.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, Ordering},
};

use chrono::{TimeDelta, Utc};
use jsonwebtoken::crypto::{CryptoProvider, KeyUtils, aws_lc, rust_crypto};
use jwt_compact::{
    AlgorithmExt, UntrustedToken,
    alg::{Hs256, Hs256Key},
};
use jwt_simple::prelude::{HS256Key, JWTClaims, MACLike, VerificationOptions};

use crate::claims::{AUDIENCE, CompactSession, ISSUER, Profile, Session};

/// Which of `jsonwebtoken`'s providers is at work.
#[derive(Clone, Copy)]
pub enum Provider {
    RustCrypto,
    AwsLc,
}

/// `jsonwebtoken` takes one provider a process, for good. This one hands over to either, at the
/// price of reading a flag, so that both can take turns.
static SWITCH: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| (chosen().signer_factory)(algorithm, key),
    verifier_factory: |algorithm, key| (chosen().verifier_factory)(algorithm, key),
    // For JWKs, of which there are none here.
    key_utils: KeyUtils::new_unimplemented(),
};

static AWS_LC_CHOSEN: AtomicBool = AtomicBool::new(false);

fn chosen() -> &'static CryptoProvider {
    if AWS_LC_CHOSEN.load(Ordering::Relaxed) {
        &aws_lc::DEFAULT_PROVIDER
    } else {
        &rust_crypto::DEFAULT_PROVIDER
    }
}

impl Provider {
    /// Makes both providers available. To be called once.
    pub fn install() {
        SWITCH.install_default().expect("no provider is installed yet");
    }

    fn choose(self) {
        AWS_LC_CHOSEN.store(matches!(self, Self::AwsLc), Ordering::Relaxed);
    }
}

pub struct JsonWebToken {
    provider: Provider,
    header: jsonwebtoken::Header,
    encoding_key: jsonwebtoken::EncodingKey,
    decoding_key: jsonwebtoken::DecodingKey,
    validation: jsonwebtoken::Validation,
}

impl JsonWebToken {
    pub fn new(provider: Provider, secret: &[u8]) -> Self {
        let keys = (encoding_key(secret), decoding_key(secret));
        Self::with_keys(provider, jsonwebtoken::Algorithm::HS256, keys)
    }

    pub fn renew_encoding_key(&mut self, secret: &[u8]) {
        self.encoding_key = encoding_key(secret);
    }

    pub fn renew_decoding_key(&mut self, secret: &[u8]) {
        self.decoding_key = decoding_key(secret);
    }

    pub fn with_pem(
        provider: Provider,
        algorithm: jsonwebtoken::Algorithm,
        private: &str,
        public: &str,
    ) -> Self {
        use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};

        let (private, public) = (private.as_bytes(), public.as_bytes());
        let (encoding, decoding) = match algorithm {
            Algorithm::RS256 | Algorithm::PS256 => {
                (EncodingKey::from_rsa_pem(private), DecodingKey::from_rsa_pem(public))
            }
            Algorithm::ES256 | Algorithm::ES384 => {
                (EncodingKey::from_ec_pem(private), DecodingKey::from_ec_pem(public))
            }
            _ => (EncodingKey::from_ed_pem(private), DecodingKey::from_ed_pem(public)),
        };
        let keys = (encoding.expect("it reads PKCS#8"), decoding.expect("it reads an SPKI"));
        Self::with_keys(provider, algorithm, keys)
    }

    fn with_keys(
        provider: Provider,
        algorithm: jsonwebtoken::Algorithm,
        (encoding_key, decoding_key): (jsonwebtoken::EncodingKey, jsonwebtoken::DecodingKey),
    ) -> Self {
        let mut validation = jsonwebtoken::Validation::new(algorithm);
        validation.leeway = 0;
        validation.validate_nbf = true;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        Self {
            provider,
            header: jsonwebtoken::Header::new(algorithm),
            encoding_key,
            decoding_key,
            validation,
        }
    }

    pub fn encode(&self, claims: &Session) -> Option<String> {
        self.provider.choose();
        jsonwebtoken::encode(&self.header, claims, &self.encoding_key).ok()
    }

    pub fn decode(&self, token: &str) -> Option<jsonwebtoken::TokenData<Session>> {
        self.provider.choose();
        jsonwebtoken::decode(token, &self.decoding_key, &self.validation).ok()
    }
}

fn encoding_key(secret: &[u8]) -> jsonwebtoken::EncodingKey {
    jsonwebtoken::EncodingKey::from_secret(secret).expect("the secret is not empty")
}

fn decoding_key(secret: &[u8]) -> jsonwebtoken::DecodingKey {
    jsonwebtoken::DecodingKey::from_secret(secret).expect("the secret is not empty")
}

pub struct JwtCompact {
    header: jwt_compact::Header,
    key: Hs256Key,
    time: jwt_compact::TimeOptions,
}

impl JwtCompact {
    pub fn new(secret: &[u8]) -> Self {
        Self {
            header: jwt_compact::Header::empty().with_token_type("JWT"),
            key: Hs256Key::new(secret),
            time: jwt_compact::TimeOptions::new(TimeDelta::zero(), Utc::now),
        }
    }

    pub fn renew_key(&mut self, secret: &[u8]) {
        self.key = Hs256Key::new(secret);
    }

    pub fn encode(&self, claims: &jwt_compact::Claims<CompactSession>) -> Option<String> {
        Hs256.token(&self.header, claims, &self.key).ok()
    }

    /// It knows of `exp` alone; `iss` and `aud` are compared here, as its user would have to.
    pub fn decode(&self, token: &str) -> Option<jwt_compact::Token<CompactSession>> {
        let token = UntrustedToken::new(token).ok()?;
        let token = Hs256.validator(&self.key).validate(&token).ok()?;
        let claims: &jwt_compact::Claims<CompactSession> = token.claims();
        claims.validate_expiration(&self.time).ok()?;
        (claims.custom.iss == ISSUER && claims.custom.aud == AUDIENCE).then_some(token)
    }
}

pub struct JwtSimple {
    key: HS256Key,
    options: VerificationOptions,
}

impl JwtSimple {
    pub fn new(secret: &[u8]) -> Self {
        Self { key: HS256Key::from_bytes(secret), options: simple_options() }
    }

    pub fn renew_key(&mut self, secret: &[u8]) {
        self.key = HS256Key::from_bytes(secret);
    }

    /// It takes the claims by value, so each call gets a copy.
    pub fn encode(&self, claims: &JWTClaims<Profile>) -> Option<String> {
        self.key.authenticate(claims.clone()).ok()
    }

    /// It takes the options by value, so each call gets a copy.
    pub fn decode(&self, token: &str) -> Option<JWTClaims<Profile>> {
        self.key.verify_token(token, Some(self.options.clone())).ok()
    }
}

pub fn simple_options() -> VerificationOptions {
    VerificationOptions {
        allowed_issuers: Some(HashSet::from([ISSUER.into()])),
        allowed_audiences: Some(HashSet::from([AUDIENCE.into()])),
        time_tolerance: None,
        ..VerificationOptions::default()
    }
}
