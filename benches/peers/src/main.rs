//! `jwt-codec` compared with other crates and with a hand-written baseline: prints the tables of
//! `docs/performance.md` in Markdown, tells on standard error which figures are as they should be, and
//! with `--chart` draws `docs/bench.svg`.

mod baseline;
mod chart;
mod claims;
mod contests;
mod issuer;
mod peers;
mod public_keys;
mod race;
mod report;

use std::{error::Error, path::Path};

use crate::{
    chart::{Group, Row},
    contests::{Field, KeySets, NewKeys, Payload, Variations},
    peers::Provider,
    public_keys::Contest,
    race::Timing,
    report::{Target, head, judge, nanos, row, times, timing},
};

/// Everything that is measured.
struct Measurements {
    encode: Field,
    encode_into: Timing,
    decode: Field,
    decode_borrowed: Timing,
    /// The baseline's decode, when it reads the payload twice.
    baseline_twice: Timing,
    forged: Field,
    /// The baseline refuses a forged token.
    baseline_refuses: Timing,
    keys_of_text: NewKeys,
    keys_of_random_bytes: NewKeys,
    payloads: [Payload; 6],
    key_sets: KeySets,
    /// A token of an issuer: `try_decode`, and a decode with the same key.
    issuer: [Timing; 2],
    variations: Variations,
    refused: [(&'static str, Timing); 4],
    /// A decode on one thread.
    alone: Timing,
    /// A decode on each of two threads.
    together: Timing,
    public_keys: [Contest; 5],
}

fn main() -> Result<(), Box<dyn Error>> {
    Provider::install();
    let measured = measure();
    print_crates(&measured);
    print_new_keys(&measured);
    print_variations(&measured);
    print_payloads(&measured.payloads);
    print_key_sets(&measured.key_sets);
    print_public_keys(&measured.public_keys);
    judge_all(&measured);
    if std::env::args().any(|argument| argument == "--chart") {
        draw_chart(&measured)?;
    }
    Ok(())
}

fn measure() -> Measurements {
    let (encode, encode_into) = contests::encode();
    let (decode, decode_borrowed, baseline_twice) = contests::decode();
    let (forged, baseline_refuses) = contests::forged();
    let [alone, together] = contests::threads();
    Measurements {
        encode,
        encode_into,
        decode,
        decode_borrowed,
        baseline_twice,
        forged,
        baseline_refuses,
        keys_of_text: contests::new_keys_of_text(),
        keys_of_random_bytes: contests::new_keys_of_random_bytes(),
        payloads: [100, 300, 1_000, 4_000, 15_000, 60_000].map(contests::payload),
        key_sets: contests::key_sets(),
        issuer: issuer::contest(),
        variations: contests::variations(),
        refused: contests::refused_early(),
        alone,
        together,
        public_keys: public_keys::contests(),
    }
}

fn print_crates(measured: &Measurements) {
    let Measurements { encode, decode, forged, .. } = measured;
    println!("A token of 292 bytes; nanoseconds a call, the fastest round (the median round).");
    head(["", "encode", "decode", "a forged token"]);
    for Runner { name, timing_of } in &runners() {
        let cell = |field: &Field| beside(timing_of(field), field);
        row([name, &cell(encode), &cell(decode), &cell(forged)]);
    }
    row([
        "jwt-codec, `encode_into` and `decode_borrowed`",
        &beside(measured.encode_into, encode),
        &beside(measured.decode_borrowed, decode),
        "",
    ]);
    row([
        "hand-written baseline, with each step of this crate",
        "",
        &beside(measured.baseline_twice, decode),
        &beside(measured.baseline_refuses, forged),
    ]);
    println!("{NOTES}");
}

fn print_new_keys(measured: &Measurements) {
    let Measurements { keys_of_text: text, keys_of_random_bytes: random, .. } = measured;
    head([
        "",
        "64 digits, and an encode",
        "64 digits, and a decode",
        "32 random bytes, and an encode",
        "32 random bytes, and a decode",
    ]);
    for Runner { name, timing_of } in &runners() {
        let cell = |field: &Field| beside(timing_of(field), field);
        let [text_encode, text_decode] = [cell(&text.encode), cell(&text.decode)];
        row([name, &text_encode, &text_decode, &cell(&random.encode), &cell(&random.decode)]);
    }
}

fn print_variations(measured: &Measurements) {
    let Measurements { variations, refused, alone, together, .. } = measured;
    let usual = variations.own_struct;
    head(["what", "time", "to a decode"]);
    let compare = |what: &str, time: Timing, to: Timing| {
        row([what, &timing(time), &times(time.min / to.min)]);
    };
    compare("a decode into a struct", usual, usual);
    compare("a decode into `Claims<T>`", variations.claims, usual);
    compare("an expired token", variations.expired, usual);
    for (order, time) in variations.kid {
        compare(&format!("a header with {order}"), time, usual);
    }
    for (what, time) in refused {
        row([what, &timing(*time), ""]);
    }
    compare("a decode while another thread decodes", *together, *alone);
}

fn judge_all(measured: &Measurements) {
    let Measurements { encode, decode, forged, variations, key_sets, .. } = measured;
    let faster = |what: &str, peer: f64, own: Timing, least: f64| {
        judge(what, peer / own.min, Target::AtLeast(least));
    };
    let borrowed = measured.decode_borrowed;
    faster("decode to the better jsonwebtoken", decode.jsonwebtoken(), decode.ours, 1.7);
    faster("decode to jwt-compact", decode.compact.min, decode.ours, 2.0);
    faster("decode_borrowed to the better jsonwebtoken", decode.jsonwebtoken(), borrowed, 2.0);
    faster("encode to the fastest other", encode.fastest_other(), encode.ours, 1.3);
    faster("encode_into to the fastest other", encode.fastest_other(), measured.encode_into, 1.35);
    for (secret, keys) in
        [("text", &measured.keys_of_text), ("random bytes", &measured.keys_of_random_bytes)]
    {
        for (operation, field) in [("decode", &keys.decode), ("encode", &keys.encode)] {
            let what = format!("a key of {secret} made for one {operation} to the fastest other");
            faster(&what, field.fastest_other(), field.ours, 1.0);
        }
    }

    let ratio = |what: &str, time: Timing, to: Timing, most: f64| {
        judge(what, time.min / to.min, Target::AtMost(most));
    };
    ratio("decode to the baseline", decode.ours, decode.baseline, 1.35);
    ratio("a forged token to HMAC alone", forged.ours, forged.baseline, 1.25);
    ratio("Claims<T> to a struct", variations.claims, variations.own_struct, 1.2);
    ratio("an expired token to a decode", variations.expired, variations.own_struct, 0.75);
    for (order, time) in variations.kid {
        ratio(&format!("header with {order} to one without kid"), time, variations.own_struct, 1.1);
    }
    for (len, with_kid) in key_sets.with_kid {
        ratio(&format!("KeySet of {len} to one key"), with_kid, key_sets.without_kid, 1.1);
    }
    for (what, time) in measured.refused {
        judge(what, time.min, Target::Under(5_000.0));
    }
    for Contest { name, verify, sign } in &measured.public_keys {
        for (operation, field) in [("verify", verify), ("sign", sign)] {
            let what = format!("{operation} {name} over the bare signature");
            judge(&what, field.over_bare(), Target::Under(3_000.0));
            // Where aws-lc is faster by itself, nothing is expected.
            if matches!((operation, *name), ("verify", "RS256" | "PS256") | (_, "ES256" | "EdDSA"))
            {
                let what = format!("{operation} {name} to the fastest other");
                faster(&what, field.fastest_other(), field.ours, 1.0);
            }
        }
    }
    let [try_decode, decode] = measured.issuer;
    ratio("`try_decode` of an issuer to a decode", try_decode, decode, 1.1);
    let threads = 2.0 * measured.alone.min / measured.together.min;
    judge("two threads to one", threads, Target::AtLeast(1.9));
}

/// Who takes part in a [`Field`], by the names to print.
struct Runner {
    name: String,
    timing_of: fn(&Field) -> Timing,
}

const OURS: &str = "jwt-codec";
const BASELINE: &str = "hand-written baseline";

fn runners() -> [Runner; 6] {
    let runner = |name: &str, timing_of| Runner { name: name.into(), timing_of };
    let jsonwebtoken = release("jsonwebtoken");
    [
        runner(OURS, |field| field.ours),
        runner(&format!("{jsonwebtoken}, rust_crypto"), |field| field.rust_crypto),
        runner(&format!("{jsonwebtoken}, aws_lc_rs"), |field| field.aws_lc),
        runner(&release("jwt-compact"), |field| field.compact),
        runner(&format!("{}, pure-rust", release("jwt-simple")), |field| field.simple),
        runner(BASELINE, |field| field.baseline),
    ]
}

/// The name with the version that was measured.
fn release(name: &str) -> String {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let (_, rest) =
        include_str!("../../../Cargo.lock").split_once(&entry).expect("it is a dependency");
    let (version, _) = rest.split_once('"').expect("the version is quoted");
    format!("{name} {version}")
}

fn beside(own: Timing, field: &Field) -> String {
    format!("{}, {}", timing(own), times(own.min / field.ours.min))
}

const NOTES: &str = "
× is the time to jwt-codec's. Claims: sub, iss, aud, iat, exp, name and two roles. Checked: the \
signature, exp, nbf where there is one, iss and aud, without leeway.

- jsonwebtoken is told to check nbf and to require iss and aud, which it does not do by default. It \
computes the HMAC state from the key again for each call.
- jwt-compact checks exp. Its caller compares iss and aud here. It computes the HMAC state for each \
call as well, and reads the caller's type through `flatten`.
- jwt-simple also checks that iat is not in the future. It accepts claims and options by value, so \
each call copies them. It computes the HMAC state for each call, and reads through `flatten`.
- Only jwt-codec rejects duplicate names, registered claims of a wrong type (checked or not) and a \
typ that is not JWT.
- The baseline is hmac, base64 with SIMD and `serde_json::from_slice`, written by hand. It checks the \
signature and nothing else. For a forged token it is HMAC alone.
- The baseline with each step of this crate still checks nothing else. It reads the payload twice and \
asks the system for the time (decode), and splits the forged token, decodes its signature and \
compares it.";

fn print_payloads(payloads: &[Payload]) {
    head([
        "payload",
        "decode",
        "a byte of JSON",
        "the baseline",
        "decode to the baseline",
        "decode, nothing kept",
    ]);
    for payload in payloads {
        row([
            &format!("{} B", payload.json_len),
            &timing(payload.decode),
            &format!("{:.2} ns", payload.nanos_per_byte()),
            &timing(payload.baseline),
            &times(payload.to_baseline()),
            &timing(payload.kept_nothing),
        ]);
    }
}

fn print_key_sets(key_sets: &KeySets) {
    head(["keys", "decode", "to one key without kid"]);
    row(["one, without kid", &timing(key_sets.without_kid), &times(1.0)]);
    for (len, with_kid) in &key_sets.with_kid {
        let ratio = with_kid.min / key_sets.without_kid.min;
        row([&format!("{len} by kid"), &timing(*with_kid), &times(ratio)]);
    }
}

fn print_public_keys(contests: &[Contest]) {
    let [_, rust_crypto, aws_lc, _, simple, _] = runners().map(|runner| runner.name);
    head(["", OURS, "the signature alone", &aws_lc, &rust_crypto, &simple]);
    for Contest { name, verify, sign } in contests {
        for (operation, field) in [("verify", verify), ("sign", sign)] {
            let cell =
                |time: Timing| format!("{}, {}", nanos(time.min), times(time.min / field.ours.min));
            row([
                &format!("{operation} {name}"),
                &timing(field.ours),
                &cell(field.bare),
                &cell(field.aws_lc),
                &cell(field.rust_crypto),
                &cell(field.simple),
            ]);
        }
    }
}

fn draw_chart(measured: &Measurements) -> Result<(), Box<dyn Error>> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let releases = [OURS, "jsonwebtoken", "jwt-compact", "jwt-simple"].map(release).join(", ");
    let (processor, today) = (processor(), chrono::Utc::now().date_naive());
    let caption = [
        "Microseconds for a call; shorter is better. Each panel has a scale of its own.".to_owned(),
        format!("{releases}. {processor}, {today}."),
    ];
    let groups = [
        hmac_group(measured),
        public_key_group("Verify with a public key", &measured.public_keys, |contest| {
            &contest.verify
        }),
        public_key_group("Sign with a private key", &measured.public_keys, |contest| &contest.sign),
    ];
    chart::draw(&docs.join("bench.svg"), &caption, &groups)?;
    Ok(())
}

fn hmac_group(measured: &Measurements) -> Group {
    let Measurements { encode, decode, forged, keys_of_text: keys, .. } = measured;
    let fields = [decode, encode, forged, &keys.decode, &keys.encode];
    let row = |label: &str, timing_of: fn(&Field) -> Timing| Row {
        label: label.into(),
        ours: label == OURS,
        nanos: fields.map(|field| Some(timing_of(field).min)).to_vec(),
    };
    let (borrowed, into) = (measured.decode_borrowed.min, measured.encode_into.min);
    let with_a_buffer = Row {
        label: format!("{OURS}, with a buffer"),
        ours: true,
        nanos: vec![Some(borrowed), Some(into), None, None, None],
    };
    let columns = ["decode", "encode", "a forged token", "new key, decode", "new key, encode"];
    Group {
        title: "HS256".into(),
        columns: columns.map(String::from).to_vec(),
        rows: vec![
            row(OURS, |field| field.ours),
            with_a_buffer,
            row("jsonwebtoken, rust_crypto", |field| field.rust_crypto),
            row("jsonwebtoken, aws_lc_rs", |field| field.aws_lc),
            row("jwt-compact", |field| field.compact),
            row("jwt-simple", |field| field.simple),
        ],
    }
}

fn public_key_group(
    title: &str,
    contests: &[Contest],
    field_of: fn(&Contest) -> &public_keys::Field,
) -> Group {
    let row = |label: &str, timing_of: fn(&public_keys::Field) -> Timing| Row {
        label: label.into(),
        ours: label == OURS,
        nanos: contests.iter().map(|contest| Some(timing_of(field_of(contest)).min)).collect(),
    };
    Group {
        title: title.into(),
        columns: contests.iter().map(|contest| contest.name.into()).collect(),
        rows: vec![
            row(OURS, |field| field.ours),
            row("jsonwebtoken, rust_crypto", |field| field.rust_crypto),
            row("jsonwebtoken, aws_lc_rs", |field| field.aws_lc),
            row("jwt-simple", |field| field.simple),
        ],
    }
}

/// What the system calls the processor.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.into(), |(_, name)| name.to_owned())
}
