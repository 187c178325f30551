//! A streaming service (订阅媒体): what is one point of churn worth?
//!
//! Subscribers renew every month. Eighteen monthly cohorts are drawn from a BdW whose parameters
//! are known. What is decided is how much a programme may cost that keeps one subscriber in a
//! hundred more at the next renewal, and which retention model to ask. Asserted: the BdW is
//! kept, and forecasts the third year better than the sBG; equity and the price of the point hold the truth
//! in their intervals; and every elasticity agrees with a recomputation to 1e-6. That a programme
//! *would* take a point off churn is an input: it has to come from an experiment. Run with `cargo
//! run --release --example subscription_media`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use guanxi::model::{
    BetaDiscreteWeibull, BetaDiscreteWeibullParameters, ContractClv, ContractTerms, FitError,
    FitOptions, GeometricRetention, GeometricRetentionParameters, KeptRetention, LtvConvention,
    RetentionModel, RetentionPosterior, RetentionSample, choose_retention, ltv_formula,
};
use guanxi::quantity::{Currency, DiscountRate, Money, Probability, TimeUnit};

use sector::{Columns, Outcome, range, rounded, told};

/// Months ahead that count: twice what was observed. Beyond them lies extrapolation.
const MONTHS: u32 = 36;

/// The subscribers there are, by renewals made, and what they pay.
struct Subscribers {
    by_renewals: Vec<(u32, f64)>,
    terms: ContractTerms,
}

impl Subscribers {
    /// What the margins of the coming months are worth if each churn rate were `factor` times what
    /// the model says, and the slope of that in `factor`.
    fn equity<M: RetentionModel>(&self, model: &M, factor: f64) -> (f64, f64) {
        let wait = 1.0 + self.terms.discount().discrete_per(model.unit());
        let (mut value, mut slope) = (0.0, 0.0);
        for &(renewals, subscribers) in &self.by_renewals {
            let posterior = model.posterior(renewals);
            // What a payment is worth, and by how much its logarithm moves with the factor.
            let (mut payment, mut moves) = (1.0, 0.0);
            for month in 1..=MONTHS {
                let churn = posterior.churn_rate(month);
                payment *= (1.0 - factor * churn) / wait;
                moves -= churn / (1.0 - factor * churn);
                value += subscribers * payment;
                slope += subscribers * payment * moves;
            }
        }
        let margin = self.terms.margin().to_f64();
        (margin * value, margin * slope)
    }

    /// The share that will not make the next renewal.
    fn churn<M: RetentionModel>(&self, model: &M) -> f64 {
        let leaving = |&(renewals, subscribers): &(u32, f64)| {
            subscribers * model.posterior(renewals).churn_rate(1)
        };
        self.by_renewals.iter().map(leaving).sum::<f64>() / self.count()
    }

    /// What the equity gains if churn at the next renewal falls by one point, and churn at every
    /// later one in proportion.
    fn price_of_a_point<M: RetentionModel>(&self, model: &M) -> f64 {
        let factor = 1.0 - 0.01 / self.churn(model);
        self.equity(model, factor).0 - self.equity(model, 1.0).0
    }

    fn count(&self) -> f64 {
        self.by_renewals.iter().map(|(_, count)| count).sum()
    }
}

fn main() -> Outcome<()> {
    let truth = BetaDiscreteWeibull::new(BetaDiscreteWeibullParameters {
        unit: TimeUnit::Month,
        alpha: 0.5,
        beta: 3.5,
        c: 1.4,
    })?;
    // Cohort k has had k renewals come up; 1,000 subscribers joined in each.
    let mut sample = RetentionSample::new(TimeUnit::Month);
    let mut by_renewals = Vec::new();
    for age in 1..=18 {
        let mut staying = 0.0;
        for n in 0..1_000 {
            let tenure = truth.simulate(42, u64::from(age) * 1_000 + n, age).tenure;
            sample.add(tenure, 1.0)?;
            staying += f64::from(u8::from(!tenure.has_ended()));
        }
        by_renewals.push((age, staying));
    }
    let discount = DiscountRate::annual(0.10)?;
    let margin = Money::parse("6.00", Currency::EUR)?;
    let terms = ContractTerms::new(margin, discount).within(MONTHS);
    let base = Subscribers { by_renewals, terms };

    // Which model? The third parameter of the BdW has to earn its place.
    let choice = choose_retention(&sample, &FitOptions::default())?;
    let (sbg, bdw) = (choice.sbg(), choice.bdw().ok_or("the BdW was fitted")?);
    println!("{}.\n", choice.reason());
    // One average rate for everybody, as spreadsheets have it.
    let one_rate = GeometricRetention::new(GeometricRetentionParameters {
        unit: TimeUnit::Month,
        churn: base.churn(bdw.model()),
    })?;
    let mut table = Columns::headed(
        1,
        "model|still there after 3 years, %|equity, EUR|one point of churn, EUR",
    );
    let mut row = |name: &str, survival: f64, equity: f64, point: f64| {
        let [equity, point] = [equity, point].map(|amount| rounded(amount, 0));
        table.row([name.to_owned(), rounded(100.0 * survival, 1), equity, point]);
    };
    let figures = |model: &BetaDiscreteWeibull| {
        let equity = base.equity(model, 1.0).0;
        (model.survival(MONTHS), equity, base.price_of_a_point(model))
    };
    let (true_survival, true_equity, true_point) = figures(&truth);
    let by_sbg = figures(&(*sbg.model()).into());
    let by_bdw = figures(bdw.model());
    row(
        "one rate",
        one_rate.survival(MONTHS),
        base.equity(&one_rate, 1.0).0,
        base.price_of_a_point(&one_rate),
    );
    row("sBG", by_sbg.0, by_sbg.1, by_sbg.2);
    row("BdW", by_bdw.0, by_bdw.1, by_bdw.2);
    row("truth", true_survival, true_equity, true_point);
    print!("{}", table.text());
    assert_eq!(choice.kept(), KeptRetention::BetaDiscreteWeibull);
    assert!((by_bdw.0 - true_survival).abs() < (by_sbg.0 - true_survival).abs());

    // The value is that of the library; here it is written out so that churn can be moved.
    let kept = choice.model();
    let clv = ContractClv::new(kept, terms);
    let mut appraised = 0.0;
    for &(renewals, subscribers) in &base.by_renewals {
        appraised += subscribers * clv.after_renewal(renewals)?.value();
    }
    let (equity, slope) = base.equity(&kept, 1.0);
    assert!((equity / appraised - 1.0).abs() < 1e-9);

    // Elasticity of equity in churn: by its formula, and by valuing everything again.
    let elasticity = slope / equity;
    let step = 1e-4;
    let again = |factor| base.equity(&kept, factor).0;
    let recomputed = (again(1.0 + step) - again(1.0 - step)) / (2.0 * step * equity);
    println!("\nElasticity of equity in churn {elasticity:.4}, recomputed {recomputed:.4}.");
    assert!((elasticity - recomputed).abs() < 1e-6);
    one_rate_elasticity(margin, discount)?;

    // How sure is that? The parameters were estimated.
    let asked =
        |f: &dyn Fn(&BetaDiscreteWeibull) -> f64| bdw.answer(|model| Ok::<_, FitError>(f(model)));
    let worth = asked(&|model| base.equity(model, 1.0).0)?;
    let point = asked(&|model| base.price_of_a_point(model))?;
    assert!(range(worth)?.contains(true_equity) && range(point)?.contains(true_point));
    println!(
        "{} subscribers are worth {} thousand EUR over {MONTHS} months.",
        rounded(base.count(), 0),
        told(worth, 1e-3, 1)?
    );
    println!("(Intervals are at 95 % and tell how far the data pin the model down.)");
    println!(
        "Recommendation: a programme shown to take one point off churn may cost up to {} EUR,\n\
         {} EUR a subscriber; one that costs more than the upper end does not pay.",
        told(point, 1.0, 0)?,
        told(point, 1.0 / base.count(), 2)?
    );
    Ok(())
}

/// Where everybody has one rate *r*, the elasticity in it is r/(1 + d − r); at .8 and 10 %, 2.6667.
fn one_rate_elasticity(margin: Money, discount: DiscountRate) -> Outcome<()> {
    let value = |r: f64| -> Outcome<f64> {
        let (rate, year) = (Probability::new(r)?, TimeUnit::Year);
        Ok(ltv_formula(margin, rate, discount, year, LtvConvention::FirstMarginNow)?.value())
    };
    let (r, step) = (0.8_f64, 1e-5);
    let formula = r / (1.0 + discount.discrete_per(TimeUnit::Year) - r);
    let recomputed =
        ((value(r * (1.0 + step))?).ln() - (value(r * (1.0 - step))?).ln()) / (2.0 * step);
    assert!((formula - recomputed).abs() < 1e-6 && (formula - 2.6667).abs() < 1e-4);
    println!("In retention, at one rate of .8 a year, {formula:.4}, recomputed {recomputed:.4}.");
    Ok(())
}
