//! The bar chart.

use std::{error::Error, path::Path};

use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Rectangle, Text},
    style::{
        Color, IntoFont, RGBColor, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::report::nanos;

/// Grey that reads on white and on black, as nothing tells an image which it is shown on.
const TEXT: RGBColor = RGBColor(124, 124, 124);
const OURS: RGBColor = RGBColor(47, 129, 247);
const PEER: RGBColor = RGBColor(140, 149, 159);

const FONT: &str = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif";
/// In pixels, as are the others: so narrow that a telephone need not shrink it much.
const WIDTH: i32 = 440;
/// Right of the longest bar, for its value.
const VALUE: i32 = 80;
const LABEL: i32 = 20;
const BAR: i32 = 14;
const STEP: i32 = 42;
const TITLE: i32 = 44;
const CAPTION: i32 = 34;

/// Bars with one title, on a scale of their own.
pub struct Panel {
    pub title: String,
    pub bars: Vec<Bar>,
}

pub struct Bar {
    pub label: String,
    pub nanos: f64,
    /// Whether it is this crate's.
    pub ours: bool,
}

/// Draws the panels one under another, each with its quickest bar first, and a caption.
pub fn draw(path: &Path, caption: &str, panels: &mut [Panel]) -> Result<(), Box<dyn Error>> {
    let height: i32 = panels.iter().map(panel_height).sum();
    let size = (WIDTH.unsigned_abs(), (height + CAPTION).unsigned_abs());
    let area = SVGBackend::new(path, size).into_drawing_area();
    let mut top = 0;
    for panel in panels {
        panel.bars.sort_by(|one, other| one.nanos.total_cmp(&other.nanos));
        draw_panel(&area, panel, top)?;
        top += panel_height(panel);
    }
    area.draw(&Text::new(caption, (0, top + CAPTION / 2), text(13)))?;
    area.present()?;
    Ok(())
}

fn panel_height(panel: &Panel) -> i32 {
    let bars = i32::try_from(panel.bars.len()).unwrap_or(0);
    TITLE + bars * STEP
}

fn text(size: i32) -> TextStyle<'static> {
    let font = (FONT, size).into_font().color(&TEXT);
    font.pos(Pos::new(HPos::Left, VPos::Center))
}

fn draw_panel(
    area: &DrawingArea<SVGBackend, Shift>,
    panel: &Panel,
    top: i32,
) -> Result<(), Box<dyn Error>> {
    let longest = panel.bars.iter().map(|bar| bar.nanos).fold(1.0, f64::max);
    area.draw(&Text::new(panel.title.as_str(), (0, top + TITLE / 2), text(19)))?;
    for (bar, row) in panel.bars.iter().zip(0..) {
        let y = top + TITLE + row * STEP;
        let end = (bar.nanos / longest * f64::from(WIDTH - VALUE)).round() as i32;
        let colour = if bar.ours { OURS } else { PEER };
        area.draw(&Text::new(bar.label.as_str(), (0, y + LABEL / 2), text(16)))?;
        area.draw(&Rectangle::new([(0, y + LABEL), (end, y + LABEL + BAR)], colour.filled()))?;
        let value = nanos(bar.nanos);
        area.draw(&Text::new(value, (end + 8, y + LABEL + BAR / 2), text(16)))?;
    }
    Ok(())
}
