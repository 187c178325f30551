//! Customers with a season, their own contacts and their own advertising, week by week.

use guanxi::model::{
    CovariatePath, Coverage, ParetoNbd, ParetoNbdParameters, RandomStream, TimeVarying,
    TimeVaryingDesign, TimeVaryingEffect, TimeVaryingParameters, TimedSample,
};
use guanxi::quantity::{Span, TimeUnit};

const NAMES: [&str; 3] = ["season", "contact", "ad"];

/// All three act on purchasing and on dropout.
pub(crate) fn timed_design() -> TimeVaryingDesign {
    TimeVaryingDesign::default()
        .on_purchase(NAMES)
        .on_dropout(NAMES)
}

/// This many customers, each with a path of its own over so many weeks, who came in the thirteen
/// weeks after the first and were observed for all but up to twelve weeks of it.
pub(crate) fn timed(customers: u64, weeks: u32) -> TimedSample {
    let effects = |sizes: [f64; 3]| {
        let pairs = NAMES.into_iter().zip(sizes);
        pairs
            .map(|(name, size)| TimeVaryingEffect::new(name, size))
            .collect()
    };
    let truth = TimeVarying::new(TimeVaryingParameters {
        base: ParetoNbd::new(ParetoNbdParameters {
            unit: TimeUnit::Week,
            r: 0.9,
            alpha: 8.0,
            s: 0.6,
            beta: 14.0,
        })
        .unwrap(),
        purchase: effects([0.5, 0.3, 0.2]),
        dropout: effects([-0.4, -0.5, 0.3]),
    })
    .unwrap();
    let mut sample = TimedSample::default();
    for customer in 0..customers {
        let mut random = RandomStream::new(41, customer);
        let joined = (customer * 7 % 13) as f64;
        let mut indicator = |share: f64| f64::from(u8::from(random.uniform() < share));
        let steps: Vec<(f64, Vec<f64>)> = (0..weeks)
            .map(|week| {
                let turn = std::f64::consts::TAU * (f64::from(week) + joined) / 52.0;
                let row = vec![turn.cos(), indicator(0.15), indicator(0.3)];
                (f64::from(week), row)
            })
            .collect();
        let path = CovariatePath::new(TimeUnit::Week, NAMES, steps, Coverage::Continuing).unwrap();
        let age = Span::weeks(f64::from(weeks) - 12.0 * random.uniform()).unwrap();
        let seen = truth.simulate(5, customer, &path, age).unwrap();
        sample.add(seen.customer, 1.0).unwrap();
    }
    sample
}
