//! What the examples that draw share: pages, axes, marks that a colour-blind reader can tell apart,
//! and the CDNOW log.
//!
//! Pictures are SVG, so that they stay sharp in a paper and need no fonts here.

mod axes;
mod cdnow;
mod marks;
mod page;

pub(crate) use axes::{Panel, Scale};
pub(crate) use cdnow::Cdnow;
pub(crate) use marks::{
    BG, Chart, DATA, GREY, MBG, NBD, PARETO, PURPLE, Stroke, VEILED, VERMILLION, bar, block,
    colour_bar, dots, frame, heat, label, line, rings, veil, vertical,
};
pub(crate) use page::{Area, Drawn, Key, Mark, OPTIONS, Page, output_directory, px};
