//! The bar chart.

use std::{error::Error, path::Path};

use plotters::{
    backend::SVGBackend,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Rectangle, Text},
    style::{
        Color, IntoFont, RGBColor,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// Grey that reads on white and on black, as nothing tells an image which it is shown on.
const TEXT: RGBColor = RGBColor(124, 124, 124);
const OURS: RGBColor = RGBColor(47, 129, 247);
const PEER: RGBColor = RGBColor(140, 149, 159);

const FONT: &str = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif";
/// In pixels, as are the others.
const WIDTH: i32 = 760;
const LEFT: i32 = 250;
const RIGHT: i32 = 90;
const BAR: i32 = 18;
const STEP: i32 = 26;
const TITLE: i32 = 40;

/// Bars with one title.
pub struct Panel {
    pub title: &'static str,
    pub bars: Vec<Bar>,
}

pub struct Bar {
    pub label: String,
    pub nanos: f64,
    /// Whether it is this crate's.
    pub ours: bool,
}

/// Draws the panels one under another, all on one scale.
pub fn draw(path: &Path, panels: &[Panel]) -> Result<(), Box<dyn Error>> {
    let longest =
        panels.iter().flat_map(|panel| &panel.bars).map(|bar| bar.nanos).fold(1.0, f64::max);
    let height: i32 = panels.iter().map(panel_height).sum();
    let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
    let area = SVGBackend::new(path, size).into_drawing_area();
    let mut top = 0;
    for panel in panels {
        draw_panel(&area, panel, top, longest)?;
        top += panel_height(panel);
    }
    area.present()?;
    Ok(())
}

fn panel_height(panel: &Panel) -> i32 {
    let bars = i32::try_from(panel.bars.len()).unwrap_or(0);
    TITLE + bars * STEP + 8
}

fn draw_panel(
    area: &DrawingArea<SVGBackend, plotters::coord::Shift>,
    panel: &Panel,
    top: i32,
    longest: f64,
) -> Result<(), Box<dyn Error>> {
    let text = |size: i32, horizontal: HPos| {
        let font = (FONT, size).into_font().color(&TEXT);
        font.pos(Pos::new(horizontal, VPos::Center))
    };
    area.draw(&Text::new(panel.title, (LEFT, top + TITLE / 2), text(19, HPos::Left)))?;
    for (bar, row) in panel.bars.iter().zip(0..) {
        let y = top + TITLE + row * STEP;
        let middle = y + BAR / 2;
        let len = bar.nanos / longest * f64::from(WIDTH - LEFT - RIGHT);
        let end = LEFT + len.round() as i32;
        let colour = if bar.ours { OURS } else { PEER };
        area.draw(&Text::new(bar.label.as_str(), (LEFT - 10, middle), text(16, HPos::Right)))?;
        area.draw(&Rectangle::new([(LEFT, y), (end, y + BAR)], colour.filled()))?;
        let value = format!("{:.0} ns", bar.nanos);
        area.draw(&Text::new(value, (end + 8, middle), text(16, HPos::Left)))?;
    }
    Ok(())
}
