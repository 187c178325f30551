//! Why does retention rise although no customer becomes more loyal, and what does it cost a forecast
//! to miss that?
//!
//! Year by year a larger share of those under contract renews. One need not believe in growing
//! loyalty: those who are prone to leave have left, which is all that the sBG knows. A constant
//! retention rate, fitted to the same years, forecasts far too few survivors.
//!
//! Two segments over twelve years → `GeometricRetention`, `Sbg` and `BetaDiscreteWeibull` fitted to
//! the first seven → forecasts of the other five. Writes `retention.svg` into `target/plots`, or the
//! directory of `--out`; run with `cargo run --release --example plot_retention`.

use std::ffi::OsStr;
use std::process::ExitCode;

use csv::ByteRecord;
use guanxi::model::{
    BetaDiscreteWeibull, Fit, FitError, FitOptions, GeometricRetention, KeptRetention, Parametric,
    RetentionModel, RetentionPosterior, RetentionSample, Sbg, choose_retention,
};
use guanxi::quantity::TimeUnit;
use plotters::style::text_anchor::{HPos, VPos};

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod plot;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use plot::{
    Area, BG, DATA, Drawn, GREY, Key, MBG, Mark, OPTIONS, PURPLE, Page, Panel, Scale, Stroke, dots,
    label, line, output_directory, rings, veil, vertical,
};
use support::{Columns, Failure, Table, print, run};

const USAGE: &str = "\
Draws survival and retention rates of two segments beside those that models forecast.

usage: plot_retention [--out DIRECTORY]

  --out DIRECTORY  where retention.svg is written (default target/plots)
  --help           print this
";

/// Wherever the example is run.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/retention.csv");
const HEADER: &str = "period,survivors,cohort";
/// Years that the models learn from.
const LEARNED: usize = 7;

const SBG: Stroke = MBG;
const BDW: Stroke = BG;
const CONSTANT: Stroke = Stroke::new(PURPLE, Some((3, 3)));

fn main() -> ExitCode {
    run(USAGE, OPTIONS, |arguments| {
        let cohorts = read()?;
        let segments = [
            Segment::of("High-end customers", &cohorts[0]).map_err(refused)?,
            Segment::of("Regular customers", &cohorts[1]).map_err(refused)?,
        ];
        assert_published(&segments);
        let last = |segment: &Segment| segment.survivors.last().map_or(0.0, |all| all * 100.0);
        let page = Page {
            name: "retention",
            size: (1000, 860),
            headline: format!(
                "After 12 years {:.1} % and {:.1} % are left; a constant rate forecast {:.1} % and {:.1} %",
                last(&segments[0]),
                last(&segments[1]),
                segments[0].forecasts[0].survival(12) * 100.0,
                segments[1].forecasts[0].survival(12) * 100.0,
            ),
            question: "Why does retention rise although no customer becomes more loyal, and what does it cost a forecast to miss that?",
            keys: &[
                Key {
                    label: "fitted to",
                    mark: Mark::Dot(DATA.colour),
                },
                Key {
                    label: "held out",
                    mark: Mark::Ring(DATA.colour),
                },
                Key {
                    label: "sBG",
                    mark: Mark::Line(SBG),
                },
                Key {
                    label: "BdW",
                    mark: Mark::Line(BDW),
                },
                Key {
                    label: "constant retention rate",
                    mark: Mark::Line(CONSTANT),
                },
            ],
            caption: &[
                "Data: two segments of a firm's customers under contract (Fader & Hardie 2007, table 1); models fitted to years 1 to 7.",
                "In the sBG each customer's own chance of leaving never changes: the rate rises because those prone to leave have left.",
            ],
        };
        let file = page.write(&output_directory(arguments), |body| draw(body, &segments))?;
        print(&format!(
            "{}\nwrote {}\n",
            to_text(&segments),
            file.display()
        ))
    })
}

fn refused(reason: impl std::fmt::Display) -> Failure {
    Failure::refused("retention.csv", reason)
}

/// The survivors of both cohorts, from all at the start on.
fn read() -> Result<[Vec<f64>; 2], Failure> {
    let mut table = Table::open(OsStr::new(FILE))?;
    let survivors = table.required_column("survivors", HEADER)?;
    let cohort = table.required_column("cohort", HEADER)?;
    let mut cohorts = [Vec::new(), Vec::new()];
    let mut row = ByteRecord::new();
    while table.read(&mut row)? {
        let text = std::str::from_utf8(&row[survivors]).ok();
        let count: f64 = text
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| table.unexpected("survivors", "a number", &row[survivors]))?;
        let place = usize::from(&row[cohort] != b"high_end");
        cohorts[place].push(count);
    }
    Ok(cohorts)
}

/// A segment's survivors as shares, and what each model makes of its first years.
struct Segment {
    name: &'static str,
    survivors: Vec<f64>,
    forecasts: [Forecast; 3],
    kept: KeptRetention,
    /// Mean chance of leaving of those left at the start and after seven years, by the sBG.
    prone: [f64; 2],
}

struct Forecast {
    model: &'static str,
    stroke: Stroke,
    /// Shares that are left after 0, 1, … 12 years.
    survival: Vec<f64>,
}

impl Forecast {
    fn of<M>(sample: &RetentionSample, years: usize, stroke: Stroke) -> Result<Self, FitError>
    where
        M: Fit<Sample = RetentionSample> + Parametric + RetentionModel,
    {
        let fitted = M::fit_sample(sample, &FitOptions::default())?;
        let survival = (0..).take(years).map(|year| fitted.model().survival(year));
        Ok(Self {
            model: M::MODEL,
            stroke,
            survival: survival.collect(),
        })
    }

    fn survival(&self, year: usize) -> f64 {
        self.survival.get(year).copied().unwrap_or(0.0)
    }
}

impl Segment {
    fn of(name: &'static str, counts: &[f64]) -> Result<Self, FitError> {
        let mut sample = RetentionSample::new(TimeUnit::Year);
        sample.add_cohort(&counts[..=LEARNED.min(counts.len() - 1)])?;
        let choice = choose_retention(&sample, &FitOptions::default())?;
        let (sbg, years) = (choice.sbg().model(), counts.len());
        Ok(Self {
            name,
            survivors: counts.iter().map(|count| count / counts[0]).collect(),
            forecasts: [
                Forecast::of::<GeometricRetention>(&sample, years, CONSTANT)?,
                Forecast::of::<Sbg>(&sample, years, SBG)?,
                Forecast::of::<BetaDiscreteWeibull>(&sample, years, BDW)?,
            ],
            kept: choice.kept(),
            prone: [0, 7].map(|renewals| sbg.posterior(renewals).mean_theta()),
        })
    }
}

/// The share of those left that renews, for each year from 1.
fn rates(survivors: &[f64]) -> Vec<(f64, f64)> {
    let pairs = (1_u32..).zip(survivors.windows(2));
    pairs
        .map(|(year, two)| (f64::from(year), two[1] / two[0]))
        .collect()
}

/// Survival after twelve years as published for sBG and `BdW`, and what the AIC chooses.
fn assert_published(segments: &[Segment]) {
    let published = [
        (
            0.394,
            0.270,
            0.37800,
            0.40393,
            KeptRetention::BetaDiscreteWeibull,
        ),
        (0.173, 0.046, 0.17004, 0.17733, KeptRetention::Sbg),
    ];
    for (segment, (actual, constant, sbg, bdw, kept)) in segments.iter().zip(published) {
        let after = |forecast: &Forecast| forecast.survival(12);
        assert!((segment.survivors[12] - actual).abs() < 1e-12);
        assert!((after(&segment.forecasts[1]) - sbg).abs() < 1e-5);
        assert!((after(&segment.forecasts[2]) - bdw).abs() < 1e-5);
        assert!(
            (after(&segment.forecasts[0]) - constant).abs() < 5e-4,
            "a constant rate"
        );
        assert_eq!(segment.kept, kept);
        let rates = rates(&segment.forecasts[1].survival);
        assert!(
            rates.windows(2).all(|two| two[0].1 < two[1].1),
            "the rate rises"
        );
        assert!(segment.prone[1] < segment.prone[0]);
    }
}

fn to_text(segments: &[Segment]) -> String {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let mut columns = Columns::new(
        1,
        [
            "left after 12 years",
            "actual",
            "constant",
            "sBG",
            "BdW",
            "AIC keeps",
        ],
    );
    for segment in segments {
        let [constant, sbg, bdw] = &segment.forecasts;
        let kept = if segment.kept == KeptRetention::Sbg {
            sbg
        } else {
            bdw
        };
        columns.row([
            segment.name.to_owned(),
            percent(segment.survivors[12]),
            percent(constant.survival(12)),
            percent(sbg.survival(12)),
            percent(bdw.survival(12)),
            kept.model.to_owned(),
        ]);
    }
    let mut text = columns.text();
    let mut columns = Columns::new(
        1,
        [
            "share that renews, by the sBG",
            "year 1",
            "year 12",
            "mean chance to leave at first",
            "of those left after 7 years",
        ],
    );
    for segment in segments {
        let rates = rates(&segment.forecasts[1].survival);
        columns.row([
            segment.name.to_owned(),
            percent(rates[0].1),
            percent(rates[11].1),
            percent(segment.prone[0]),
            percent(segment.prone[1]),
        ]);
    }
    text.push('\n');
    text.push_str(&columns.text());
    text
}

fn draw(body: &Area<'_>, segments: &[Segment]) -> Drawn {
    let learned = LEARNED as f64;
    let end = 12.4;
    for (areas, segment) in body.split_evenly((2, 2)).chunks(2).zip(segments) {
        let survival: Vec<(f64, f64)> = (0_u32..)
            .map(f64::from)
            .zip(segment.survivors.iter().copied())
            .collect();
        let left = Panel {
            title: &format!("{}: who is left", segment.name),
            x: ("years under contract", Scale::steps(2.0, 6, end)),
            y: ("share of the cohort left", Scale::shares(0.0, 1.0, 0.2)),
            grid: true,
        };
        let right = Panel {
            title: &format!("{}: who renews", segment.name),
            x: ("year of the renewal", Scale::steps(2.0, 6, end)),
            y: (
                "share of those left that renews",
                Scale::shares(0.5, 1.0, 0.1),
            ),
            grid: true,
        };
        for (panel, area, seen, of) in [
            (
                left,
                &areas[0],
                survival,
                survivals as fn(&[f64]) -> Vec<(f64, f64)>,
            ),
            (right, &areas[1], rates(&segment.survivors), rates),
        ] {
            let low = if seen[0].0 > 0.0 { 0.5 } else { 0.0 };
            let mut chart = panel.on(area)?;
            veil(&mut chart, learned)?;
            vertical(&mut chart, learned)?;
            let place = (HPos::Left, VPos::Bottom);
            label(
                &mut chart,
                (learned + 0.2, low + 0.01),
                "held out",
                GREY,
                place,
            )?;
            for forecast in &segment.forecasts {
                line(&mut chart, of(&forecast.survival), forecast.stroke)?;
            }
            let (fitted, held): (Vec<_>, Vec<_>) =
                seen.into_iter().partition(|point| point.0 <= learned);
            dots(&mut chart, fitted, DATA.colour, 4)?;
            rings(&mut chart, held, DATA.colour, 4)?;
        }
    }
    Ok(())
}

/// Points of a survivor curve, from year 0 on.
fn survivals(survivors: &[f64]) -> Vec<(f64, f64)> {
    (0_u32..)
        .map(f64::from)
        .zip(survivors.iter().copied())
        .collect()
}
