//! `NumericDate` (RFC 7519 §2): whole seconds since the Unix epoch, and any JSON number read as
//! one.

use alloc::string::ToString;
use core::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};
#[cfg(feature = "std")]
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeSeed};

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, without leap seconds (RFC 7519 §2).
///
/// Negative before 1970. Arithmetic saturates at the ends of `i64` and counts whole seconds: the
/// fraction of a [`Duration`] is dropped.
///
/// ```
/// use std::time::Duration;
/// use jwt_codec::NumericDate;
///
/// let issued = NumericDate::from_secs(1_600_000_000);
/// let expires = issued + Duration::from_secs(1800);
/// assert_eq!(expires.as_secs(), 1_600_001_800);
/// assert_eq!(expires.to_string(), "1600001800");
/// assert!(issued < expires);
/// ```
///
/// Any JSON number can be read as one. A fraction is dropped, towards the past; a number outside
/// `i64` counts as the nearer end. (As the `exp` or `nbf` of a token it rounds up instead, which
/// compares with whole seconds just as the fraction would.)
///
/// ```
/// # use jwt_codec::NumericDate;
/// let date: NumericDate = serde_json::from_str("1.6000000005e9")?;
/// assert_eq!(date.as_secs(), 1_600_000_000);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumericDate(i64);

impl NumericDate {
    /// The time by the system clock.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// So many seconds since the epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0
    }
}

#[cfg(feature = "std")]
impl From<SystemTime> for NumericDate {
    /// The whole second that the time lies in.
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(0) + after,
            Err(error) => {
                let before = error.duration();
                let whole = Self(0) - before;
                if before.subsec_nanos() == 0 { whole } else { whole - Duration::from_secs(1) }
            }
        }
    }
}

impl Add<Duration> for NumericDate {
    type Output = Self;

    /// Later by the duration's whole seconds, at most `i64::MAX`.
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(duration.as_secs()))
    }
}

impl Sub<Duration> for NumericDate {
    type Output = Self;

    /// Earlier by the duration's whole seconds, at least `i64::MIN`.
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(duration.as_secs()))
    }
}

impl fmt::Display for NumericDate {
    /// The seconds, as in the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for NumericDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Rounding::Down.deserialize(deserializer)
    }
}

/// Which whole second stands for a fraction of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// The second in which the fraction lies: for `iat`.
    Down,
    /// The first whole second that is not before it: for `exp` and `nbf`, so that comparing with
    /// a clock of whole seconds gives what comparing the fraction would.
    Up,
}

impl<'de> DeserializeSeed<'de> for Rounding {
    type Value = NumericDate;

    /// Reads any number. By way of `serde_json`'s own number, because the feature
    /// `arbitrary_precision`, which any crate of a build can switch on, changes how numbers come.
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<NumericDate, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        Ok(match number.as_i64() {
            Some(secs) => NumericDate(secs),
            None => from_json_number(&number.to_string(), self),
        })
    }
}

/// Reads the text of a JSON number (RFC 8259 §6), which the caller knows it to be, exactly: no
/// floating point, so no digit and no exponent is too many.
pub(crate) fn from_json_number(text: &str, rounding: Rounding) -> NumericDate {
    if let Ok(secs) = text.parse() {
        return NumericDate(secs);
    }
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (significand, exponent) = match magnitude.split_once(['e', 'E']) {
        Some((significand, exponent)) => (significand, saturating_exponent(exponent)),
        None => (magnitude, 0),
    };
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    let digits = whole.bytes().chain(fraction.bytes()).map(|digit| digit.wrapping_sub(b'0'));

    // The number is 0.DIGITS × 10^point. Zeros in front of the digits move the point.
    let zeros = digits.clone().take_while(|&digit| digit == 0).count();
    let digits = digits.skip(zeros);
    let point = exponent
        .saturating_add(i64::try_from(whole.len()).unwrap_or(i64::MAX))
        .saturating_sub(i64::try_from(zeros).unwrap_or(i64::MAX));

    // 10^19 is over i64::MAX: more digits than that before the point need no counting.
    let whole_digits = usize::try_from(point.clamp(0, 20)).unwrap_or(0);
    let secs = digits
        .clone()
        .chain(core::iter::repeat(0))
        .take(whole_digits)
        .fold(0_i128, |secs, digit| secs.saturating_mul(10).saturating_add(digit.into()));
    let has_fraction = digits.skip(whole_digits).any(|digit| digit != 0);

    let away_from_zero = has_fraction && negative == (rounding == Rounding::Down);
    let secs = secs.saturating_add(away_from_zero.into());
    let secs = if negative { secs.saturating_neg() } else { secs };
    NumericDate(i64::try_from(secs).unwrap_or(if negative { i64::MIN } else { i64::MAX }))
}

/// The exponent, or one so far out that every digit stands on the same side of the point.
fn saturating_exponent(text: &str) -> i64 {
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX })
}
