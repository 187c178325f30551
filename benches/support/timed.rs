//! Customers whose covariates change by the week: a season, which all share, and contacts and
//! advertising of their own, on purchases and on dropout.

use guanxi::model::{
    CovariatePath, Coverage, ParetoNbd, ParetoNbdParameters, RandomStream, TimeVarying,
    TimeVaryingDesign, TimeVaryingEffect, TimeVaryingParameters, TimedSample,
};
use guanxi::quantity::{Span, TimeUnit};

const NAMES: [&str; 3] = ["season", "contact", "advertising"];

/// The three covariates on both processes.
pub(crate) fn timed_design() -> TimeVaryingDesign {
    TimeVaryingDesign::default()
        .on_purchase(NAMES)
        .on_dropout(NAMES)
}

/// This many customers, whose covariates are known for so many weeks, of which they were observed
/// for all but a quarter of a year.
pub(crate) fn timed(customers: u64, weeks: u32) -> TimedSample {
    let base = ParetoNbd::new(ParetoNbdParameters {
        unit: TimeUnit::Week,
        r: 0.9,
        alpha: 8.0,
        s: 0.6,
        beta: 14.0,
    });
    let effects = |sizes: [f64; 3]| {
        let named = NAMES.into_iter().zip(sizes);
        named
            .map(|(name, size)| TimeVaryingEffect::new(name, size))
            .collect()
    };
    let truth = TimeVarying::new(TimeVaryingParameters {
        base: base.unwrap(),
        purchase: effects([0.5, 0.3, 0.2]),
        dropout: effects([-0.4, -0.5, 0.3]),
    })
    .unwrap();
    let mut sample = TimedSample::default();
    for customer in 0..customers {
        let mut random = RandomStream::new(11, customer);
        let joined = (customer * 7 % 13) as f64;
        let mut chance = |of: f64| f64::from(u8::from(random.uniform() < of));
        let steps: Vec<(f64, Vec<f64>)> = (0..weeks)
            .map(|week| {
                let week = f64::from(week);
                let season = (std::f64::consts::TAU * (joined + week) / 52.0).cos();
                (week, vec![season, chance(0.15), chance(0.3)])
            })
            .collect();
        let path = CovariatePath::new(TimeUnit::Week, NAMES, steps, Coverage::Continuing).unwrap();
        let age = Span::weeks(f64::from(weeks) - joined).unwrap();
        let seen = truth.simulate(7, customer, &path, age).unwrap();
        sample.add(seen.customer, 1.0).unwrap();
    }
    sample
}
