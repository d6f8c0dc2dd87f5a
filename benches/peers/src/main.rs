//! `jwt-codec` compared with other crates and with a hand-written baseline: prints tables in
//! Markdown, and with `--chart` draws `docs/bench.svg`.

mod baseline;
mod chart;
mod claims;
mod contests;
mod peers;
mod public_keys;
mod race;
mod report;

use std::{error::Error, path::Path};

use crate::{
    chart::{Bar, Panel},
    contests::{Field, KeySets, Payload},
    peers::Provider,
    public_keys::Contest,
    race::Timing,
    report::{Target, head, nanos, row, target, times, timing},
};

fn main() -> Result<(), Box<dyn Error>> {
    Provider::install();
    let (encode, encode_into, baseline_reads_back) = contests::encode();
    let (decode, decode_borrowed, baseline_twice) = contests::decode();
    let (forged, baseline_refuses) = contests::forged();
    let payloads = [100, 300, 1_000, 4_000, 15_000, 60_000].map(contests::payload);
    let key_sets = contests::key_sets();
    let variations = contests::variations();
    let refused = contests::refused_early();
    let [alone, together] = contests::threads();
    let public_keys = public_keys::contests();

    let runners = runners();
    println!("A token of 292 bytes; nanoseconds a call, the fastest round (the median round).");
    head(["", "encode", "decode", "a forged token"]);
    for Runner { name, timing_of } in &runners {
        let cell = |field: &Field| beside(timing_of(field), field);
        row([name, &cell(&encode), &cell(&decode), &cell(&forged)]);
    }
    row([
        "jwt-codec, `encode_into` and `decode_borrowed`",
        &beside(encode_into, &encode),
        &beside(decode_borrowed, &decode),
        "",
    ]);
    row([
        "hand-written baseline, with each step of this crate",
        &beside(baseline_reads_back, &encode),
        &beside(baseline_twice, &decode),
        &beside(baseline_refuses, &forged),
    ]);
    println!("{NOTES}");
    print_payloads(&payloads);
    print_key_sets(&key_sets);
    print_public_keys(&public_keys);
    let each = format!("{} ({} alone)", nanos(together.min), nanos(alone.min));
    println!("\nA decode while another thread does the same: {each}.");

    head(["what", "measured", "target", "met"]);
    let to = |what: &str, peer: f64, own: Timing, least: f64| {
        target(what, peer / own.min, Target::AtLeast(least));
    };
    to("`decode`: the better jsonwebtoken", decode.jsonwebtoken(), decode.ours, 2.2);
    to("`decode`: jwt-compact", decode.compact.min, decode.ours, 2.2);
    to("`decode_borrowed`: the better jsonwebtoken", decode.jsonwebtoken(), decode_borrowed, 2.5);
    to("`decode_borrowed`: jwt-compact", decode.compact.min, decode_borrowed, 2.5);
    to("`encode`: the fastest other", encode.fastest_other(), encode.ours, 1.0);
    to("`encode_into`: the fastest other", encode.fastest_other(), encode_into, 1.1);
    let ratio = |what: &str, time: Timing, to: Timing, most: f64| {
        target(what, time.min / to.min, Target::AtMost(most));
    };
    ratio("`decode` to the baseline", decode.ours, decode.baseline, 1.28);
    ratio("`Claims<T>` to a struct", variations.claims, variations.own_struct, 1.2);
    ratio("an expired token to a decode", variations.expired, variations.own_struct, 0.75);
    ratio("a forged token to HMAC alone", forged.ours, forged.baseline, 1.2);
    for (order, time) in variations.kid {
        ratio(&format!("header with {order} to one without kid"), time, variations.own_struct, 1.1);
    }
    for (what, time) in refused {
        target(what, time.min, Target::Under(5_000.0));
    }
    for (len, with_kid) in key_sets.with_kid {
        ratio(&format!("`KeySet` of {len} to one key"), with_kid, key_sets.without_kid, 1.1);
    }
    for Contest { name, verify, sign } in &public_keys {
        for (operation, field) in [("verify", verify), ("sign", sign)] {
            let what = format!("{operation} {name}: over the bare signature");
            target(&what, field.over_bare(), Target::Under(3_000.0));
            // Where aws-lc is faster by itself, there is no aim.
            if matches!((operation, *name), ("verify", "RS256" | "PS256") | (_, "ES256" | "EdDSA"))
            {
                to(
                    &format!("{operation} {name}: the fastest other"),
                    field.fastest_other(),
                    field.ours,
                    1.0,
                );
            }
        }
    }
    target("two threads to one", 2.0 * alone.min / together.min, Target::AtLeast(1.9));

    if std::env::args().any(|argument| argument == "--chart") {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let mut panels = vec![
            panel("decode HS256", &runners, &decode, "decode_borrowed", decode_borrowed),
            panel("encode HS256", &runners, &encode, "encode_into", encode_into),
        ];
        panels.extend(
            public_keys.iter().map(|contest| of_public_key("verify", contest, &contest.verify)),
        );
        panels.extend(
            public_keys.iter().map(|contest| of_public_key("sign", contest, &contest.sign)),
        );
        let today = chrono::Utc::now().date_naive();
        let caption = format!("Time a call; lower is better. {}, {today}.", processor());
        chart::draw(&docs.join("bench.svg"), &caption, &mut panels)?;
    }
    Ok(())
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
asks the system for the time (decode), reads back what it wrote (encode), and splits the forged \
token, decodes its signature and compares it.";

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

/// The bars of one operation, with this crate's quicker way.
fn panel(
    title: &str,
    runners: &[Runner],
    field: &Field,
    quicker_way: &str,
    quicker: Timing,
) -> Panel {
    let quicker = Bar { label: format!("{OURS}, {quicker_way}"), nanos: quicker.min, ours: true };
    let others = runners.iter().filter(|runner| runner.name != BASELINE).map(|runner| Bar {
        label: runner.name.clone(),
        nanos: (runner.timing_of)(field).min,
        ours: runner.name == OURS,
    });
    Panel { title: title.into(), bars: others.chain([quicker]).collect() }
}

fn of_public_key(operation: &str, contest: &Contest, field: &public_keys::Field) -> Panel {
    let [_, rust_crypto, aws_lc, _, simple, _] = runners().map(|runner| runner.name);
    let bar = |label: String, time: Timing| Bar { ours: label == OURS, label, nanos: time.min };
    Panel {
        title: format!("{operation} {}", contest.name),
        bars: vec![
            bar(OURS.into(), field.ours),
            bar(aws_lc, field.aws_lc),
            bar(rust_crypto, field.rust_crypto),
            bar(simple, field.simple),
        ],
    }
}

/// What the system calls the processor.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.into(), |(_, name)| name.to_owned())
}
