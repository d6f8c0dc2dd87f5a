//! Public keys: each algorithm verifies and signs the typical token, beside the other crates and
//! beside the bare signature of the backend.

use std::{hint::black_box, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use graviola::{
    hashing::{Sha256, Sha384},
    signing::{
        ecdsa::{self, P256, P384},
        eddsa::Ed25519SigningKey,
        rsa,
    },
};
use jwt_codec::{Algorithm, PrivateKey, PublicKey};
use jwt_simple::prelude::{
    ECDSAP256KeyPairLike, ECDSAP256PublicKeyLike, ECDSAP384KeyPairLike, ECDSAP384PublicKeyLike,
    ES256KeyPair, ES256PublicKey, ES384KeyPair, ES384PublicKey, Ed25519KeyPair, Ed25519PublicKey,
    EdDSAKeyPairLike, EdDSAPublicKeyLike, JWTClaims, PS256KeyPair, PS256PublicKey, RS256KeyPair,
    RS256PublicKey, RSAKeyPairLike, RSAPublicKeyLike,
};

use crate::{
    claims::{Profile, Session},
    contests::policy,
    peers::{JsonWebToken, Provider, simple_options},
    race::{Candidate, Timing, race},
};

/// For one race.
const TIME: Duration = Duration::from_secs(5);

/// One operation with one algorithm.
pub struct Field {
    pub ours: Timing,
    /// The signature alone, made or checked.
    pub bare: Timing,
    pub aws_lc: Timing,
    pub rust_crypto: Timing,
    pub simple: Timing,
}

impl Field {
    pub fn fastest_other(&self) -> f64 {
        self.aws_lc.min.min(self.rust_crypto.min).min(self.simple.min)
    }

    /// What the crate takes over the signature, in nanoseconds.
    pub fn over_bare(&self) -> f64 {
        self.ours.min - self.bare.min
    }
}

pub struct Contest {
    pub name: &'static str,
    pub verify: Field,
    pub sign: Field,
}

type Call<Given, Gives> = Box<dyn Fn(&Given) -> Gives>;

/// What the backend does with its own keys, which it knows by their kind.
struct Bare {
    sign: Call<str, Vec<u8>>,
    /// Of a text and its signature.
    verify: Call<(String, Vec<u8>), bool>,
}

/// What `jwt-simple` does, which has two types for each algorithm.
struct Simple {
    sign: Call<JWTClaims<Profile>, Option<String>>,
    verify: Call<str, Option<JWTClaims<Profile>>>,
    public_pem: String,
}

macro_rules! simple {
    ($pair:ty, $pem:expr, $public_pem:expr) => {{
        let pair = <$pair>::from_pem($pem).expect("it reads PKCS#8");
        let public = pair.public_key();
        let options = simple_options();
        Simple {
            public_pem: $public_pem(&public),
            sign: Box::new(move |claims| pair.sign(claims.clone()).ok()),
            verify: Box::new(move |token| public.verify_token(token, Some(options.clone())).ok()),
        }
    }};
}

pub fn contests() -> [Contest; 5] {
    [
        contest("RS256", Algorithm::Rs256, jsonwebtoken::Algorithm::RS256),
        contest("PS256", Algorithm::Ps256, jsonwebtoken::Algorithm::PS256),
        contest("ES256", Algorithm::Es256, jsonwebtoken::Algorithm::ES256),
        contest("ES384", Algorithm::Es384, jsonwebtoken::Algorithm::ES384),
        contest("EdDSA", Algorithm::EdDsa, jsonwebtoken::Algorithm::EdDSA),
    ]
}

fn contest(name: &'static str, algorithm: Algorithm, theirs: jsonwebtoken::Algorithm) -> Contest {
    eprintln!("{name} …");
    let private = PrivateKey::generate(algorithm).expect("this processor is supported");
    let public = private.public_key();
    let pem = private.to_pem();
    let simple = match algorithm {
        Algorithm::Rs256 => {
            simple!(RS256KeyPair, &pem, |key: &RS256PublicKey| key.to_pem().unwrap())
        }
        Algorithm::Ps256 => {
            simple!(PS256KeyPair, &pem, |key: &PS256PublicKey| key.to_pem().unwrap())
        }
        Algorithm::Es256 => {
            simple!(ES256KeyPair, &pem, |key: &ES256PublicKey| key.to_pem().unwrap())
        }
        Algorithm::Es384 => {
            simple!(ES384KeyPair, &pem, |key: &ES384PublicKey| key.to_pem().unwrap())
        }
        _ => simple!(Ed25519KeyPair, &pem, Ed25519PublicKey::to_pem),
    };
    let peer = |provider| JsonWebToken::with_pem(provider, theirs, &pem, &simple.public_pem);
    let (aws_lc, rust_crypto) = (peer(Provider::AwsLc), peer(Provider::RustCrypto));
    let bare = bare(algorithm, &pem);

    let session = Session::typical();
    let simple_claims: JWTClaims<Profile> = session.clone().into();
    let policy = policy();
    let ours = |token: &str, key: &PublicKey| jwt_codec::decode::<Session>(token, key, &policy);

    let token = jwt_codec::encode(&session, &private).unwrap();
    let (signing_input, _) = token.rsplit_once('.').unwrap();
    let signed = (signing_input.to_owned(), (bare.sign)(signing_input));
    for token in [
        &token,
        &aws_lc.encode(&session).unwrap(),
        &rust_crypto.encode(&session).unwrap(),
        &(simple.sign)(&simple_claims).unwrap(),
    ] {
        assert_eq!(ours(token, &public).unwrap().claims, session);
        assert_eq!(aws_lc.decode(token).unwrap().claims, session);
        assert_eq!(rust_crypto.decode(token).unwrap().claims, session);
        assert!((simple.verify)(token).is_some());
    }

    let [own, alone, aws, rust, theirs] = race(
        TIME,
        [
            Candidate::new(|| ours(black_box(&token), &public).unwrap()),
            Candidate::new(|| assert!((bare.verify)(black_box(&signed)))),
            Candidate::new(|| aws_lc.decode(black_box(&token)).unwrap()),
            Candidate::new(|| rust_crypto.decode(black_box(&token)).unwrap()),
            Candidate::new(|| (simple.verify)(black_box(&token)).unwrap()),
        ],
    );
    let verify = Field { ours: own, bare: alone, aws_lc: aws, rust_crypto: rust, simple: theirs };
    let [own, alone, aws, rust, theirs] = race(
        TIME,
        [
            Candidate::new(|| jwt_codec::encode(black_box(&session), &private).unwrap()),
            Candidate::new(|| (bare.sign)(black_box(signing_input))),
            Candidate::new(|| aws_lc.encode(black_box(&session)).unwrap()),
            Candidate::new(|| rust_crypto.encode(black_box(&session)).unwrap()),
            Candidate::new(|| (simple.sign)(black_box(&simple_claims)).unwrap()),
        ],
    );
    let sign = Field { ours: own, bare: alone, aws_lc: aws, rust_crypto: rust, simple: theirs };
    Contest { name, verify, sign }
}

fn bare(algorithm: Algorithm, pem: &str) -> Bare {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pkcs8 = STANDARD.decode(text).expect("it is PEM");
    match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => {
            let key = rsa::SigningKey::from_pkcs8_der(&pkcs8).expect("it is RSA");
            let public = key.public_key();
            let pss = algorithm == Algorithm::Ps256;
            Bare {
                sign: Box::new(move |text| {
                    let mut buffer = [0; 256];
                    let signature = if pss {
                        key.sign_pss_sha256(&mut buffer, text.as_bytes())
                    } else {
                        key.sign_pkcs1_sha256(&mut buffer, text.as_bytes())
                    };
                    signature.expect("it signs").to_vec()
                }),
                verify: Box::new(move |(text, signature)| {
                    if pss {
                        public.verify_pss_sha256(signature, text.as_bytes()).is_ok()
                    } else {
                        public.verify_pkcs1_sha256(signature, text.as_bytes()).is_ok()
                    }
                }),
            }
        }
        Algorithm::Es256 => {
            let key = ecdsa::SigningKey::<P256>::from_pkcs8_der(&pkcs8).expect("it is P-256");
            let point = key.private_key.public_key_uncompressed();
            let public = ecdsa::VerifyingKey::<P256>::from_x962_uncompressed(&point).unwrap();
            Bare {
                sign: Box::new(move |text| {
                    key.sign::<Sha256>(&[text.as_bytes()], &mut [0; 64]).unwrap().to_vec()
                }),
                verify: Box::new(move |(text, signature)| {
                    public.verify::<Sha256>(&[text.as_bytes()], signature).is_ok()
                }),
            }
        }
        Algorithm::Es384 => {
            let key = ecdsa::SigningKey::<P384>::from_pkcs8_der(&pkcs8).expect("it is P-384");
            let point = key.private_key.public_key_uncompressed();
            let public = ecdsa::VerifyingKey::<P384>::from_x962_uncompressed(&point).unwrap();
            Bare {
                sign: Box::new(move |text| {
                    key.sign::<Sha384>(&[text.as_bytes()], &mut [0; 96]).unwrap().to_vec()
                }),
                verify: Box::new(move |(text, signature)| {
                    public.verify::<Sha384>(&[text.as_bytes()], signature).is_ok()
                }),
            }
        }
        _ => {
            let key = Ed25519SigningKey::from_pkcs8_der(&pkcs8).expect("it is Ed25519");
            let public = key.public_key();
            Bare {
                sign: Box::new(move |text| key.sign(text.as_bytes()).to_vec()),
                verify: Box::new(move |(text, signature)| {
                    public.verify(signature, text.as_bytes()).is_ok()
                }),
            }
        }
    }
}
