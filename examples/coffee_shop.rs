//! A coffee shop with points (咖啡店积分): keep, change or stop the programme?
//!
//! Three rewards were tried in three shops; in each a coin decided which guests were invited. What
//! a guest spends in the quarter after is drawn with a known uplift, and so is which points are
//! ever redeemed. What is decided for each reward is whether it earns its cost. Asserted:
//! break-even and uplift, with their intervals, agree with the truth, and so do the decisions. The
//! comparison of those who join by themselves with those who do not is made as well, and is wrong:
//! who comes often joins. Run with `cargo run --release --example coffee_shop`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use guanxi::history::{Loyalty, LoyaltyEvent, Purchase};
use guanxi::metric::{Change, SampleMean, SampleRatio};
use guanxi::quantity::{Estimate, Interval};
use guanxi::summary::MoneyAccount;

use sector::{Columns, Draws, LEVEL, Log, Outcome, eur, named, range, rounded, told};

const GUESTS: u64 = 3_000;
/// What is left of a euro of sales before the programme.
const MARGIN: f64 = 0.30;
/// Share of points that are redeemed before they expire, in truth.
const REDEEMED: f64 = 0.7;
/// What a guest spends in a quarter without a programme, in truth: one visit in 9 days for the
/// median guest, at 5.50 EUR; guests differ by 40 %.
const SPEND: f64 = 91.0 / 9.0 * 1.083_287_067_674_959 * 5.5;

/// One point a euro; what a redeemed point costs the shop, and what the reward does to spend.
struct Reward {
    name: &'static str,
    point_cost: f64,
    /// In truth.
    uplift: f64,
}

const REWARDS: [Reward; 3] = [
    Reward {
        name: "a biscuit now and then",
        point_cost: 0.008,
        uplift: 0.10,
    },
    Reward {
        name: "every tenth cup",
        point_cost: 0.05,
        uplift: 0.12,
    },
    Reward {
        name: "every fifth cup",
        point_cost: 0.11,
        uplift: 0.15,
    },
];

/// Who takes part.
#[derive(Clone, Copy, PartialEq)]
enum Joins {
    ByCoin,
    /// The more often a guest comes, the likelier.
    ByHabit,
}

/// A quarter in one shop: what guests without and with the reward spent and left to the shop in
/// EUR, and points redeemed of points earned, for each guest with the reward.
#[derive(Default)]
struct Quarter {
    spent: [Vec<f64>; 2],
    left: [Vec<f64>; 2],
    points: Vec<(f64, f64)>,
}

/// By what share a reward has to raise spend to pay for itself, if it costs κ of a euro spent:
/// (1 + u)·(m − κ) = m.
fn break_even(reward: &Reward, redeemed: f64) -> f64 {
    let cost = redeemed * reward.point_cost;
    cost / (MARGIN - cost)
}

fn quarter(seed: u64, reward: &Reward, joins: Joins) -> Outcome<Quarter> {
    let mut quarter = Quarter::default();
    for number in 0..GUESTS {
        let mut draws = Draws::new(seed, number);
        let guest = named("guest", number)?;
        let gap = 9.0 * draws.normal(0.0, 0.4).exp();
        let joined = match joins {
            Joins::ByCoin => draws.chance(0.5),
            Joins::ByHabit => draws.chance((4.0 / gap).min(1.0)),
        };
        let mut log = Log::default();
        let (mut earned, mut redeemed) = (0.0, 0.0);
        for time in draws.arrivals(gap, 0.0, 91.0) {
            let lift = if joined { 1.0 + reward.uplift } else { 1.0 };
            let bill = eur(lift * draws.between(3.0, 8.0))?;
            let beans = eur((1.0 - MARGIN) * bill.to_f64())?;
            log.add(&guest, time, Purchase::new(bill)?.with_cost(beans)?)?;
            if joined {
                // Points are booked at their cost when they are earned, and taken off if they
                // expire.
                let cost = eur(reward.point_cost * bill.to_f64())?;
                let points = Loyalty::new(LoyaltyEvent::PointsEarned).with_cost(cost)?;
                log.add(&guest, time, points.with_points(bill.amount())?)?;
                earned += bill.to_f64();
                let event = if draws.chance(REDEEMED) {
                    redeemed += bill.to_f64();
                    Loyalty::new(LoyaltyEvent::PointsRedeemed)
                } else {
                    Loyalty::new(LoyaltyEvent::PointsExpired).with_cost(cost)?
                };
                log.add(&guest, time, event.with_points(bill.amount())?)?;
            }
        }
        let mut account = MoneyAccount::default();
        for event in log.events() {
            account.observe(event)?;
        }
        // Who did not come spent nothing, and is not left out.
        let (mut spent, mut left) = (0.0, 0.0);
        if account.orders() > 0 {
            spent = account.net_revenue()?.to_f64();
            left = account.contribution()?.to_f64();
        }
        quarter.spent[usize::from(joined)].push(spent);
        quarter.left[usize::from(joined)].push(left);
        if joined {
            quarter.points.push((redeemed, earned));
        }
    }
    Ok(quarter)
}

/// The change from guests without the reward to those with it, and the mean of those without.
fn compare([without, with]: &[Vec<f64>; 2]) -> Outcome<(Change, f64)> {
    let (without, with) = (SampleMean::of(without)?, SampleMean::of(with)?);
    let change = without.change(&with, LEVEL)?.ok_or("guests differ")?;
    Ok((change, without.value().ok_or("there are guests")?))
}

fn main() -> Outcome<()> {
    let headings = "reward|uplift, %|break-even, %|gain a guest, EUR|decision";
    let mut table = Columns::headed(1, headings);
    for (seed, reward) in (0..).zip(&REWARDS) {
        let quarter = quarter(seed, reward, Joins::ByCoin)?;
        let (uplift, base) = compare(&quarter.spent)?;
        let (gain, _) = compare(&quarter.left)?;
        let redeemed = SampleRatio::of_parts(&quarter.points)?.estimate(LEVEL)?;
        let redeemed = redeemed.ok_or("points were earned")?;
        let share = range(redeemed)?;
        let at = |redeemed| break_even(reward, redeemed);
        let needed = Estimate::new(at(redeemed.mean()), 0.0, redeemed.n_eff())?
            .with_interval(Interval::new(at(share.lower()), at(share.upper()), LEVEL)?);

        let decision = if gain.interval().lower() > 0.0 {
            "keep"
        } else if gain.interval().upper() < 0.0 {
            "stop"
        } else {
            "change"
        };
        table.row([
            reward.name.to_owned(),
            told(uplift.difference(), 100.0 / base, 1)?,
            told(needed, 100.0, 1)?,
            told(gain.difference(), 1.0, 2)?,
            decision.to_owned(),
        ]);

        // What was drawn: (1 + u) of the spend, of which the margin less the cost of points is
        // left.
        let cost = REDEEMED * reward.point_cost;
        let true_gain = SPEND * ((1.0 + reward.uplift) * (MARGIN - cost) - MARGIN);
        assert!(uplift.interval().contains(reward.uplift * SPEND));
        assert!(range(needed)?.contains(break_even(reward, REDEEMED)));
        assert!(gain.interval().contains(true_gain));
        let truly = match true_gain {
            gain if gain > 0.5 => "keep",
            gain if gain < -0.5 => "stop",
            _ => "change",
        };
        assert_eq!(decision, truly);
    }
    println!("Guests invited by a coin, against those who were not, in one quarter (95 %):\n");
    print!("{}", table.text());

    // Without the coin: those who joined by themselves against those who did not.
    let reward = &REWARDS[0];
    let quarter = quarter(9, reward, Joins::ByHabit)?;
    let (biased, base) = compare(&quarter.spent)?;
    println!(
        "\nMembers who joined by themselves spend {} % more than other guests: biased by who\n\
         joins, since the biscuits raise spend by {} %.",
        told(biased.difference(), 100.0 / base, 0)?,
        rounded(100.0 * reward.uplift, 0)
    );
    assert!(biased.interval().lower() / base > 2.0 * reward.uplift);
    println!(
        "Recommendation: keep the biscuits; stop the fifth cup; make the tenth cheaper or go on\n\
         measuring, for it brings about what it costs."
    );
    Ok(())
}
