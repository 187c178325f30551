//! A page: the answer as a headline, the question, a legend, panels, and where the data came from.

#![allow(clippy::disallowed_methods, reason = "writes the pictures")]

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::marks::{BLACKISH, GREY, Stroke};
use crate::support::{Arguments, Failure, Options, quoted};

/// The options of every example that draws.
pub(crate) const OPTIONS: Options = Options {
    valued: &["out"],
    flags: &[],
};

/// The directory that pictures are written to.
pub(crate) fn output_directory(arguments: &Arguments) -> PathBuf {
    arguments
        .raw("out")
        .map_or_else(|| PathBuf::from("target/plots"), PathBuf::from)
}

/// A part of a page.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Whether something could be drawn.
pub(crate) type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// Drawing units per pixel of the picture: plotters rounds to whole units, and curves drawn in pixels
/// would have steps.
const UNITS: i32 = 2;

/// Pixels of the picture in drawing units.
pub(crate) const fn px(pixels: i32) -> i32 {
    pixels * UNITS
}

/// Text of this height in pixels.
pub(crate) fn text(pixels: i32, colour: RGBColor) -> TextStyle<'static> {
    // What plotters calls the size of a font is its line height.
    let font = FontDesc::from(("sans-serif", f64::from(px(pixels)) * 1.24));
    font.color(&colour)
}

/// The same, placed about its position in another way than below and to the right of it.
pub(crate) fn text_at(pixels: i32, colour: RGBColor, h: HPos, v: VPos) -> TextStyle<'static> {
    text(pixels, colour).pos(Pos::new(h, v))
}

/// One entry of the legend.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) label: &'static str,
    pub(crate) mark: Mark,
}

/// How data is marked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mark {
    Line(Stroke),
    Dot(RGBColor),
    Ring(RGBColor),
    Patch(RGBColor),
}

/// What stands around the panels of a picture.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// Name of the file, without `.svg`.
    pub(crate) name: &'a str,
    /// Width and height in pixels.
    pub(crate) size: (u32, u32),
    /// The answer.
    pub(crate) headline: String,
    /// What was asked.
    pub(crate) question: &'a str,
    /// The legend.
    pub(crate) keys: &'a [Key],
    /// What was done with which data, line by line.
    pub(crate) caption: &'a [&'a str],
}

impl Page<'_> {
    /// Draws the page and writes it into a directory, which is made if there is none; the file's path.
    pub(crate) fn write(
        &self,
        directory: &Path,
        panels: impl FnOnce(&Area<'_>) -> Drawn,
    ) -> Result<PathBuf, Failure> {
        let svg = self
            .svg(panels)
            .map_err(|error| Failure::refused(self.name, error))?;
        let refused = |error: io::Error| {
            Failure::unexpected(
                "--out",
                format!("a directory that can be written ({error})"),
                quoted(directory.as_os_str().as_encoded_bytes()),
            )
        };
        fs::create_dir_all(directory).map_err(refused)?;
        let file = directory.join(format!("{}.svg", self.name));
        fs::write(&file, svg).map_err(refused)?;
        Ok(file)
    }

    /// The picture as SVG.
    fn svg(
        &self,
        panels: impl FnOnce(&Area<'_>) -> Drawn,
    ) -> Result<String, DrawingAreaErrorKind<io::Error>> {
        let units = UNITS.unsigned_abs();
        let size = (self.size.0 * units, self.size.1 * units);
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            root.fill(&WHITE)?;
            let (head, rest) =
                root.split_vertically(px(if self.keys.is_empty() { 62 } else { 90 }));
            let lines = i32::try_from(self.caption.len()).unwrap_or(0);
            let height = i32::try_from(rest.dim_in_pixel().1).unwrap_or(0);
            let (body, foot) = rest.split_vertically(height - px(lines * 16 + 14));
            self.draw_head(&head)?;
            panels(&body)?;
            for (at, line) in (0..).zip(self.caption) {
                let style = text(11, GREY);
                foot.draw(&Text::new(*line, (px(16), px(4 + at * 16)), style))?;
            }
            root.present()?;
        }
        Ok(self.titled(&svg, size))
    }

    fn draw_head(&self, head: &Area<'_>) -> Drawn {
        let answer = text(18, BLACKISH);
        head.draw(&Text::new(self.headline.as_str(), (px(16), px(12)), answer))?;
        head.draw(&Text::new(self.question, (px(16), px(39)), text(13, GREY)))?;
        let (mut x, y) = (px(16), px(74));
        for key in self.keys {
            let end = x + px(26);
            match key.mark {
                Mark::Line(stroke) => stroke.draw_on(head, vec![(x, y), (end, y)])?,
                Mark::Dot(colour) => {
                    head.draw(&Circle::new((end - px(8), y), px(4), colour.filled()))?;
                }
                Mark::Ring(colour) => {
                    let ring = colour.stroke_width(4);
                    head.draw(&Circle::new((end - px(8), y), px(4), ring))?;
                }
                Mark::Patch(colour) => {
                    let corners = [(end - px(16), y - px(6)), (end, y + px(6))];
                    head.draw(&Rectangle::new(corners, colour.filled()))?;
                }
            }
            let style = text_at(13, BLACKISH, HPos::Left, VPos::Center);
            head.draw(&Text::new(key.label, (end + px(6), y), style))?;
            // Wide fonts take 0.6 of their height for a letter.
            let letters = i32::try_from(key.label.chars().count()).unwrap_or(0);
            x = end + px(6) + px(letters * 78 / 10) + px(18);
        }
        Ok(())
    }

    /// The picture in its real size, with a title and a description for readers who hear it.
    fn titled(&self, svg: &str, drawn: (u32, u32)) -> String {
        let (_, content) = svg.split_once(">\n").unwrap_or(("", svg));
        let mut page = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{}\" height=\"{}\" \
             viewBox=\"0 0 {} {}\">\n",
            self.size.0, self.size.1, drawn.0, drawn.1
        );
        let title = escaped(&self.headline);
        let description = escaped(&format!("{} {}", self.question, self.caption.join(" ")));
        let _ = writeln!(page, "<title>{title}</title>\n<desc>{description}</desc>");
        page.push_str(content);
        page
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
