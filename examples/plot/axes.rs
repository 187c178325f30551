//! Axes that say what they measure, in which unit, with the ticks they are given.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::prelude::*;

use super::marks::{BLACKISH, Chart, GRID};
use super::page::{Area, px, text};
use plotters::drawing::DrawingAreaErrorKind;
use std::io;

/// An axis: its ends, its ticks and how they are written.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    from: f64,
    to: f64,
    ticks: Vec<f64>,
    written: fn(f64) -> String,
    map: fn(f64) -> f64,
}

impl Scale {
    /// Equal steps are equal distances.
    pub(crate) fn linear(from: f64, to: f64, ticks: impl IntoIterator<Item = f64>) -> Self {
        Self {
            from,
            to,
            ticks: ticks.into_iter().collect(),
            written: |tick| format!("{}", (tick * 1e6).round() / 1e6),
            map: |value| value,
        }
    }

    /// From 0 to so many steps of a tick each, and a little further.
    pub(crate) fn steps(step: f64, count: u32, to: f64) -> Self {
        Self::linear(0.0, to, (0..=count).map(|tick| f64::from(tick) * step))
    }

    /// Shares from 0 to 1, written in per cent, with a tick every fifth of `to`.
    pub(crate) fn shares(from: f64, to: f64, step: f64) -> Self {
        let count = (0..).map(|tick| f64::from(tick) * step);
        let ticks = count.skip_while(move |&tick| tick < from - 1e-9);
        let mut scale = Self::linear(from, to, ticks.take_while(move |&tick| tick < to + 1e-9));
        scale.written = |tick| format!("{:.0} %", tick * 100.0);
        scale
    }

    /// Equal factors are equal distances.
    pub(crate) fn logarithmic(from: f64, to: f64, ticks: impl IntoIterator<Item = f64>) -> Self {
        let mut scale = Self::linear(from, to, ticks);
        scale.map = f64::ln;
        scale
    }

    /// No ticks, for an axis of which only the shape counts.
    pub(crate) fn silent(from: f64, to: f64) -> Self {
        Self::linear(from, to, [])
    }
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    #[allow(clippy::cast_possible_truncation, reason = "a place on the page")]
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let (start, end) = ((self.map)(self.from), (self.map)(self.to));
        let share = ((self.map)(*value) - start) / (end - start);
        limit.0 + (f64::from(limit.1 - limit.0) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.from..self.to
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        (self.written)(*value)
    }
}

impl From<Scale> for Range<f64> {
    fn from(scale: Scale) -> Self {
        scale.range()
    }
}

/// Pixels left free beside the axes.
const MARGIN: i32 = 8;

/// One set of axes.
#[derive(Debug)]
pub(crate) struct Panel<'a> {
    /// What it shows.
    pub(crate) title: &'a str,
    /// What lies along the bottom, with its unit.
    pub(crate) x: (&'a str, Scale),
    /// What lies along the side, with its unit.
    pub(crate) y: (&'a str, Scale),
    /// Whether lines lead from the ticks through the panel.
    pub(crate) grid: bool,
}

impl Panel<'_> {
    /// Draws the axes, to be filled.
    pub(crate) fn on<'a, 'b>(
        self,
        area: &'a Area<'b>,
    ) -> Result<Chart<'a, 'b>, DrawingAreaErrorKind<io::Error>> {
        let left = 58;
        let place = (px(MARGIN + left), px(8));
        let title = Text::new(self.title, place, text(14, BLACKISH));
        area.draw(&title)?;
        let mut chart = ChartBuilder::on(area)
            .margin_top(px(34))
            .margin_left(px(MARGIN))
            .margin_right(px(22))
            .margin_bottom(px(6))
            .x_label_area_size(px(44))
            .y_label_area_size(px(left))
            .build_cartesian_2d(self.x.1, self.y.1)?;
        let mut mesh = chart.configure_mesh();
        mesh.axis_desc_style(text(12, BLACKISH))
            .label_style(text(11, BLACKISH))
            .axis_style(BLACKISH.stroke_width(2))
            .bold_line_style(GRID.stroke_width(2))
            .light_line_style(TRANSPARENT)
            .set_all_tick_mark_size(px(4))
            .x_desc(self.x.0)
            .y_desc(self.y.0);
        if !self.grid {
            mesh.disable_mesh();
        }
        mesh.draw()?;
        Ok(chart)
    }
}
