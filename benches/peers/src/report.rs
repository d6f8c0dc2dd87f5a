//! Figures as Markdown, and what they should be.

use crate::race::Timing;

/// What a figure should be.
#[derive(Clone, Copy)]
pub enum Target {
    /// A ratio.
    AtLeast(f64),
    /// A ratio.
    AtMost(f64),
    /// Nanoseconds.
    Under(f64),
}

/// One row of a table.
pub fn row<const N: usize>(cells: [&str; N]) {
    println!("| {} |", cells.join(" | "));
}

/// The first row of a table, with the rule under it.
pub fn head<const N: usize>(cells: [&str; N]) {
    println!();
    row(cells);
    println!("|{}", "---|".repeat(N));
}

/// Tells on standard error, so that it is not part of the page, whether a figure is what it should be.
pub fn judge(what: &str, figure: f64, target: Target) {
    let (figure, wanted, met) = match target {
        Target::AtLeast(least) => (times(figure), format!("at least {least} ×"), figure >= least),
        Target::AtMost(most) => (times(figure), format!("at most {most} ×"), figure <= most),
        Target::Under(limit) => (nanos(figure), format!("under {}", nanos(limit)), figure < limit),
    };
    let verdict = if met { "met   " } else { "MISSED" };
    eprintln!("{verdict} {what}: {figure}, should be {wanted}");
}

/// A ratio.
pub fn times(ratio: f64) -> String {
    format!("{ratio:.2} ×")
}

pub fn nanos(nanos: f64) -> String {
    if nanos < 10_000.0 { format!("{nanos:.0} ns") } else { format!("{:.1} µs", nanos / 1e3) }
}

/// The fastest round and the median one.
pub fn timing(timing: Timing) -> String {
    format!("{} ({})", nanos(timing.min), nanos(timing.median))
}
