//! A shop (零售): who gets which promotion?
//!
//! A letter can be framed by price, with a quarter off everything for a season, or by design, with
//! the new collection at full price. Some customers hunt discounts, and nobody sees who. 6,000
//! customers of a pilot got one of the letters or none, by the roll of a die; what that did, and
//! models fitted to their log, decide on 3,000 others, whose answers nobody has seen. What is
//! decided is the letter for each. Asserted, against the customers as they were drawn: discount
//! hunters are recognised with an AUC above 0.9; what a letter adds lies within its interval; the
//! policy leaves more than no letter, than either letter for all. Run with `cargo run --release
//! --example retail`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use std::iter::once;
use std::ops::Range;

use guanxi::history::{Consent, Purchase, Purpose};
use guanxi::metric::{SampleMean, area_under_roc};
use guanxi::model::{Clv, ClvTerms, Fit, FitOptions, GammaGamma, MbgNbd, PurchaseModel};
use guanxi::quantity::{DiscountRate, Fraction, Span};
use guanxi::scorer::Scorer;
use guanxi::segment::{PriceClass, PriceFrame, PricePolicy, PriceSensitivity};
use guanxi::summary::CustomerSummary;

use sector::{Columns, Draws, LEVEL, Log, Outcome, eur, known_purchases, named};
use sector::{permits, range, rounded, summaries, told};

const TODAY: f64 = 400.0;
const SEASON: f64 = 91.0;
/// Share of weeks in which a leaflet offers everybody a quarter off.
const ON_OFFER: f64 = 0.3;
/// What is left of a euro paid at full price; of one paid at a quarter off, half of that.
const MARGIN: f64 = 0.40;

/// Each letter by its number: its name, what it costs in EUR, and how many times as much somebody
/// who does not hunt discounts and a hunter then buy, in truth.
const LETTERS: [(&str, f64, [f64; 2]); 3] = [
    ("none", 0.0, [1.0, 1.0]),
    ("price", 0.6, [1.1, 1.6]),
    ("design", 1.2, [1.25, 1.0]),
];
const PRICE: usize = 1;
const DESIGN: usize = 2;

/// What a season leaves in EUR: of `full`, what it would leave at full prices, if the letter makes
/// purchases so many times as many, and without it a share of them is at a discount.
fn leaves(letter: usize, full: f64, times: f64, at_discount: f64) -> f64 {
    let share = if letter == PRICE { 1.0 } else { at_discount };
    times * full * (1.0 - share / 2.0) - LETTERS[letter].1
}

/// What nobody sees of a customer.
struct Shopper {
    hunts: bool,
    /// Share of purchases at a discount.
    at_discount: f64,
    /// Purchases in the coming season, if there is no letter.
    comes: usize,
    /// The mean purchase in EUR.
    basket: f64,
}

impl Shopper {
    fn times(&self, letter: usize) -> f64 {
        LETTERS[letter].2[usize::from(self.hunts)]
    }

    /// What the season leaves of the customer on average.
    fn leaves(&self, letter: usize) -> f64 {
        let full = MARGIN * self.comes as f64 * self.basket;
        leaves(letter, full, self.times(letter), self.at_discount)
    }
}

fn shopper(number: u64, log: &mut Log) -> Outcome<Shopper> {
    let (mut draws, truth) = (Draws::new(62, number), known_purchases()?);
    let (hunts, joined) = (draws.chance(0.3), draws.between(0.0, 200.0));
    let basket = 90.0 / draws.gamma(4); // 30 EUR on average
    let at_discount = if hunts { 0.9 } else { ON_OFFER };
    let who = named("shopper", number)?;
    for purpose in [Purpose::Analytics, Purpose::Marketing] {
        if draws.chance(0.95) {
            log.add(&who, joined, Consent::Granted { purpose })?;
        }
    }
    let now = truth.simulate(61, number, Span::days(TODAY - joined)?)?;
    let later = truth.simulate(61, number, Span::days(TODAY + SEASON - joined)?)?;
    for week in once(&0.0).chain(&now.purchases) {
        let paid = basket * draws.gamma(6) / 6.0;
        let off = if draws.chance(at_discount) { 0.75 } else { 1.0 };
        let purchase = Purchase::new(eur(paid)?)?.with_list_price(eur(paid / off)?)?;
        log.add(&who, joined + 7.0 * week, purchase)?;
    }
    Ok(Shopper {
        hunts,
        at_discount,
        comes: later.purchases.len() - now.purchases.len(),
        basket,
    })
}

/// Customers, with what the shop has seen of each.
type Town = Vec<(Shopper, CustomerSummary)>;

fn town(numbers: Range<u64>) -> Outcome<Town> {
    let mut log = Log::default();
    let shoppers = numbers.map(|number| shopper(number, &mut log));
    let shoppers = shoppers.collect::<Outcome<Vec<_>>>()?;
    let seen = summaries(&log, TODAY)?; // both in the order of names
    Ok(shoppers.into_iter().zip(seen).collect())
}

/// What was learned from the logs of the pilot.
struct Judge {
    frame: PriceFrame,
    clv: Clv<MbgNbd, GammaGamma>,
}

impl Judge {
    fn learn(pilot: &Town) -> Outcome<Self> {
        let seen = pilot.iter().map(|(_, seen)| seen);
        let frame = PriceFrame::of(PricePolicy::default(), seen.clone())?;
        let rfm: Vec<_> = seen.filter_map(|seen| seen.rfm().copied()).collect();
        let purchases = MbgNbd::fit(&rfm, &FitOptions::default())?.into_model();
        let spend = GammaGamma::fit(&rfm, &FitOptions::default())?.into_model();
        let terms = ClvTerms::new(MARGIN, DiscountRate::ZERO)?.until(Span::days(SEASON)?);
        Ok(Self {
            frame: frame.with_available(Fraction::new(ON_OFFER)?),
            clv: Clv::new(purchases, spend, terms)?,
        })
    }

    /// How sensitive to prices a customer is, and what a season leaves at full prices; nothing of
    /// who does not agree to be analysed and written to.
    fn judge(&self, seen: &CustomerSummary) -> Outcome<Option<(PriceSensitivity, f64)>> {
        let price = self.frame.score(seen)?.modelled();
        match price.filter(|_| permits(seen, Purpose::Marketing, TODAY)) {
            Some(price) => Ok(Some((price, self.clv.score(seen)?.value()))),
            None => Ok(None),
        }
    }
}

/// 1 for who is shown to be price-sensitive, 0 for others.
fn class(price: &PriceSensitivity) -> usize {
    usize::from(price.class == Some(PriceClass::Sensitive))
}

/// How many times as much each letter makes each class buy: the estimate, and the ends of its
/// interval. A die was rolled for each customer, so what differs is the effect.
fn pilot(town: &Town, judge: &Judge) -> Outcome<[[[f64; 3]; 2]; 3]> {
    let mut made: [[Vec<f64>; 2]; 3] = Default::default();
    let mut truth = [[[0.0; 2]; 2]; 3];
    for (number, (shopper, seen)) in (0..).zip(town) {
        let Some((price, _)) = judge.judge(seen)? else {
            continue;
        };
        let (mut draws, class) = (Draws::new(63, number), class(&price));
        let letter = draws.below(3);
        let times = shopper.times(letter);
        // A purchase brings another with the probability that the letter adds.
        let more = (0..shopper.comes).filter(|_| draws.chance(times - 1.0));
        made[letter][class].push((shopper.comes + more.count()) as f64);
        truth[letter][class][0] += shopper.comes as f64;
        truth[letter][class][1] += shopper.comes as f64 * times;
    }
    let mut table = Columns::headed(2, "letter|hunts|customers|more purchases, % (95 %)|truth");
    let mut found = [[[1.0; 3]; 2]; 3];
    for (letter, class) in [(PRICE, 0), (PRICE, 1), (DESIGN, 0), (DESIGN, 1)] {
        let [without, with] = [0, letter].map(|letter| SampleMean::of(&made[letter][class]));
        let (without, with) = (without?, with?);
        let change = without.change(&with, LEVEL)?.ok_or("customers differ")?;
        let base = without.value().ok_or("some got no letter")?;
        let (more, within) = (change.difference(), change.interval());
        let ends = [more.mean(), within.lower(), within.upper()];
        found[letter][class] = ends.map(|more| 1.0 + more / base);
        let [before, after] = truth[letter][class];
        // At this seed; one interval in twenty misses it.
        assert!(within.contains(base * (after / before - 1.0)));
        table.row([
            LETTERS[letter].0.to_owned(),
            ["not shown", "shown"][class].to_owned(),
            with.count().to_string(),
            told(more, 100.0 / base, 0)?,
            rounded(100.0 * (after / before - 1.0), 0),
        ]);
    }
    println!("What the letters of the pilot did:\n\n{}", table.text());
    Ok(found)
}

fn main() -> Outcome<()> {
    let tested = town(0..6_000)?;
    let judge = Judge::learn(&tested)?;
    let times = pilot(&tested, &judge)?;

    // The letter for each of the others: the one that leaves most.
    let (mut hunts, mut above, mut left) = (Vec::new(), Vec::new(), Vec::new());
    let mut chosen: [Vec<_>; 3] = Default::default();
    for (shopper, seen) in town(6_000..9_000)? {
        let Some((price, full)) = judge.judge(&seen)? else {
            continue;
        };
        hunts.push(shopper.hunts);
        above.push(price.probability_above.ok_or("leaflets are known")?);
        let share = price.share.mean();
        let adds = [0, PRICE, DESIGN].map(|letter| {
            let times = times[letter][class(&price)];
            times.map(|times| leaves(letter, full, times, share) - leaves(0, full, 1.0, share))
        });
        let order = |&a: &usize, &b: &usize| adds[a][0].total_cmp(&adds[b][0]);
        let best = (0..3).max_by(order).ok_or("there are letters")?;
        left.push([0, PRICE, DESIGN, best].map(|letter| shopper.leaves(letter)));
        let [mean, lower, upper] = adds[best].map(|adds| rounded(adds, 1));
        let cells = [
            seen.customer().to_string(),
            LETTERS[best].0.to_owned(),
            told(price.share, 100.0, 0)?,
            rounded(full, 0),
            format!("{mean} ({lower} to {upper})"),
        ];
        chosen[best].push((adds[best][0], cells));
    }
    let headings = "write to|letter|at a discount, % (90 %)|season, EUR|letter adds, EUR (95 %)";
    let mut table = Columns::headed(2, headings);
    for letter in [PRICE, DESIGN] {
        chosen[letter].sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, cells) in &chosen[letter][..4] {
            table.row(cells.clone());
        }
    }
    print!("{}", table.text());
    println!("(Intervals hold what a letter does to such customers; one of them may differ.)\n");

    let recognised = area_under_roc(&above, &hunts)?;
    assert!(recognised > 0.9);
    println!("Who hunts discounts is recognised with an AUC of {recognised:.2}.");
    println!("What letters so chosen leave more in truth, EUR a customer (95 %):");
    for (policy, than) in (0..).zip(["no letter", "price to all", "design to all"]) {
        let more: Vec<f64> = left.iter().map(|left| left[3] - left[policy]).collect();
        let more = SampleMean::of(&more)?.estimate(LEVEL)?.ok_or("customers")?;
        assert!(range(more)?.lower() > 0.0);
        println!("  than {than}: {}", told(more, 1.0, 2)?);
    }
    let [none, price, design] = chosen.map(|of| of.len());
    println!(
        "Recommendation: the price letter to {price}, who buy at a discount anyway; the design\n\
         letter to {design}, on whom a discount would be lost; none to {none}, of whom too little is\n\
         expected. Nobody is written to who has not agreed."
    );
    Ok(())
}
