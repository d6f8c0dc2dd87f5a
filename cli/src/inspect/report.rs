//! The report that people read.

use std::fmt::Write;

use anstyle::{AnsiColor, Color, Style};
use jwt_codec::NumericDate;

use super::{
    Inspection,
    part::Part,
    problem::Problem,
    remark::{self, Remark},
};
use crate::{
    escape::{one_line, visible},
    json,
};

const LOUD: Style = on(AnsiColor::Yellow);
const LOUDER: Style = on(AnsiColor::Red);
const TITLE: Style = Style::new().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const STRING: Style = AnsiColor::Green.on_default();
const NUMBER: Style = AnsiColor::Magenta.on_default();
const REMARK: Style = Style::new().dimmed();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const POINTER: Style = AnsiColor::Red.on_default().bold();

const fn on(color: AnsiColor) -> Style {
    AnsiColor::Black.on_default().bg_color(Some(Color::Ansi(color)))
}

pub(super) fn report(inspection: &Inspection, now: NumericDate) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    write(inspection, now, &mut out).ok();
    out
}

fn write(inspection: &Inspection, now: NumericDate, out: &mut String) -> std::fmt::Result {
    let reason = "the signature was not checked; anybody may have written this";
    writeln!(out, "{LOUD}NOT VERIFIED{LOUD:#}  {reason}")?;
    for (index, problem) in inspection.problems.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        write_problem(problem, out)?;
    }
    write_part("header", inspection.header.as_ref(), remark::of_parameter, out)?;
    write_part(
        "claims",
        inspection.claims.as_ref(),
        |name, json| remark::of_claim(name, json, now),
        out,
    )?;
    if let Some(signature) = &inspection.signature {
        let length = match signature.len() {
            0 => "none".to_owned(),
            // Three bytes are four characters.
            characters => format!("{} bytes", characters.saturating_mul(3) / 4),
        };
        writeln!(out, "\n{TITLE}signature{TITLE:#}\n  {length}")?;
    }
    Ok(())
}

fn write_problem(problem: &Problem, out: &mut String) -> std::fmt::Result {
    let code = problem.code.replace('_', " ").to_uppercase();
    // The hint stands next to the caret.
    writeln!(out, "{LOUDER}{code}{LOUDER:#}  {}", visible(&problem.fact))?;
    if let Some(place) = &problem.place {
        let (excerpt, column) = place.excerpt();
        writeln!(out, "\n  {excerpt}\n  {:column$}{POINTER}^ {}{POINTER:#}", "", place.label)?;
    }
    Ok(())
}

fn write_part(
    title: &str,
    part: Option<&Part>,
    remark: impl Fn(&str, &str) -> Remark,
    out: &mut String,
) -> std::fmt::Result {
    let Some(part) = part else { return Ok(()) };
    let Some(members) = part.members() else {
        return writeln!(out, "\n{TITLE}{title}, as text{TITLE:#}\n  {}", visible(&part.text));
    };
    let width = members.iter().map(|(name, _)| visible(name).chars().count()).max();
    let width = width.unwrap_or(0).min(16);
    writeln!(out, "\n{TITLE}{title}{TITLE:#}")?;
    for (name, value, remark) in remark::with_remarks(members, remark) {
        let value = pretty(value, 1);
        let gap = if remark.text.is_empty() { "" } else { "  " };
        let style = if remark.problem.is_some() { WARNING } else { REMARK };
        let (name, text) = (visible(&name), remark.text);
        writeln!(out, "  {NAME}{name:width$}{NAME:#}  {value}{gap}{style}{text}{style:#}")?;
    }
    Ok(())
}

/// Lays out JSON for people; names keep their order and numbers their digits.
fn pretty(json: &str, depth: usize) -> String {
    /// Deep enough for people, and far from the end of the stack.
    const MAX_DEPTH: usize = 16;
    const MAX_LINE: usize = 60;

    let value = |json: &str| pretty(json, depth.saturating_add(1));
    let (open, close, items): (_, _, Vec<String>) = if depth > MAX_DEPTH {
        return one_line(json);
    } else if let Ok(members) = json::members(json) {
        let member = |(name, json): (String, &str)| {
            format!("{NAME}{}{NAME:#}: {}", quoted(&name), value(json))
        };
        ('{', '}', members.into_iter().map(member).collect())
    } else if let Ok(elements) = json::elements(json) {
        ('[', ']', elements.into_iter().map(value).collect())
    } else if let Ok(string) = serde_json::from_str::<String>(json) {
        return format!("{STRING}{}{STRING:#}", quoted(&string));
    } else {
        return format!("{NUMBER}{}{NUMBER:#}", one_line(json));
    };
    if json.len() <= MAX_LINE {
        return format!("{open}{}{close}", items.join(", "));
    }
    let indent = "  ".repeat(depth);
    format!("{open}\n{indent}  {}\n{indent}{close}", items.join(&format!(",\n{indent}  ")))
}

fn quoted(string: &str) -> String {
    visible(&serde_json::Value::from(string).to_string())
}
