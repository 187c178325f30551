//! Lines, points and colours.
//!
//! The colours are those of Okabe & Ito (2008), "Color Universal Design",
//! <https://jfly.uni-koeln.de/color/>, and lines differ in their dashes as well. Heat maps run
//! through viridis, of even steps in lightness, so that they can be read in grey.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::axes::Scale;
use super::page::{Area, Drawn, px, text, text_at};

pub(crate) const BLACKISH: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(crate) const GREY: RGBColor = RGBColor(0x59, 0x59, 0x59);
pub(crate) const GRID: RGBColor = RGBColor(0xe3, 0xe3, 0xe3);
/// The veil over what was held out, and how it looks on white.
const VEIL: f64 = 0.06;
pub(crate) const VEILED: RGBColor = RGBColor(0xf0, 0xf0, 0xf0);
pub(crate) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
pub(crate) const VERMILLION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
pub(crate) const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
pub(crate) const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);

/// Axes that are ready to be filled.
pub(crate) type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Scale, Scale>>;

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub(crate) colour: RGBColor,
    /// Pixels drawn and left out; none for a line without gaps.
    pub(crate) dash: Option<(i32, i32)>,
}

/// The lines of the data and of each model, the same in every picture.
pub(crate) const DATA: Stroke = Stroke::new(BLACKISH, None);
pub(crate) const MBG: Stroke = Stroke::new(BLUE, None);
pub(crate) const BG: Stroke = Stroke::new(VERMILLION, Some((9, 5)));
pub(crate) const PARETO: Stroke = Stroke::new(GREEN, Some((3, 3)));
pub(crate) const NBD: Stroke = Stroke::new(PURPLE, Some((15, 5)));

impl Stroke {
    pub(crate) const fn new(colour: RGBColor, dash: Option<(i32, i32)>) -> Self {
        Self { colour, dash }
    }

    fn style(self) -> ShapeStyle {
        self.colour.stroke_width(4)
    }

    /// A line on the page, for the legend.
    pub(crate) fn draw_on(self, area: &Area<'_>, points: Vec<(i32, i32)>) -> Drawn {
        match self.dash {
            None => area.draw(&PathElement::new(points, self.style())),
            Some((on, off)) => {
                let dashed = DashedPathElement::new(points, px(on), px(off), self.style());
                area.draw(&dashed)
            }
        }
    }
}

/// The points that lie within the axes.
fn within(chart: &Chart<'_, '_>, points: impl IntoIterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let (x, y) = (chart.x_range(), chart.y_range());
    let inside = |&(a, b): &(f64, f64)| x.start <= a && a <= x.end && y.start <= b && b <= y.end;
    points.into_iter().filter(inside).collect()
}

/// A line through points.
pub(crate) fn line(
    chart: &mut Chart<'_, '_>,
    points: impl IntoIterator<Item = (f64, f64)>,
    stroke: Stroke,
) -> Drawn {
    let points = within(chart, points);
    match stroke.dash {
        None => chart.draw_series(LineSeries::new(points, stroke.style()))?,
        Some((on, off)) => {
            let dashed = DashedLineSeries::new(points, px(on), px(off), stroke.style());
            chart.draw_series(dashed)?
        }
    };
    Ok(())
}

/// Filled points.
pub(crate) fn dots(
    chart: &mut Chart<'_, '_>,
    points: impl IntoIterator<Item = (f64, f64)>,
    colour: RGBColor,
    radius: i32,
) -> Drawn {
    let points = within(chart, points).into_iter();
    chart.draw_series(points.map(|at| Circle::new(at, px(radius), colour.filled())))?;
    Ok(())
}

/// Hollow points.
pub(crate) fn rings(
    chart: &mut Chart<'_, '_>,
    points: impl IntoIterator<Item = (f64, f64)>,
    colour: RGBColor,
    radius: i32,
) -> Drawn {
    let points = within(chart, points);
    let white = points
        .iter()
        .map(|&at| Circle::new(at, px(radius), WHITE.filled()));
    chart.draw_series(white)?;
    let ring = colour.stroke_width(4);
    chart.draw_series(points.iter().map(|&at| Circle::new(at, px(radius), ring)))?;
    Ok(())
}

/// A box from one corner to the other.
pub(crate) fn block(
    chart: &mut Chart<'_, '_>,
    corners: [(f64, f64); 2],
    colour: RGBColor,
) -> Drawn {
    chart.draw_series([Rectangle::new(corners, colour.filled())])?;
    Ok(())
}

/// The outline of a box.
pub(crate) fn frame(
    chart: &mut Chart<'_, '_>,
    corners: [(f64, f64); 2],
    colour: RGBColor,
) -> Drawn {
    let [(left, low), (right, high)] = corners;
    // A path: plotters draws the outlines of rectangles a single unit wide.
    let path = vec![(left, low), (left, high), (right, high), (right, low)];
    chart.draw_series([PathElement::new(path, colour.stroke_width(3))])?;
    Ok(())
}

/// A veil over all that lies to the right.
pub(crate) fn veil(chart: &mut Chart<'_, '_>, from: f64) -> Drawn {
    let (x, y) = (chart.x_range(), chart.y_range());
    let corners = [(from, y.start), (x.end, y.end)];
    chart.draw_series([Rectangle::new(corners, BLACK.mix(VEIL).filled())])?;
    Ok(())
}

/// A span of what chance allows: a bar with ends.
pub(crate) fn bar(chart: &mut Chart<'_, '_>, x: f64, ends: (f64, f64), colour: RGBColor) -> Drawn {
    let wide = 0.012 * (chart.x_range().end - chart.x_range().start);
    let paths = [
        [(x, ends.0), (x, ends.1)],
        [(x - wide, ends.0), (x + wide, ends.0)],
        [(x - wide, ends.1), (x + wide, ends.1)],
    ];
    let style = colour.stroke_width(3);
    chart.draw_series(paths.map(|path| PathElement::new(path.to_vec(), style)))?;
    Ok(())
}

/// A thin line from the bottom to the top.
pub(crate) fn vertical(chart: &mut Chart<'_, '_>, x: f64) -> Drawn {
    let y = chart.y_range();
    let path = PathElement::new(vec![(x, y.start), (x, y.end)], GREY.stroke_width(2));
    chart.draw_series([path])?;
    Ok(())
}

/// Small text at a point of the axes.
pub(crate) fn label(
    chart: &mut Chart<'_, '_>,
    at: (f64, f64),
    words: impl Into<String>,
    colour: RGBColor,
    place: (HPos, VPos),
) -> Drawn {
    let style = text_at(11, colour, place.0, place.1);
    chart.draw_series([Text::new(words.into(), at, style)])?;
    Ok(())
}

/// Colours of viridis at equal distances.
const VIRIDIS: [(u8, u8, u8); 10] = [
    (0x44, 0x01, 0x54),
    (0x48, 0x28, 0x78),
    (0x3e, 0x49, 0x89),
    (0x31, 0x68, 0x8e),
    (0x26, 0x82, 0x8e),
    (0x1f, 0x9e, 0x89),
    (0x35, 0xb7, 0x79),
    (0x6d, 0xcd, 0x59),
    (0xb4, 0xde, 0x2c),
    (0xfd, 0xe7, 0x25),
];

/// The colour of a share from 0, dark, to 1, light.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a short list, and bytes"
)]
pub(crate) fn heat(share: f64) -> RGBColor {
    let last = VIRIDIS.len() - 1;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let lower = (place as usize).min(last - 1);
    let (from, to) = (VIRIDIS[lower], VIRIDIS[lower + 1]);
    let part = place - lower as f64;
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - part) + f64::from(b) * part).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// The bar that says which colour means what, with its ticks to the right.
pub(crate) fn colour_bar(area: &DrawingArea<SVGBackend<'_>, Shift>, scale: Scale) -> Drawn {
    use plotters::coord::ranged1d::Ranged;
    let ends = scale.range();
    let across: RangedCoordf64 = (0.0..1.0).into();
    let mut chart = ChartBuilder::on(area)
        .margin_top(px(34))
        .margin_bottom(px(6))
        .margin_right(px(4))
        .set_label_area_size(LabelAreaPosition::Bottom, px(44))
        .set_label_area_size(LabelAreaPosition::Right, px(46))
        .build_cartesian_2d(across, scale)?;
    let steps: i32 = 100;
    let height = (ends.end - ends.start) / f64::from(steps);
    chart.draw_series((0..steps).map(|step| {
        let share = f64::from(step) / f64::from(steps - 1);
        let bottom = ends.start + height * f64::from(step);
        let corners = [(0.0, bottom), (1.0, (bottom + 2.0 * height).min(ends.end))];
        Rectangle::new(corners, heat(share).filled())
    }))?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_labels(0)
        .axis_style(TRANSPARENT)
        .label_style(text(11, BLACKISH))
        .set_all_tick_mark_size(px(3))
        .draw()
}
