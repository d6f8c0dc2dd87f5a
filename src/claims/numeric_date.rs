//! `NumericDate` (RFC 7519 §2): whole seconds since the Unix epoch, and any JSON number read as
//! one.

use core::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};
#[cfg(feature = "std")]
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Number;

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, without leap seconds (RFC 7519 §2).
///
/// A date before 1970 is negative. Arithmetic saturates at the ends of `i64` and counts whole seconds:
/// the fraction of a [`Duration`] is dropped.
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
/// To convert a date of another crate, pass its seconds: `as_second()` of jiff, `timestamp()` of
/// chrono, `unix_timestamp()` of time.
///
/// ```
/// # use jwt_codec::NumericDate;
/// let login: jiff::Timestamp = "2026-11-26T12:00:00Z".parse()?;
/// let issued = NumericDate::from_secs(login.as_second());
/// assert_eq!(issued.as_secs(), 1_795_694_400);
/// # Ok::<(), jiff::Error>(())
/// ```
///
/// Any JSON number can be read as one. A fraction has the precision of an `f64` and rounds down,
/// towards the past. A number outside `i64` counts as the nearer end. (The policy and
/// [`RegisteredClaims`](crate::RegisteredClaims) round `exp` and `nbf` up instead, which compares with
/// whole seconds just as the fraction would.)
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
    /// Returns the current time, by the system clock.
    ///
    /// It does not exist where the standard library has no clock (`wasm32-unknown-unknown`).
    #[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// Makes a date from the seconds since the epoch.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Returns the seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0
    }

    /// Returns how long after `earlier` this is; zero if it is not after it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jwt_codec::NumericDate;
    ///
    /// let (issued, expires) = (NumericDate::from_secs(100), NumericDate::from_secs(160));
    /// assert_eq!(expires.duration_since(issued), Duration::from_secs(60));
    /// assert_eq!(issued.duration_since(expires), Duration::ZERO);
    /// ```
    #[must_use]
    pub const fn duration_since(self, earlier: Self) -> Duration {
        if self.0 > earlier.0 {
            Duration::from_secs(self.0.abs_diff(earlier.0))
        } else {
            Duration::ZERO
        }
    }

    /// The date that a JSON number stands for. `None` if it is too large for an `f64`, which only
    /// happens under the feature `arbitrary_precision` of `serde_json`.
    pub(crate) fn from_number(number: &Number, rounding: Rounding) -> Option<Self> {
        match number.as_i64() {
            Some(secs) => Some(Self(secs)),
            None => number.as_f64().map(|secs| Self(rounding.whole(secs))),
        }
    }
}

#[cfg(feature = "std")]
impl From<SystemTime> for NumericDate {
    /// Rounds down to the whole second that contains the time.
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
        // `serde_json`'s own number is read first, because its feature `arbitrary_precision`, which any
        // crate of a program can switch on, changes how numbers come.
        Self::from_number(&Number::deserialize(deserializer)?, Rounding::Down)
            .ok_or_else(|| D::Error::custom("number out of range"))
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

impl Rounding {
    /// The whole second, or the nearer end of `i64`. (`f64::floor` needs `std`.)
    #[expect(clippy::as_conversions, reason = "they saturate and drop the fraction, as is wanted")]
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "as above")]
    fn whole(self, secs: f64) -> i64 {
        let towards_zero = secs as i64;
        match self {
            Self::Down if (towards_zero as f64) > secs => towards_zero.saturating_sub(1),
            Self::Up if (towards_zero as f64) < secs => towards_zero.saturating_add(1),
            _ => towards_zero,
        }
    }
}
