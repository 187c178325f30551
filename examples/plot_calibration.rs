//! When a model says that a customer will buy with a chance of 40 %, do 40 % of such customers buy?
//!
//! Customers are grouped by the chance they were given, in tenths; each point is the share of its
//! group that did buy in the 39 weeks after. Chance alone would leave 95 of 100 points within the
//! bars, were every forecast right.
//!
//! CDNOW log → four models fitted to 39 weeks → `Holdout` on the next 39. Writes `calibration.svg`
//! into `target/plots`, or the directory of `--out`; run with
//! `cargo run --release --example plot_calibration`.

use std::process::ExitCode;

use guanxi::metric::CalibrationBin;
use guanxi::model::{
    BgNbd, Fit, Holdout, MbgNbd, Nbd, Parametric, ParetoNbd, PurchaseModel, Sample,
};
use plotters::style::text_anchor::{HPos, VPos};

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod plot;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use plot::{
    Area, Cdnow, DATA, Drawn, GREY, Key, Mark, OPTIONS, Page, Panel, Scale, Stroke, VERMILLION,
    bar, dots, label, line, output_directory, rings,
};
use support::{Columns, Failure, grouped, print, run};

const USAGE: &str = "\
Draws predicted chances of a purchase beside what happened, model by model, from the CDNOW log.

usage: plot_calibration [--out DIRECTORY]

  --out DIRECTORY  where calibration.svg is written (default target/plots)
  --help           print this
";

/// Standard deviations on either side that chance stays within 95 times of 100.
const WIDE: f64 = 1.959_963_984_540_054;

fn main() -> ExitCode {
    run(USAGE, OPTIONS, |arguments| {
        let cdnow = Cdnow::read()?;
        let judged = [
            Judged::of::<MbgNbd>(&cdnow)?,
            Judged::of::<BgNbd>(&cdnow)?,
            Judged::of::<ParetoNbd>(&cdnow)?,
            Judged::of::<Nbd>(&cdnow)?,
        ];
        assert_figures(&judged);
        let page = Page {
            name: "calibration",
            size: (1000, 900),
            headline: format!(
                "{:.0} % bought; the models with dropout expected {:.0} to {:.0} %, the NBD {:.0} %",
                judged[0].mean(CalibrationBin::observed) * 100.0,
                judged[2].mean(CalibrationBin::predicted) * 100.0,
                judged[1].mean(CalibrationBin::predicted) * 100.0,
                judged[3].mean(CalibrationBin::predicted) * 100.0,
            ),
            question: "When a model says that customers will buy with a chance of 40 %, do 40 % of them buy?",
            keys: &[
                Key {
                    label: "share that bought",
                    mark: Mark::Dot(DATA.colour),
                },
                Key {
                    label: "further off than chance",
                    mark: Mark::Ring(VERMILLION),
                },
                Key {
                    label: "as predicted, with what chance allows 95 times of 100",
                    mark: Mark::Line(PREDICTED),
                },
            ],
            caption: &[
                Cdnow::SOURCE,
                "Predicted: P(active), a purchase in the 39 weeks to 30 June 1998. Small numbers: customers in each tenth.",
            ],
        };
        let file = page.write(&output_directory(arguments), |body| draw(body, &judged))?;
        print(&format!("{}\nwrote {}\n", to_text(&judged), file.display()))
    })
}

/// The diagonal.
const PREDICTED: Stroke = Stroke::new(GREY, None);

/// A model and what became of its forecasts.
struct Judged {
    model: &'static str,
    holdout: Holdout,
}

impl Judged {
    fn of<M>(cdnow: &Cdnow) -> Result<Self, Failure>
    where
        M: Fit<Sample: Sample> + Parametric + PurchaseModel,
    {
        let holdout = Holdout::new(&cdnow.fit::<M>()?, &cdnow.split).map_err(Cdnow::refused)?;
        Ok(Self {
            model: M::MODEL,
            holdout,
        })
    }

    /// The mean of something over customers.
    fn mean(&self, of: impl Fn(&CalibrationBin) -> f64) -> f64 {
        let bins = self.holdout.calibration();
        let sum: f64 = bins
            .iter()
            .map(|bin| of(bin) * bin.customers() as f64)
            .sum();
        sum / self.customers() as f64
    }

    fn customers(&self) -> u64 {
        self.holdout
            .calibration()
            .iter()
            .map(CalibrationBin::customers)
            .sum()
    }

    /// Groups that are further off than chance.
    fn missed(&self) -> usize {
        self.holdout
            .calibration()
            .iter()
            .filter(|bin| is_missed(bin))
            .count()
    }
}

/// Where chance leaves the share of a group, if its forecasts are right.
fn by_chance(bin: &CalibrationBin) -> (f64, f64) {
    let wide = WIDE * bin.chance_sd();
    (
        (bin.predicted() - wide).max(0.0),
        (bin.predicted() + wide).min(1.0),
    )
}

fn is_missed(bin: &CalibrationBin) -> bool {
    let (low, high) = by_chance(bin);
    !(low..=high).contains(&bin.observed())
}

fn assert_figures(judged: &[Judged]) {
    let known = [
        ("MBG/NBD", 6, 0.240, 0.1614),
        ("BG/NBD", 5, 0.262, 0.1612),
        ("Pareto/NBD", 4, 0.222, 0.1619),
        ("NBD", 7, 0.424, 0.1821),
    ];
    for (judged, (model, missed, predicted, brier)) in judged.iter().zip(known) {
        assert_eq!((judged.model, judged.missed()), (model, missed));
        let near = |found: f64, known: f64, by: f64| (found - known).abs() < by;
        assert!(
            near(judged.mean(CalibrationBin::predicted), predicted, 5e-4),
            "{model}"
        );
        assert!(
            near(judged.mean(CalibrationBin::observed), 0.290, 5e-4),
            "bought"
        );
        let active = judged.holdout.active();
        assert!(near(active.brier(), brier, 5e-5), "Brier score of {model}");
        assert!(
            near(active.brier_of_base_rate(), 0.2060, 5e-5),
            "of the base rate"
        );
    }
}

fn to_text(judged: &[Judged]) -> String {
    let mut columns = Columns::new(
        1,
        [
            "P(active)",
            "customers",
            "predicted",
            "bought",
            "missed",
            "Brier score",
            "of the base rate",
        ],
    );
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    for judged in judged {
        let (bins, active) = (judged.holdout.calibration(), judged.holdout.active());
        columns.row([
            judged.model.to_owned(),
            grouped(judged.customers()),
            percent(judged.mean(CalibrationBin::predicted)),
            percent(judged.mean(CalibrationBin::observed)),
            format!("{} of {}", judged.missed(), bins.len()),
            format!("{:.4}", active.brier()),
            format!("{:.4}", active.brier_of_base_rate()),
        ]);
    }
    columns.text()
}

fn draw(body: &Area<'_>, judged: &[Judged]) -> Drawn {
    for (area, judged) in body.split_evenly((2, 2)).iter().zip(judged) {
        let panel = Panel {
            title: judged.model,
            x: (
                "predicted chance of a purchase",
                Scale::shares(0.0, 1.0, 0.2),
            ),
            y: ("share that bought", Scale::shares(0.0, 1.1, 0.2)),
            grid: true,
        };
        let mut chart = panel.on(area)?;
        line(&mut chart, [(0.0, 0.0), (1.0, 1.0)], PREDICTED)?;
        for bin in judged.holdout.calibration() {
            bar(&mut chart, bin.predicted(), by_chance(bin), GREY)?;
            let at = (f64::midpoint(bin.lower(), bin.upper()), 1.05);
            let place = (HPos::Center, VPos::Center);
            label(&mut chart, at, bin.customers().to_string(), GREY, place)?;
        }
        for bin in judged.holdout.calibration() {
            let at = [(bin.predicted(), bin.observed())];
            if is_missed(bin) {
                rings(&mut chart, at, VERMILLION, 5)?;
            } else {
                dots(&mut chart, at, DATA.colour, 5)?;
            }
        }
    }
    Ok(())
}
