//! The program `jwt`, run: what it prints, to the letter where that is stable, and its exit code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by a panic"
)]

mod calls;
#[cfg(unix)]
mod hostile;
mod inspect;
mod keys;
#[cfg(unix)]
mod readme;
mod run;
mod secrets;
mod sign;
mod verify;
