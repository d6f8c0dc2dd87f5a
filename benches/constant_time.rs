//! Whether the time of a refusal tells how much of a forged signature was right, in the manner of
//! dudect: two classes of decodes in random order, each timed, slow outliers cropped, and Welch's
//! t-test between the classes. A |t| under 4.5 is no evidence of a leak.
//!
//! There are two keys and two forged tokens. Of each token, a part of the signature is right for one
//! of the keys. In one class each token meets that key, in the other class the other key. So both
//! classes see the same texts and the same keys equally often, and differ in nothing but how much of
//! the signature is right: what it takes to decode one text or another is not taken for a leak.
//!
//! `cargo bench -p benches --bench constant_time -- [MEASUREMENTS]`, a million of each pair by default.

use std::{array, env, hint::black_box, process::ExitCode, time::Instant};

use jwt_codec::{Claims, Error, Key, NumericDate, Validation, decode, encode};
use serde::de::IgnoredAny;

const MEASUREMENTS: usize = 1_000_000;
/// Enough to see that each token is refused as it should be.
const TEST_MEASUREMENTS: usize = 200;
/// Beyond this a difference counts as seen, as in the literature on side channels.
const THRESHOLD: f64 = 4.5;
/// The shares of the measurements that are kept, in percent, the quickest of them: interrupts and
/// other programs make some many times as slow, which hides small differences.
const KEPT: [usize; 6] = [50, 75, 90, 95, 99, 100];

/// Two forged signatures, of each of which a part is right for one of the keys.
struct Forged {
    name: String,
    signatures: [String; 2],
}

/// What is timed: `true` if the token was refused for its signature, by the first key or the second.
type Refuses<'r> = dyn Fn(&str, bool) -> bool + 'r;

fn main() -> ExitCode {
    let measurements = match count_asked_for() {
        Ok(count) => count,
        Err(argument) => {
            println!("constant_time: no number of measurements: {argument:?}; nothing is measured");
            return ExitCode::SUCCESS;
        }
    };
    match run(measurements) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("constant_time: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many measurements; `None` if the outcomes are all that is asked for, as `cargo test` does
/// by leaving `--bench` out. The error is an argument that is for another benchmark, such as the
/// name of one.
fn count_asked_for() -> Result<Option<usize>, String> {
    let (flags, counts): (Vec<_>, Vec<_>) =
        env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let count = match counts.into_iter().next() {
        None => MEASUREMENTS,
        Some(text) => match text.parse() {
            // The t of fewer says nothing.
            Ok(count) if count >= TEST_MEASUREMENTS => count,
            _ => return Err(text),
        },
    };
    let has = |flag: &str| flags.iter().any(|one| one == flag);
    Ok(Some(count).filter(|_| has("--bench") && !has("--test")))
}

fn run(measurements: Option<usize>) -> Result<(), Error> {
    let first = Key::hs256(b"a secret of at least 32 bytes, for measuring")?;
    let second = Key::hs256(b"another secret of 32 bytes, for measuring...")?;
    let validation = Validation::new();
    let claims = Claims::new(()).subject("ada").expires_at(NumericDate::from_secs(4_102_444_800));
    let (by_first, by_second) = (encode(&claims, &first)?, encode(&claims, &second)?);
    let (input, right_for_first) = by_first.rsplit_once('.').unwrap_or_default();
    let (_, right_for_second) = by_second.rsplit_once('.').unwrap_or_default();
    let rights = [right_for_first, right_for_second];

    let refuses = |token: &str, is_second: bool| {
        let key = if is_second { &second } else { &first };
        let outcome = decode::<IgnoredAny>(token, key, &validation);
        matches!(outcome, Err(Error::InvalidSignature))
    };
    // The instrument has to see what it looks for: the same, and then a comparison that stops at
    // the first difference.
    let leaks = |token: &str, is_second: bool| {
        let refused = refuses(token, is_second);
        let right = if is_second { right_for_second } else { right_for_first };
        let (_, signature) = token.rsplit_once('.').unwrap_or_default();
        refused && !equal_so_far(signature.as_bytes(), right.as_bytes())
    };

    println!("{}", heading(measurements));
    for forged in forged(rights) {
        report(&forged, "decode", input, measurements, &refuses);
    }
    for forged in forged(rights) {
        report(&forged, "decode, then a leak", input, measurements, &leaks);
    }
    Ok(())
}

fn heading(measurements: Option<usize>) -> String {
    match measurements {
        None => format!("constant_time: {TEST_MEASUREMENTS} refusals of each row, untimed"),
        Some(count) => format!(
            "{count} measurements of each row; |t| under {THRESHOLD} is no evidence of a leak\n\n\
             | measured | right for one of the keys | mean of the quicker half, ns | t of the quickest {KEPT:?} % | largest |\n\
             |---|---|---|---|---|"
        ),
    }
}

/// Compares like a careless `memcmp`.
fn equal_so_far(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| black_box(left == right))
}

fn forged(rights: [&str; 2]) -> Vec<Forged> {
    let last = rights.map(str::len).into_iter().max().unwrap_or_default().saturating_sub(1);
    let mut all = vec![Forged {
        name: "all but the first character".to_owned(),
        signatures: rights.map(|right| wrong_where(right, |at| at == 0)),
    }];
    for prefix in [1, 4, 8, 16, 24, 32, 40, last] {
        all.push(Forged {
            name: format!("the first {prefix}"),
            signatures: rights.map(|right| wrong_where(right, |at| at >= prefix)),
        });
    }
    all
}

/// The signature with other characters of the alphabet where asked for. The last one keeps its
/// trailing bits zero, so that the text still is canonical base64url.
fn wrong_where(right: &str, is_wrong: impl Fn(usize) -> bool) -> String {
    let wrong = |right: char| if right == 'A' { 'Q' } else { 'A' };
    let characters = right.chars().enumerate();
    characters.map(|(at, right)| if is_wrong(at) { wrong(right) } else { right }).collect()
}

fn report(
    forged: &Forged,
    measured: &str,
    input: &str,
    measurements: Option<usize>,
    refuses: &Refuses<'_>,
) {
    let samples = measure(forged, input, measurements.unwrap_or(TEST_MEASUREMENTS), refuses);
    if measurements.is_none() {
        println!("{measured}: {}: ok", forged.name);
        return;
    }
    let mut times: Vec<u64> = samples.iter().map(|sample| sample.time).collect();
    times.sort_unstable();
    let crops = KEPT.map(|percent| {
        let end = times.len().saturating_mul(percent) / 100;
        classes_of(&samples, times.get(end).copied().unwrap_or(u64::MAX))
    });
    let ts = crops.map(|classes| welch_t(&classes));
    let largest = ts.iter().fold(0.0, |largest: f64, t| largest.max(t.abs()));
    let [[first, second], ..] = crops;
    println!(
        "| {measured} | {} | {:.1}, {:.1} | {} | {largest:.1} |",
        forged.name,
        first.mean,
        second.mean,
        ts.map(|t| format!("{t:.1}")).join(", "),
    );
}

/// One decode: which class, and how many nanoseconds.
struct Sample {
    class: bool,
    time: u64,
}

/// Times each refusal. Class, token and so the key come in random order, so that whatever else the
/// machine does meets both classes, and the token from one place in memory.
///
/// # Panics
///
/// If a token is not refused for its signature: that would not be what is to be measured.
fn measure(forged: &Forged, input: &str, count: usize, refuses: &Refuses<'_>) -> Vec<Sample> {
    let [first, second] = &forged.signatures;
    let mut token = format!("{input}.{first}");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut samples = Vec::with_capacity(count);
    for _ in 0..count {
        let (class, is_second) = (random.bit(), random.bit());
        token.truncate(input.len());
        token.push('.');
        token.push_str(if is_second { second } else { first });
        // In one class the key for which a part is right, in the other class the other one.
        let is_second_key = is_second ^ class;

        let start = Instant::now();
        let refused = black_box(refuses(black_box(&token), black_box(is_second_key)));
        let time = start.elapsed().as_nanos();
        assert!(refused, "{}: not refused for its signature", forged.name);
        samples.push(Sample { class, time: u64::try_from(time).unwrap_or(u64::MAX) });
    }
    samples
}

/// Marsaglia's xorshift with shifts 13, 7 and 17.
struct Random(u64);

impl Random {
    fn bit(&mut self) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 63 == 1
    }
}

/// Mean and variance of a class, kept up one time after the other (Welford's way).
#[derive(Clone, Copy)]
struct Class {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Class {
    fn push(&mut self, time: f64) {
        self.count += 1.0;
        let distance = time - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (time - self.mean);
    }

    /// The variance of the mean.
    fn uncertainty(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Both classes, of the measurements that took less than so many nanoseconds.
fn classes_of(samples: &[Sample], limit: u64) -> [Class; 2] {
    let mut classes = array::from_fn(|_| Class { count: 0.0, mean: 0.0, squares: 0.0 });
    let [first, second]: &mut [Class; 2] = &mut classes;
    for sample in samples.iter().filter(|sample| sample.time < limit) {
        let time = u32::try_from(sample.time).unwrap_or(u32::MAX);
        (if sample.class { &mut *second } else { &mut *first }).push(f64::from(time));
    }
    classes
}

fn welch_t([first, second]: &[Class; 2]) -> f64 {
    (first.mean - second.mean) / (first.uncertainty() + second.uncertainty()).sqrt()
}
