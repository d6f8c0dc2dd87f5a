//! The bar chart: small panels in a grid, each with a scale of its own.

use std::{
    fmt::{self, Write},
    fs, io,
    path::Path,
};

/// In pixels, as are the other lengths.
const WIDTH: usize = 880;
const MARGIN: usize = 20;
const LABELS: usize = 172;
const GAP: usize = 16;
/// Right of the longest bar, for its value.
const VALUE: usize = 40;
const BAR: usize = 12;
const ROW: usize = 20;
const TITLE: usize = 30;
const COLUMN_TITLE: usize = 22;
const BETWEEN_GROUPS: usize = 14;
const CAPTION_LINE: usize = 18;

/// A page shows the image without telling it which colours the page has, so the image has a
/// background of its own.
const STYLE: &str = r##"<style>
text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.column, .ours { font-weight: 600 }
.caption { fill: #59636e }
.card { fill: #ffffff; stroke: #d1d9e0 }
.bar { fill: #afb8c1 }
.bar.ours { fill: #0969da }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.caption { fill: #9198a1 }
.card { fill: #0d1117; stroke: #3d444d }
.bar { fill: #656c76 }
.bar.ours { fill: #4493f8 }
}
</style>
"##;

/// Panels side by side, whose rows have the same labels.
pub struct Group {
    pub title: String,
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

pub struct Row {
    pub label: String,
    /// Whether the row is this crate's.
    pub ours: bool,
    /// For each column, the time in nanoseconds.
    pub nanos: Vec<Option<f64>>,
}

impl Group {
    fn height(&self) -> usize {
        TITLE + COLUMN_TITLE + self.rows.len() * ROW + BETWEEN_GROUPS
    }

    fn longest(&self, column: usize) -> f64 {
        self.rows.iter().filter_map(|row| row.nanos[column]).fold(0.0, f64::max)
    }
}

/// Writes an SVG of the groups, one under another, with a caption of several lines.
pub fn draw(path: &Path, caption: &[String], groups: &[Group]) -> io::Result<()> {
    let mut svg = String::new();
    write_svg(&mut svg, caption, groups).map_err(io::Error::other)?;
    fs::write(path, svg)
}

fn write_svg(svg: &mut String, caption: &[String], groups: &[Group]) -> fmt::Result {
    let groups_height: usize = groups.iter().map(Group::height).sum();
    let height = groups_height + (caption.len() + 1) * CAPTION_LINE;
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">"#
    )?;
    writeln!(svg, r#"<title id="title">{}</title>"#, caption.join(" "))?;
    svg.push_str(STYLE);
    let (width, inner_height) = (WIDTH - 1, height - 1);
    writeln!(
        svg,
        r#"<rect class="card" x=".5" y=".5" width="{width}" height="{inner_height}" rx="6"/>"#
    )?;
    let mut top = 0;
    for group in groups {
        write_group(svg, group, top)?;
        top += group.height();
    }
    for line in caption {
        top += CAPTION_LINE;
        text(svg, "caption", MARGIN, top, line)?;
    }
    writeln!(svg, "</svg>")
}

fn write_group(svg: &mut String, group: &Group, top: usize) -> fmt::Result {
    text(svg, "title", MARGIN, top + TITLE, &group.title)?;
    let first_row = top + TITLE + COLUMN_TITLE;
    for (index, row) in group.rows.iter().enumerate() {
        let class = if row.ours { "ours" } else { "other" };
        text(svg, class, MARGIN, first_row + (index + 1) * ROW - 4, &row.label)?;
    }
    let step = (WIDTH - 2 * MARGIN - LABELS + GAP) / group.columns.len();
    for (column, title) in group.columns.iter().enumerate() {
        let left = MARGIN + LABELS + column * step;
        text(svg, "column", left, first_row - 3, title)?;
        let longest = group.longest(column);
        let widest = (step - GAP - VALUE) as f64;
        for (index, row) in group.rows.iter().enumerate() {
            let Some(nanos) = row.nanos[column] else { continue };
            let width = (nanos / longest * widest).max(1.0);
            let y = first_row + index * ROW + (ROW - BAR) / 2 + 2;
            let class = if row.ours { "bar ours" } else { "bar" };
            writeln!(
                svg,
                r#"<rect class="{class}" x="{left}" y="{y}" width="{width:.1}" height="{BAR}"/>"#
            )?;
            let class = if row.ours { "ours" } else { "other" };
            let value_left = left + width.ceil() as usize + 5;
            text(svg, class, value_left, first_row + (index + 1) * ROW - 4, &micros(nanos))?;
        }
    }
    Ok(())
}

/// Writes text whose baseline is at `y`. It has no characters that XML would have escaped.
fn text(svg: &mut String, class: &str, x: usize, y: usize, text: &str) -> fmt::Result {
    writeln!(svg, r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#)
}

/// Microseconds, with three digits at least.
fn micros(nanos: f64) -> String {
    let micros = nanos / 1e3;
    let decimals = if micros < 9.995 {
        2
    } else if micros < 99.95 {
        1
    } else {
        0
    };
    format!("{micros:.decimals$}")
}
