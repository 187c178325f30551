//! How different are customers from each other, in how often they buy and in how soon they leave?
//!
//! No customer is the mean customer. What is estimated are the distributions of purchase rates and
//! of dropout over customers: a fifth of them buys for most of the others, and some leave at once
//! while others stay for years. Where models differ here although they fit alike, the data do not
//! tell which of them is right.
//!
//! CDNOW log → `MbgNbd`, `BgNbd`, `ParetoNbd` fitted → the densities of their parameters, each
//! integrated to 1 before it is drawn. Writes `heterogeneity.svg` into `target/plots`, or the
//! directory of `--out`; run with `cargo run --release --example plot_heterogeneity`.

use std::fmt::Write;
use std::process::ExitCode;

use guanxi::model::{BgNbd, MbgNbd, ParetoNbd};

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod plot;
#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
mod support;

use plot::{
    Area, BG, Cdnow, Drawn, Key, MBG, Mark, OPTIONS, PARETO, Page, Panel, Scale, Stroke, block,
    frame, line, output_directory, px,
};
use support::{Columns, print, run};

const USAGE: &str = "\
Draws how purchase rates and dropout differ between customers, from fits to the CDNOW log.

usage: plot_heterogeneity [--out DIRECTORY]

  --out DIRECTORY  where heterogeneity.svg is written (default target/plots)
  --help           print this
";

/// Weeks of a year, on average.
const YEAR: f64 = 365.25 / 7.0;
/// Bars of the chance of leaving.
const BARS: u32 = 10;

fn main() -> ExitCode {
    run(USAGE, OPTIONS, |arguments| {
        let cdnow = Cdnow::read()?;
        let mbg = cdnow.fit::<MbgNbd>()?.parameters();
        let bg = cdnow.fit::<BgNbd>()?.parameters();
        let pareto = cdnow.fit::<ParetoNbd>()?.parameters();
        // By the logarithm of purchases a year.
        let rates = [
            Spread::gamma("MBG/NBD", MBG, mbg.r, mbg.alpha / YEAR),
            Spread::gamma("BG/NBD", BG, bg.r, bg.alpha / YEAR),
            Spread::gamma("Pareto/NBD", PARETO, pareto.r, pareto.alpha / YEAR),
        ];
        // By the log-odds of leaving after a purchase.
        let chances = [
            Spread::beta("MBG/NBD", MBG, mbg.a, mbg.b),
            Spread::beta("BG/NBD", BG, bg.a, bg.b),
        ];
        // By the logarithm of departures a year.
        let departures = Spread::gamma("Pareto/NBD", PARETO, pareto.s, pareto.beta / YEAR);
        assert_figures(&rates, &chances, &departures);
        let page = Page {
            name: "heterogeneity",
            size: (1240, 500),
            headline: format!(
                "Half of the customers buy less than {:.1} times a year, says the MBG/NBD; {:.1}, says the BG/NBD",
                rates[0].quantile(0.5).exp(),
                rates[1].quantile(0.5).exp(),
            ),
            question: "How different are customers from each other, in how often they buy and in how soon they leave?",
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
            ],
            caption: &[
                Cdnow::SOURCE,
                "Equal areas under a curve are equal shares of customers; rates and chances are those of customers \
                 who have not left. Models that forecast alike disagree on what cannot be seen:",
                "the BG/NBD lets nobody leave before the first repeat purchase, so it takes those who never came back \
                 for slow buyers.",
            ],
        };
        let file = page.write(&output_directory(arguments), |body| {
            draw(body, &rates, &chances, &departures)
        })?;
        print(&format!(
            "{}\nwrote {}\n",
            to_text(&rates, &chances, &departures),
            file.display()
        ))
    })
}

/// How a quantity is spread over customers, on a scale from −∞ to ∞ on which its density is smooth.
struct Spread {
    model: &'static str,
    stroke: Stroke,
    /// Places at equal distances, and the density there.
    density: Vec<(f64, f64)>,
    /// What the quantity is at a place.
    value: fn(f64) -> f64,
}

/// Distance between places; the trapezoid rule is exact to rounding for these densities.
const STEP: f64 = 1.0 / 64.0;
/// The farthest place: what lies beyond weighs less than 1e-6 for shapes above 0.2.
const REACH: i32 = 80 * 64;

impl Spread {
    /// ln λ for λ ~ Gamma(shape, rate).
    fn gamma(model: &'static str, stroke: Stroke, shape: f64, rate: f64) -> Self {
        let scale = shape * rate.ln() - libm::lgamma(shape);
        Self::new(model, stroke, f64::exp, |u| {
            scale + shape * u - rate * u.exp()
        })
    }

    /// ln(p / (1 − p)) for p ~ Beta(a, b).
    fn beta(model: &'static str, stroke: Stroke, a: f64, b: f64) -> Self {
        let scale = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
        let value = |u: f64| 1.0 / (1.0 + (-u).exp());
        Self::new(model, stroke, value, |u| {
            // ln p and ln(1 − p) without loss for either sign of u.
            let (ln_p, ln_q) = (-(-u).exp().ln_1p(), -u.exp().ln_1p());
            scale + a * ln_p + b * ln_q
        })
    }

    fn new(
        model: &'static str,
        stroke: Stroke,
        value: fn(f64) -> f64,
        ln_density: impl Fn(f64) -> f64,
    ) -> Self {
        let places = (-REACH..=REACH).map(|place| f64::from(place) * STEP);
        let spread = Self {
            model,
            stroke,
            density: places.map(|u| (u, ln_density(u).exp())).collect(),
            value,
        };
        let all = spread.sum(f64::NEG_INFINITY, |_| 1.0);
        assert!(
            (all - 1.0).abs() < 1e-6,
            "all customers of the {model}: {all}"
        );
        spread
    }

    /// The mean of something over customers, those beyond a place only.
    fn sum(&self, from: f64, of: impl Fn(f64) -> f64) -> f64 {
        let beyond = self.density.iter().filter(|(u, _)| *u >= from);
        beyond.map(|(u, density)| of(*u) * density * STEP).sum()
    }

    fn mean(&self) -> f64 {
        self.sum(f64::NEG_INFINITY, self.value)
    }

    /// The place below which this share of customers lies.
    fn quantile(&self, share: f64) -> f64 {
        let mut below = 0.0;
        for (u, density) in &self.density {
            let here = density * STEP;
            if below + here >= share {
                return u + STEP * ((share - below) / here - 0.5);
            }
            below += here;
        }
        f64::INFINITY
    }

    /// The part of the whole that the customers with the most have.
    fn top_share(&self, customers: f64) -> f64 {
        self.sum(self.quantile(1.0 - customers), self.value) / self.mean()
    }

    /// The share of customers in each of so many equal parts of the quantity from 0 to 1.
    fn shares(&self, parts: u32) -> Vec<f64> {
        let mut shares = vec![0.0; parts as usize];
        let last = parts as usize - 1;
        for (u, density) in &self.density {
            // Cut each step of the sum in ten, so that it falls into the right part.
            for tenth in 0..10 {
                let at = u + STEP * ((f64::from(tenth) + 0.5) / 10.0 - 0.5);
                let value = (self.value)(at) * f64::from(parts);
                let part = (1..=last).filter(|&part| value >= part as f64).count();
                shares[part] += density * STEP / 10.0;
            }
        }
        shares
    }
}

fn assert_figures(rates: &[Spread], chances: &[Spread], departures: &Spread) {
    // Means in closed form: r/α, a/(a + b) and s/β.
    let means = [
        0.524_843 / 6.183_085,
        0.242_595 / 4.413_602,
        0.553_277 / 10.577_684,
    ];
    for (rate, mean) in rates.iter().zip(means) {
        assert!(
            (rate.mean() / (mean * YEAR) - 1.0).abs() < 1e-5,
            "{}",
            rate.model
        );
    }
    for (chance, mean) in chances
        .iter()
        .zip([0.891_359 / 2.505_362, 0.792_922 / 3.218_829])
    {
        assert!(
            (chance.mean() / mean - 1.0).abs() < 1e-5,
            "{}",
            chance.model
        );
    }
    assert!((departures.mean() / (0.606_240 / 11.668_735 * YEAR) - 1.0).abs() < 1e-4);
    let near = |found: f64, printed: f64| (found - printed).abs() < 0.005;
    for (rate, (median, rare, top)) in
        rates
            .iter()
            .zip([(2.10, 0.35, 0.64), (0.47, 0.59, 0.80), (1.35, 0.43, 0.63)])
    {
        assert!(near(rate.quantile(0.5).exp(), median), "median");
        assert!(near(1.0 - rate.sum(0.0, |_| 1.0), rare), "less than once");
        assert!(near(rate.top_share(0.2), top), "few buy for the others");
    }
    for (chance, (lowest, highest)) in chances.iter().zip([(19.4, 2.1), (31.8, 0.3)]) {
        let shares = chance.shares(BARS);
        assert!(
            near(shares[0], lowest / 100.0) && near(shares[9], highest / 100.0),
            "tenths"
        );
    }
    assert!(
        (1.0 / departures.quantile(0.5).exp() - 0.7).abs() < 0.05,
        "stay"
    );
}

fn to_text(rates: &[Spread], chances: &[Spread], departures: &Spread) -> String {
    let mut columns = Columns::new(
        1,
        [
            "purchases a year",
            "mean",
            "median",
            "less than once",
            "the top fifth makes",
        ],
    );
    for rate in rates {
        columns.row([
            rate.model.to_owned(),
            format!("{:.2}", rate.mean()),
            format!("{:.2}", rate.quantile(0.5).exp()),
            format!("{:.0} %", (1.0 - rate.sum(0.0, |_| 1.0)) * 100.0),
            format!("{:.0} %", rate.top_share(0.2) * 100.0),
        ]);
    }
    let mut text = columns.text();
    let mut columns = Columns::new(
        1,
        [
            "chance of leaving after a purchase",
            "mean",
            "below 10 %",
            "above 90 %",
        ],
    );
    for chance in chances {
        let shares = chance.shares(BARS);
        columns.row([
            chance.model.to_owned(),
            format!("{:.1} %", chance.mean() * 100.0),
            format!("{:.1} %", shares.first().map_or(0.0, |share| share * 100.0)),
            format!("{:.1} %", shares.last().map_or(0.0, |share| share * 100.0)),
        ]);
    }
    text.push('\n');
    text.push_str(&columns.text());
    let _ = writeln!(
        text,
        "\n  Pareto/NBD: half of the customers have a mean stay above {:.1} years",
        (-departures.quantile(0.5)).exp()
    );
    text
}

fn draw(body: &Area<'_>, rates: &[Spread], chances: &[Spread], departures: &Spread) -> Drawn {
    let (first, rest) = body.split_horizontally(px(413));
    let (second, third) = rest.split_horizontally(px(413));
    let panel = Panel {
        title: "How often they buy",
        x: (
            "purchases a year while a customer",
            Scale::logarithmic(0.01, 50.0, [0.01, 0.1, 1.0, 10.0]),
        ),
        y: (
            "density per unit of the logarithm",
            Scale::steps(0.1, 3, 0.35),
        ),
        grid: true,
    };
    let mut chart = panel.on(&first)?;
    for rate in rates {
        line(
            &mut chart,
            rate.density.iter().map(|(u, y)| (u.exp(), *y)),
            rate.stroke,
        )?;
    }
    let panel = Panel {
        title: "How likely they leave after a purchase",
        x: (
            "chance of leaving (bars full: MBG/NBD, empty: BG/NBD)",
            Scale::shares(0.0, 1.0, 0.2),
        ),
        y: (
            "share of customers in each tenth",
            Scale::shares(0.0, 0.35, 0.1),
        ),
        grid: true,
    };
    let mut chart = panel.on(&second)?;
    for (place, chance) in (0_u32..).zip(chances) {
        let width = 0.4 / f64::from(BARS);
        for (part, share) in (0_u32..).zip(chance.shares(BARS)) {
            let from = (f64::from(part) + 0.1) / f64::from(BARS) + width * f64::from(place);
            let corners = [(from, 0.0), (from + width, share)];
            if place == 0 {
                block(&mut chart, corners, chance.stroke.colour)?;
            } else {
                frame(&mut chart, corners, chance.stroke.colour)?;
            }
        }
    }
    let panel = Panel {
        title: "How long they stay",
        x: (
            "mean stay of a customer, years",
            Scale::logarithmic(0.05, 200.0, [0.1, 1.0, 10.0, 100.0]),
        ),
        y: (
            "density per unit of the logarithm",
            Scale::steps(0.1, 3, 0.35),
        ),
        grid: true,
    };
    let mut chart = panel.on(&third)?;
    let stays = departures.density.iter().map(|(u, y)| ((-u).exp(), *y));
    line(&mut chart, stays, departures.stroke)
}
