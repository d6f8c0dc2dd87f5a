//! Whether the time of a refusal tells how much of a forged signature was right, in the manner of
//! dudect: two classes of tokens in random order, each decode timed, slow outliers cropped, and
//! Welch's t-test between the classes. A |t| under 4.5 is no evidence of a leak.
//!
//! `cargo bench --bench constant_time -- [MEASUREMENTS]`, a million of each pair by default.

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

/// Two signatures to tell apart by time.
struct Pair {
    name: String,
    signatures: [String; 2],
}

/// What is timed: `true` if the token was refused for its signature.
type Refuses<'r> = dyn Fn(&str) -> bool + 'r;

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
    let key = Key::hs256(b"a secret of at least 32 bytes, for measuring")?;
    let validation = Validation::new();
    let claims = Claims::new(()).subject("ada").expires_at(NumericDate::from_secs(4_102_444_800));
    let token = encode(&claims, &key)?;
    let (input, right) = token.rsplit_once('.').unwrap_or_default();

    let refuses = |token: &str| {
        let outcome = decode::<IgnoredAny>(token, &key, &validation);
        matches!(outcome, Err(Error::InvalidSignature))
    };
    // The instrument has to see what it looks for: the same, and then a comparison that stops at
    // the first difference.
    let leaks = |token: &str| {
        let refused = refuses(token);
        let (_, signature) = token.rsplit_once('.').unwrap_or_default();
        refused && !equal_so_far(signature.as_bytes(), right.as_bytes())
    };

    println!("{}", heading(measurements));
    for pair in pairs(right) {
        report(&pair, "decode", input, measurements, &refuses);
    }
    for pair in pairs(right) {
        report(&pair, "decode, then a leak", input, measurements, &leaks);
    }
    Ok(())
}

fn heading(measurements: Option<usize>) -> String {
    match measurements {
        None => format!("constant_time: {TEST_MEASUREMENTS} refusals of each pair, untimed"),
        Some(count) => format!(
            "{count} measurements of each pair; |t| under {THRESHOLD} is no evidence of a leak\n\n\
             | measured | classes | mean of the quicker half, ns | t of the quickest {KEPT:?} % | largest |\n\
             |---|---|---|---|---|"
        ),
    }
}

/// Compares like a careless `memcmp`.
fn equal_so_far(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| black_box(left == right))
}

fn pairs(right: &str) -> Vec<Pair> {
    let last = right.len().saturating_sub(1);
    let mut pairs = vec![Pair {
        name: "first character wrong, last wrong".to_owned(),
        signatures: [wrong_where(right, |at| at == 0), wrong_where(right, |at| at == last)],
    }];
    for prefix in [1, 4, 8, 16, 24, 32, 40, last] {
        pairs.push(Pair {
            name: format!("all wrong, first {prefix} right"),
            signatures: [wrong_where(right, |_| true), wrong_where(right, |at| at >= prefix)],
        });
    }
    pairs
}

/// The signature with other characters of the alphabet where asked for. The last one keeps its
/// trailing bits zero, so that the text still is canonical base64url.
fn wrong_where(right: &str, is_wrong: impl Fn(usize) -> bool) -> String {
    let wrong = |right: char| if right == 'A' { 'Q' } else { 'A' };
    let characters = right.chars().enumerate();
    characters.map(|(at, right)| if is_wrong(at) { wrong(right) } else { right }).collect()
}

fn report(
    pair: &Pair,
    measured: &str,
    input: &str,
    measurements: Option<usize>,
    refuses: &Refuses<'_>,
) {
    let samples = measure(pair, input, measurements.unwrap_or(TEST_MEASUREMENTS), refuses);
    if measurements.is_none() {
        println!("{measured}: {}: ok", pair.name);
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
        pair.name,
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

/// Times each refusal. The classes come in random order, so that whatever else the machine does
/// meets both, and from one place in memory.
///
/// # Panics
///
/// If a token is not refused for its signature: that would not be what is to be measured.
fn measure(pair: &Pair, input: &str, count: usize, refuses: &Refuses<'_>) -> Vec<Sample> {
    let [first, second] = &pair.signatures;
    let mut token = format!("{input}.{first}");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut samples = Vec::with_capacity(count);
    for _ in 0..count {
        let class = random.bit();
        token.truncate(input.len());
        token.push('.');
        token.push_str(if class { second } else { first });

        let start = Instant::now();
        let refused = black_box(refuses(black_box(&token)));
        let time = start.elapsed().as_nanos();
        assert!(refused, "{}: not refused for its signature", pair.name);
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
