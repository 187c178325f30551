//! How the truth of a customer is drawn.

use guanxi::history::{CustomerId, HistoryError};

use super::draws::{Draws, Topic, rounded};
use super::truth::{
    Absence, Buying, Facets, Feeling, FieldTruth, Knowledge, Needs, NeedsChange, RENEWAL, Renewal,
    Story, TrustChange, Truth,
};
use super::{DAYS_PER_YEAR, SPEND_SHAPE};

/// Days for which a contract binds.
pub(super) const TERM: f64 = 182.0;
/// Fields of a profile and the days in which half of them go out of date.
const FIELDS: [(&str, f64); 6] = [
    ("need", 180.0),
    ("budget", 365.0),
    ("contact", 730.0),
    ("preference", 180.0),
    ("size", 1_460.0),
    ("decision_maker", 730.0),
];
/// What customers of such a firm need on average: parts of [`CATEGORIES`](super::CATEGORIES).
const MARKET: [f64; 6] = [0.25, 0.25, 0.15, 0.15, 0.1, 0.1];

/// The truth of the customer of this number, but for who recommended the firm to it.
pub(super) fn draw(seed: u64, number: usize, days: f64) -> Result<Truth, HistoryError> {
    let draws = &mut Draws::new(seed, number, Topic::Latent);
    let story = story(number, days);
    let customer = CustomerId::new(format!("customer-{:02}", number + 1))?;
    // Six in ten were there from the beginning.
    let joined = if draws.chance(0.6) || story != Story::Ordinary {
        draws.between(1.0, 60.0)
    } else {
        draws.between(60.0, 0.6 * days)
    };
    let joined = rounded(joined, 2);
    let buying = buying(story, draws);
    let lifetime = draws.exponential(DAYS_PER_YEAR / buying.dropout_per_year);
    let away = match story {
        Story::Ordinary => Some(Absence {
            from: rounded(joined + lifetime, 2),
            until: None,
        })
        .filter(|away| away.from < days),
        Story::WonBack => Some(Absence {
            from: rounded(0.4 * days, 2),
            until: Some(rounded(0.62 * days, 2)),
        }),
        _ => None,
    };
    let (trust, trust_change) = trust(story, days, draws);
    let payment_reliability = rounded(draws.beta(12.0, 2.0), 3);
    let feeling = feeling(
        story,
        number,
        days,
        &mut Draws::new(seed, number, Topic::Feeling),
    );
    let needs = needs(story, days, draws);
    let contractual = story != Story::PurchasesOnly && story != Story::Prospect;
    let contract_from =
        (contractual && draws.chance(0.75)).then(|| rounded(joined + draws.between(10.0, 60.0), 2));
    let referrals_per_year = match story {
        Story::Ambassador => 3.0,
        _ => rounded(draws.gamma(1.0, 2.5), 2),
    };
    let knowledge = knowledge(joined, days, draws);
    let mut truth = Truth {
        customer,
        story,
        joined,
        away,
        buying,
        trust,
        trust_change,
        payment_reliability,
        feeling,
        needs,
        contract_from: None,
        renewals: Vec::new(),
        referrals_per_year,
        referred_by: None,
        knowledge,
    };
    truth.contract_from = contract_from.filter(|&day| truth.is_active(day));
    truth.renewals = renewals(&truth, days, &mut Draws::new(seed, number, Topic::Renewals));
    Ok(truth)
}

/// Who recommended the firm to those who joined late: for half of them, an earlier customer, by its
/// rate of recommendations.
pub(super) fn refer(seed: u64, truths: &mut [Truth]) {
    for number in 0..truths.len() {
        let draws = &mut Draws::new(seed, number, Topic::Referrals);
        let joined = truths[number].joined;
        if joined < 60.0 || !draws.chance(0.5) {
            continue;
        }
        let known = joined - 40.0;
        let weights: Vec<f64> = truths
            .iter()
            .map(|t| {
                let talks = t.buys() && t.story != Story::PurchasesOnly;
                let knows = t.joined + 30.0 < known && t.is_active(known);
                let open = !matches!(t.story, Story::Erased { .. });
                if talks && knows && open {
                    t.referrals_per_year
                } else {
                    0.0
                }
            })
            .collect();
        if weights.iter().sum::<f64>() > 0.0 {
            let referrer = truths[draws.weighted(&weights)].customer.clone();
            truths[number].referred_by = Some(referrer);
        }
    }
}

/// The stories, at fixed places of every forty customers.
fn story(number: usize, days: f64) -> Story {
    match number % 40 + 1 {
        4 => Story::NoAnalytics,
        9 => Story::AnalyticsWithdrawn {
            day: rounded(0.7 * days, 2),
        },
        14 => Story::PurchasesOnly,
        19 => Story::Prospect,
        24 => Story::Erased {
            day: rounded(0.8 * days, 2),
        },
        29 => Story::BrokenPromises,
        34 => Story::Ambassador,
        38 => Story::WonBack,
        _ => Story::Ordinary,
    }
}

fn buying(story: Story, draws: &mut Draws) -> Buying {
    let rate = draws.gamma(4.0, 4.0 / 6.0);
    let spend = SPEND_SHAPE / draws.gamma(4.0, 1_250.0);
    Buying {
        purchases_per_year: match story {
            Story::Prospect => 0.0,
            Story::Ordinary => rounded(rate, 2).max(0.01),
            // Enough to be seen.
            _ => rounded(rate.max(5.0), 2),
        },
        dropout_per_year: rounded(draws.gamma(2.0, 8.0), 3).max(0.001),
        mean_spend: rounded(spend, 2),
        margin_rate: rounded(draws.between(0.2, 0.45), 3),
    }
}

fn facets(mean: f64, strength: f64, draws: &mut Draws) -> Facets {
    let mut facet = || {
        let drawn = draws.beta(strength * mean, strength * (1.0 - mean));
        rounded(drawn, 3).clamp(0.02, 0.98)
    };
    Facets {
        ability: facet(),
        benevolence: facet(),
        integrity: facet(),
    }
}

/// The three facets share most of what they are: beta around a beta of mean 0.7.
fn trust(story: Story, days: f64, draws: &mut Draws) -> (Facets, Option<TrustChange>) {
    let mean = draws.beta(7.0, 3.0);
    let changes = story == Story::Ordinary && draws.chance(0.15);
    let day = rounded(draws.between(0.4, 0.7) * days, 2);
    match story {
        Story::BrokenPromises => {
            let change = TrustChange {
                day: rounded(0.6 * days, 2),
                after: facets(0.15, 60.0, draws),
            };
            (facets(0.9, 60.0, draws), Some(change))
        }
        Story::Ambassador => (facets(0.94, 60.0, draws), None),
        _ => {
            let after = facets(0.4 * mean, 20.0, draws);
            let change = TrustChange { day, after };
            (facets(mean, 20.0, draws), changes.then_some(change))
        }
    }
}

/// Customers of odd numbers keep one level; the others move about.
fn feeling(story: Story, number: usize, days: f64, draws: &mut Draws) -> Feeling {
    const MEAN: f64 = 0.1;
    const VARIANCE: f64 = 0.16;
    const HALF_LIFE: f64 = 90.0;
    const STEP: f64 = 7.0;
    let kept = |value: f64| rounded(value.clamp(-0.95, 0.95), 3);
    let first = draws.normal(MEAN, VARIANCE);
    let constant = |value| Feeling {
        half_life_days: None,
        step_days: STEP,
        path: vec![kept(value)],
    };
    match story {
        Story::Ambassador => return constant(0.75),
        Story::Ordinary if number % 2 == 0 => return constant(first),
        _ => {}
    }
    let stay = 2_f64.powf(-STEP / HALF_LIFE);
    let (mut path, mut value, mut day) = (Vec::new(), first, 0.0);
    while day < days {
        // Whoever is let down feels it.
        let hurt = story == Story::BrokenPromises && day >= 0.6 * days;
        path.push(kept(if hurt { value - 0.6 } else { value }));
        value = draws.normal(MEAN + stay * (value - MEAN), VARIANCE * (1.0 - stay * stay));
        day += STEP;
    }
    Feeling {
        half_life_days: Some(HALF_LIFE),
        step_days: STEP,
        path,
    }
}

/// Shares in thousandths: Dirichlet around the market's, of strength 4.
fn preference(draws: &mut Draws) -> [f64; 6] {
    let drawn = MARKET.map(|share| draws.gamma(4.0 * share, 1.0));
    let sum: f64 = drawn.iter().sum();
    let mut shares = drawn.map(|d| rounded(d / sum, 3));
    let largest = (0..6).fold(0, |best, i| if shares[i] > shares[best] { i } else { best });
    let others: f64 = shares.iter().sum::<f64>() - shares[largest];
    shares[largest] = rounded(1.0 - others, 3);
    shares
}

fn needs(story: Story, days: f64, draws: &mut Draws) -> Needs {
    let shares = preference(draws);
    let other = preference(draws);
    // What was needed most is needed least from now on.
    let after = {
        let mut turned = other;
        let top = (0..6).fold(0, |best, i| if shares[i] > shares[best] { i } else { best });
        let low = (0..6).fold(0, |best, i| if other[i] < other[best] { i } else { best });
        turned.swap(top, low);
        turned
    };
    let changes = draws.chance(0.15) && story == Story::Ordinary;
    let day = rounded(draws.between(0.45, 0.75) * days, 2);
    Needs {
        shares,
        change: changes.then_some(NeedsChange { day, after }),
    }
}

fn knowledge(joined: f64, days: f64, draws: &mut Draws) -> Knowledge {
    let mut fields = Vec::new();
    let openness = draws.between(0.4, 1.0);
    for (field, half_life_days) in FIELDS {
        let mut day = joined + draws.exponential(60.0);
        let mut known = draws.chance(openness);
        while known && day < days {
            let reliability = rounded(draws.between(0.6, 1.0), 2);
            let right = draws.chance(reliability);
            // A half-life is ln 2 of the mean.
            let lasts = draws.exponential(half_life_days / std::f64::consts::LN_2);
            fields.push(FieldTruth {
                field: field.to_owned(),
                day: rounded(day, 2),
                reliability,
                disclosed: draws.chance(0.7),
                half_life_days,
                right_until: right.then_some(rounded(day + lasts, 2)),
            });
            day += draws.between(120.0, 500.0);
            known = draws.chance(0.7);
        }
    }
    fields.sort_by(|a, b| a.day.total_cmp(&b.day));
    Knowledge {
        fields,
        ideas_per_year: rounded(draws.gamma(1.5, 1.5), 2),
        idea_quality: rounded(draws.beta(3.0, 3.0), 3),
    }
}

fn renewals(truth: &Truth, days: f64, draws: &mut Draws) -> Vec<Renewal> {
    let mut renewals = Vec::new();
    let Some(signed) = truth.contract_from else {
        return renewals;
    };
    let until = match truth.story {
        Story::Erased { day } => day,
        _ => days,
    };
    let mut day = signed + TERM;
    while day < until && truth.is_active(day) {
        let trust = rounded(truth.trust_at(day).mean(), 3);
        let feeling = truth.feeling.at(day);
        let price_gap = rounded(draws.normal(0.03, 0.01), 2);
        let probability = rounded(RENEWAL.probability(trust, feeling, price_gap), 4);
        let renewed = draws.chance(probability);
        renewals.push(Renewal {
            day: rounded(day, 2),
            trust,
            feeling,
            price_gap,
            probability,
            renewed,
        });
        if !renewed {
            break;
        }
        day += TERM;
    }
    renewals
}
