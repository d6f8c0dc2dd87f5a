//! Each known class of attack on a JWT library, one test each, with the error that it must end in.
//! `docs/attacks.md` is the table of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../support/attack_table.rs"]
mod attack_table;
mod claims;
#[path = "../support/forge.rs"]
mod forge;
mod harness;
mod json;
mod keys;
mod lengths;
mod order;
mod signature;
mod table;
mod text;
mod types;
