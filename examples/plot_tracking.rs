//! How well does a model track a base of customers after the weeks it has learned from?
//!
//! Week by week, the repeat purchases of 2,357 customers beside those that each model expected of
//! them; the 39 weeks on the right were not shown to any model. The NBD, in which nobody ever leaves,
//! says what dropout is good for.
//!
//! CDNOW log → `Nbd`, `MbgNbd`, `BgNbd`, `ParetoNbd` fitted to 39 weeks → `Tracking` of all 78.
//! Writes `tracking.svg` into `target/plots`, or the directory of `--out`; run with
//! `cargo run --release --example plot_tracking`.

use std::process::ExitCode;

use guanxi::model::{
    BgNbd, Fit, MbgNbd, Nbd, Parametric, ParetoNbd, PurchaseModel, Sample, Tracked, Tracking,
};
use guanxi::quantity::Span;
use guanxi::summary::Activity;
use plotters::style::text_anchor::{HPos, VPos};

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod plot;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use plot::{
    Area, BG, Cdnow, DATA, Drawn, GREY, Key, MBG, Mark, NBD, OPTIONS, PARETO, Page, Panel, Scale,
    Stroke, VEILED, label, line, output_directory, veil, vertical,
};
use support::{Columns, Failure, grouped, print, rounded, run};

const USAGE: &str = "\
Draws weekly and cumulative repeat purchases beside those that models expect, from the CDNOW log.

usage: plot_tracking [--out DIRECTORY]

  --out DIRECTORY  where tracking.svg is written (default target/plots)
  --help           print this
";

/// Weeks that the models learn from, and in all.
const LEARNED: f64 = 39.0;
const WEEKS: f64 = 78.0;

fn main() -> ExitCode {
    run(USAGE, OPTIONS, |arguments| {
        let cdnow = Cdnow::read()?;
        let activity = cdnow
            .base
            .activity(cdnow.calibration_end, cdnow.end)
            .map_err(Cdnow::refused)?;
        let tracks = [
            Track::of::<Nbd>(&cdnow, &activity, NBD)?,
            Track::of::<ParetoNbd>(&cdnow, &activity, PARETO)?,
            Track::of::<BgNbd>(&cdnow, &activity, BG)?,
            Track::of::<MbgNbd>(&cdnow, &activity, MBG)?,
        ];
        assert_figures(&tracks);
        let page = Page {
            name: "tracking",
            size: (1000, 900),
            headline: format!(
                "With dropout {} to {} % of the holdout is missed; without, {} % too much is expected",
                rounded(-tracks[1].off(), 0),
                rounded(-tracks[3].off(), 0),
                rounded(tracks[0].off(), 0),
            ),
            question: "How well does a model track a base of customers after the weeks it has learned from?",
            keys: &[
                Key {
                    label: "actual",
                    mark: Mark::Line(DATA),
                },
                Key {
                    label: "MBG/NBD",
                    mark: Mark::Line(MBG),
                },
                Key {
                    label: "BG/NBD",
                    mark: Mark::Line(BG),
                },
                Key {
                    label: "Pareto/NBD",
                    mark: Mark::Line(PARETO),
                },
                Key {
                    label: "NBD (nobody leaves)",
                    mark: Mark::Line(NBD),
                },
                Key {
                    label: "holdout",
                    mark: Mark::Patch(VEILED),
                },
            ],
            caption: &[
                Cdnow::SOURCE,
                "Expected: of newcomers, summed over customers from the day on which each first bought.",
            ],
        };
        let file = page.write(&output_directory(arguments), |body| draw(body, &tracks))?;
        print(&format!("{}\nwrote {}\n", to_text(&tracks), file.display()))
    })
}

/// A model beside what happened.
struct Track {
    model: &'static str,
    stroke: Stroke,
    tracking: Tracking,
    calibration: Tracked,
    holdout: Tracked,
}

impl Track {
    fn of<M>(cdnow: &Cdnow, activity: &Activity, stroke: Stroke) -> Result<Self, Failure>
    where
        M: Fit<Sample: Sample> + Parametric + PurchaseModel,
    {
        let week = Span::weeks(1.0).map_err(Cdnow::refused)?;
        let model = cdnow.fit::<M>()?;
        let tracking = Tracking::new(&model, activity, week).map_err(Cdnow::refused)?;
        let part = |part: Option<Tracked>| part.ok_or_else(|| Cdnow::refused("no whole week"));
        Ok(Self {
            model: M::MODEL,
            stroke,
            calibration: part(tracking.calibration())?,
            holdout: part(tracking.holdout())?,
            tracking,
        })
    }

    /// By how many per cent the purchases of the holdout are overestimated.
    fn off(&self) -> f64 {
        self.holdout
            .relative_error()
            .map_or(0.0, |error| error * 100.0)
    }

    /// A series by the middle of each week, counted from 1 January 1997.
    fn series<'a>(
        &'a self,
        of: impl Fn(usize) -> f64 + 'a,
        shift: f64,
    ) -> impl Iterator<Item = (f64, f64)> + 'a {
        (0..self.tracking.periods().len()).map(move |week| (week as f64 + shift, of(week)))
    }
}

fn assert_figures(tracks: &[Track]) {
    let known = [
        ("NBD", 2_458.0, 55.7, 27.6),
        ("Pareto/NBD", 2_525.0, -7.3, 9.4),
        ("BG/NBD", 2_494.0, -11.4, 9.8),
        ("MBG/NBD", 2_476.0, -16.3, 10.4),
    ];
    for (track, (model, learned, off, weekly)) in tracks.iter().zip(known) {
        let (calibration, holdout) = (track.calibration, track.holdout);
        assert_eq!(track.model, model);
        assert_eq!((calibration.periods, calibration.actual), (39, 2_457));
        assert_eq!((holdout.periods, holdout.actual), (39, 1_882));
        assert!(
            (calibration.expected - learned).abs() < 0.5,
            "{model} in the calibration"
        );
        assert!((track.off() - off).abs() < 0.05, "{model} in the holdout");
        assert!(
            (holdout.mean_absolute_error - weekly).abs() < 0.05,
            "{model} a week"
        );
    }
}

fn to_text(tracks: &[Track]) -> String {
    let mut columns = Columns::new(
        1,
        [
            "repeat purchases",
            "calibration",
            "holdout",
            "holdout off by",
            "a week off by",
        ],
    );
    if let Some(track) = tracks.first() {
        columns.row([
            "actual".to_owned(),
            grouped(track.calibration.actual),
            grouped(track.holdout.actual),
            String::new(),
            String::new(),
        ]);
    }
    for track in tracks {
        columns.row([
            track.model.to_owned(),
            rounded(track.calibration.expected, 0),
            rounded(track.holdout.expected, 0),
            format!("{:+.1} %", track.off()),
            rounded(track.holdout.mean_absolute_error, 1),
        ]);
    }
    columns.text()
}

fn draw(body: &Area<'_>, tracks: &[Track]) -> Drawn {
    let halves = body.split_evenly((2, 1));
    let weeks = || ("weeks since 1 January 1997", Scale::steps(13.0, 6, WEEKS));
    let weekly = Panel {
        title: "Each week",
        x: weeks(),
        y: ("repeat purchases a week", Scale::steps(25.0, 5, 140.0)),
        grid: true,
    };
    let cumulative = Panel {
        title: "In all so far",
        x: weeks(),
        y: (
            "repeat purchases since the start",
            Scale::steps(1000.0, 5, 5500.0),
        ),
        grid: true,
    };
    for (panel, area, top, total) in [
        (weekly, &halves[0], 140.0, false),
        (cumulative, &halves[1], 5500.0, true),
    ] {
        let mut chart = panel.on(area)?;
        veil(&mut chart, LEARNED)?;
        vertical(&mut chart, LEARNED)?;
        let (left, right) = ((HPos::Right, VPos::Top), (HPos::Left, VPos::Top));
        label(
            &mut chart,
            (LEARNED - 0.6, top * 0.98),
            "calibration",
            GREY,
            left,
        )?;
        label(
            &mut chart,
            (LEARNED + 0.6, top * 0.98),
            "holdout",
            GREY,
            right,
        )?;
        for (first, track) in tracks.iter().enumerate() {
            let periods = track.tracking.periods();
            if first == 0 {
                let actual = |week: usize| {
                    if total {
                        periods[week].cumulative_actual() as f64
                    } else {
                        periods[week].actual() as f64
                    }
                };
                line(
                    &mut chart,
                    track.series(actual, if total { 1.0 } else { 0.5 }),
                    DATA,
                )?;
            }
            let expected = |week: usize| {
                if total {
                    periods[week].cumulative_expected()
                } else {
                    periods[week].expected()
                }
            };
            line(
                &mut chart,
                track.series(expected, if total { 1.0 } else { 0.5 }),
                track.stroke,
            )?;
        }
    }
    Ok(())
}
