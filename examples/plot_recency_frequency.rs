//! Which customer is worth more to come: the one who bought more often, or the one who bought more
//! recently?
//!
//! Both count, but together: of two customers who have been silent for as long, the one who used to
//! buy *more* often may be worth *less*, because for that one the silence says more (the
//! increasing-frequency paradox; Fader, Hardie & Lee 2005, "RFM and CLV: Using Iso-Value Curves for
//! Customer Base Analysis", *Journal of Marketing Research* 42(4), 415–430). So no score that adds
//! points for frequency to points for recency can be right.
//!
//! CDNOW log → `MbgNbd`, `BgNbd`, `ParetoNbd` fitted → `posterior` of every frequency and recency →
//! heat maps of P(alive) and of expected purchases. Writes `recency_frequency.svg` into
//! `target/plots`, or the directory of `--out`; run with
//! `cargo run --release --example plot_recency_frequency`.

use std::fmt::Write;
use std::process::ExitCode;

use guanxi::model::{BgNbd, MbgNbd, ParetoNbd, PurchaseModel, PurchasePosterior};
use guanxi::quantity::{Span, TimeUnit};
use guanxi::summary::RfmSummary;
use plotters::style::WHITE;
use plotters::style::text_anchor::{HPos, VPos};

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod plot;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use plot::{
    Area, BG, Cdnow, DATA, Drawn, Key, MBG, Mark, OPTIONS, PARETO, Page, Panel, Scale, block,
    colour_bar, dots, heat, label, line, output_directory, px, rings,
};
use support::{Columns, Failure, print, run};

const USAGE: &str = "\
Draws P(alive) and expected purchases over frequency and recency, from the CDNOW log.

usage: plot_recency_frequency [--out DIRECTORY]

  --out DIRECTORY  where recency_frequency.svg is written (default target/plots)
  --help           print this
";

/// Age of every customer, weeks.
const AGE: u32 = 39;
/// How far the forecast looks, weeks.
const AHEAD: f64 = 39.0;
/// The most repeat purchases on the maps.
const MOST: u32 = 20;
/// Week of the last purchase of the customers who are compared.
const SILENT_SINCE: u32 = 15;

fn main() -> ExitCode {
    run(USAGE, OPTIONS, |arguments| {
        let cdnow = Cdnow::read()?;
        let (mbg, bg, pareto) = (
            cdnow.fit::<MbgNbd>()?,
            cdnow.fit::<BgNbd>()?,
            cdnow.fit::<ParetoNbd>()?,
        );
        assert_published(&pareto)?;
        let map = Map::of(&mbg)?;
        let silent = [Slice::of(&mbg)?, Slice::of(&bg)?, Slice::of(&pareto)?];
        assert_paradox(&silent);
        let headline = format!(
            "After {} weeks of silence, customers with {} repeat purchases promise most, those with 8 less than those with 1",
            AGE - SILENT_SINCE,
            silent[0].best()
        );
        let page = Page {
            name: "recency_frequency",
            size: (1240, 560),
            headline,
            question: "Which customer is worth more to come: the one who bought more often, or the \
                       one who bought more recently?",
            keys: &[
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
                    label: "most purchases expected for this recency (map in the middle)",
                    mark: Mark::Ring(DATA.colour),
                },
            ],
            caption: &[
                Cdnow::SOURCE,
                "Maps: MBG/NBD, customers 39 weeks old. Repeat purchases are counted after the first; \
                 recency is the age at the last of them.",
            ],
        };
        let file = page.write(&output_directory(arguments), |body| {
            draw(body, &map, &silent)
        })?;
        print(&format!("{}\nwrote {}\n", to_text(&silent), file.display()))
    })
}

/// What a model says of a customer.
#[derive(Debug, Clone, Copy)]
struct Told {
    alive: f64,
    expected: f64,
}

fn ask<M: PurchaseModel>(model: &M, x: u32, recency: f64, age: f64) -> Result<Told, Failure> {
    let customer = RfmSummary::new(TimeUnit::Week, x, recency, age).map_err(Cdnow::refused)?;
    let posterior = model.posterior(&customer).map_err(Cdnow::refused)?;
    let ahead = Span::weeks(AHEAD).map_err(Cdnow::refused)?;
    Ok(Told {
        alive: posterior.probability_alive(),
        expected: posterior.expected_purchases(ahead),
    })
}

/// What a model says of every frequency and week of the last purchase.
struct Map(Vec<(u32, u32, Told)>);

impl Map {
    fn of<M: PurchaseModel>(model: &M) -> Result<Self, Failure> {
        let mut cells = Vec::new();
        for x in 1..=MOST {
            for week in 1..=AGE {
                let told = ask(model, x, f64::from(week), f64::from(AGE))?;
                cells.push((x, week, told));
            }
        }
        Ok(Self(cells))
    }

    /// The frequency with the most purchases to come, for each week of the last purchase where it is
    /// not simply the highest.
    fn best(&self) -> Vec<(f64, f64)> {
        let of_week = |week| self.0.iter().filter(move |cell| cell.1 == week);
        let most = |week| of_week(week).max_by(|a, b| a.2.expected.total_cmp(&b.2.expected));
        let best = (1..=AGE).filter_map(|week| most(week).map(|cell| (cell.0, week)));
        best.filter(|&(x, _)| x < MOST)
            .map(|(x, week)| (f64::from(x), f64::from(week)))
            .collect()
    }
}

/// What a model says of customers who last bought in one week, by frequency from 1.
struct Slice {
    model: &'static str,
    told: Vec<Told>,
}

impl Slice {
    fn of<M: PurchaseModel + guanxi::model::Parametric>(model: &M) -> Result<Self, Failure> {
        let (recency, age) = (f64::from(SILENT_SINCE), f64::from(AGE));
        let told = (1..=MOST).map(|x| ask(model, x, recency, age));
        Ok(Self {
            model: M::MODEL,
            told: told.collect::<Result<_, _>>()?,
        })
    }

    /// The frequency that promises most.
    fn best(&self) -> u32 {
        let told = (1..).zip(&self.told);
        let best = told.max_by(|a, b| a.1.expected.total_cmp(&b.1.expected));
        best.map_or(0, |(x, _)| x)
    }

    fn expected(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        (1_u32..)
            .zip(&self.told)
            .map(|(x, told)| (f64::from(x), told.expected))
    }
}

/// P(alive) of the paper's paradox, which a fit to the log comes close to.
fn assert_published(pareto: &ParetoNbd) -> Result<(), Failure> {
    for (x, alive) in [
        (1, 0.540_759),
        (2, 0.436_341),
        (3, 0.330_685),
        (5, 0.157_440),
        (8, 0.036_606),
    ] {
        let found = ask(pareto, x, 15.0, 38.86)?.alive;
        assert!((found - alive).abs() < 1e-3, "P(alive) at x = {x}: {found}");
    }
    Ok(())
}

fn assert_paradox(slices: &[Slice]) {
    for slice in slices {
        let falls =
            |of: fn(&Told) -> f64| slice.told.windows(2).all(|two| of(&two[0]) > of(&two[1]));
        assert!(falls(|told| told.alive), "P(alive) falls with frequency");
        assert!(!falls(|told| told.expected), "purchases rise first");
        assert!(
            slice.told[7].expected < slice.told[0].expected,
            "8 promise less than 1"
        );
    }
    let best: Vec<u32> = slices.iter().map(Slice::best).collect();
    assert_eq!(best, [2, 2, 3], "the frequency that promises most");
    for (slice, of_two) in slices
        .iter()
        .zip([(0.375, 0.668), (0.415, 0.699), (0.434, 0.724)])
    {
        let told = slice.told[1];
        let near = |found: f64, printed: f64| (found - printed).abs() < 5e-4;
        assert!(
            near(told.alive, of_two.0) && near(told.expected, of_two.1),
            "{}",
            slice.model
        );
    }
}

fn to_text(slices: &[Slice]) -> String {
    let mut text = format!(
        "Customers {AGE} weeks old whose last purchase was in week {SILENT_SINCE}, the next {AHEAD} weeks:\n"
    );
    let mut columns = Columns::new(1, ["model", "repeat purchases", "P(alive)", "expected"]);
    for slice in slices {
        for (x, told) in (1..)
            .zip(&slice.told)
            .filter(|(x, _)| [1, 2, 4, 8].contains(x))
        {
            columns.row([
                slice.model.to_owned(),
                format!("{x}"),
                format!("{:.3}", told.alive),
                format!("{:.3}", told.expected),
            ]);
        }
    }
    let _ = write!(text, "{}", columns.text());
    text
}

fn draw(body: &Area<'_>, map: &Map, slices: &[Slice]) -> Drawn {
    let (maps, right) = body.split_horizontally(px(870));
    let (left, middle) = maps.split_horizontally(px(425));
    draw_map(
        &left,
        map,
        "P(alive)",
        |told| told.alive,
        Scale::shares(0.0, 1.0, 0.2),
        &[],
    )?;
    let most = map.0.iter().map(|cell| cell.2.expected).fold(0.0, f64::max);
    draw_map(
        &middle,
        map,
        "Purchases expected in the next 39 weeks",
        |told| told.expected,
        Scale::linear(
            0.0,
            most,
            (0..)
                .map(|tick| f64::from(tick) * 4.0)
                .take_while(|&tick| tick < most),
        ),
        &map.best(),
    )?;
    let panel = Panel {
        title: "Last purchase in week 15, 24 weeks ago",
        x: (
            "repeat purchases",
            Scale::linear(0.0, 15.5, (0..=5).map(|tick| f64::from(tick) * 3.0)),
        ),
        y: (
            "purchases expected, next 39 weeks",
            Scale::steps(0.2, 4, 0.9),
        ),
        grid: true,
    };
    let mut chart = panel.on(&right)?;
    for (slice, stroke) in slices.iter().zip([MBG, BG, PARETO]) {
        line(&mut chart, slice.expected(), stroke)?;
        dots(&mut chart, slice.expected(), stroke.colour, 2)?;
    }
    Ok(())
}

fn draw_map(
    area: &Area<'_>,
    map: &Map,
    title: &str,
    of: fn(&Told) -> f64,
    scale: Scale,
    best: &[(f64, f64)],
) -> Drawn {
    use plotters::coord::ranged1d::Ranged;
    let (area, side) = area.split_horizontally(px(355));
    let top = scale.range().end;
    let ages = (0..=3).map(|tick| f64::from(tick) * 13.0);
    let panel = Panel {
        title,
        x: (
            "repeat purchases",
            Scale::linear(0.5, f64::from(MOST) + 0.5, [1.0, 5.0, 10.0, 15.0, 20.0]),
        ),
        y: (
            "week of the last purchase (recency)",
            Scale::linear(0.5, f64::from(AGE) + 0.5, ages.skip(1)),
        ),
        grid: false,
    };
    let mut chart = panel.on(&area)?;
    for (x, week, told) in &map.0 {
        let (x, week) = (f64::from(*x), f64::from(*week));
        // Each reaches under the next, so that no seam shows.
        let end = (
            (x + 0.6).min(f64::from(MOST) + 0.5),
            (week + 0.6).min(f64::from(AGE) + 0.5),
        );
        let corners = [(x - 0.5, week - 0.5), end];
        block(&mut chart, corners, heat(of(told) / top))?;
    }
    if !best.is_empty() {
        rings(&mut chart, best.iter().copied(), DATA.colour, 3)?;
        let (words, place) = (
            "to their right, more often is worse",
            (HPos::Right, VPos::Center),
        );
        label(&mut chart, (20.0, 8.0), words, WHITE, place)?;
    }
    colour_bar(&side, scale)
}
