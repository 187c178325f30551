//! Laws that hold for all events, orders, shards and policies.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use guanxi::history::{AsOf, CustomerId, Timeline};
use guanxi::summary::{
    CustomerBase, CustomerState, MoneyAccount, PurchaseState, RfmSummary, RuleReport, SpendBasis,
    SpendSummary, SummaryError, SummaryPolicy,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::{CUSTOMERS, Event, What, at, base, events, instant, policy, what};
/// What of a state is of integers, and so the same to the last bit: evidence that fades is held to
/// its laws in `tests/evidence_laws.rs`.
type Exact = (PurchaseState, MoneyAccount, RuleReport);

fn exact(state: &CustomerState) -> Result<Exact, SummaryError> {
    let end = at("2030-01-01");
    Ok((
        state.purchases().clone(),
        state.money(end)?,
        state.report(end)?,
    ))
}

fn exact_base(base: &CustomerBase) -> Result<BTreeMap<CustomerId, Exact>, SummaryError> {
    let states = base
        .iter()
        .map(|(id, state)| Ok((id.clone(), exact(state)?)));
    states.collect()
}

/// Every purchase spend in cents after returns, by day, for the default policy: a second
/// implementation that keeps a stack of purchases and walks forward.
fn spends_by_stack(events: &[Event], end: i64) -> Vec<(i64, i64)> {
    let mut days: BTreeMap<i64, (i64, usize, i64)> = BTreeMap::new();
    for event in events {
        let day = event.at().timestamp().div_euclid(86_400);
        match event.what {
            What::Bought { cents, .. } if day <= end => {
                let (bought, orders, _) = days.entry(day).or_default();
                *bought += cents;
                *orders += 1;
            }
            What::Back { cents, refused } if day <= end && !refused => {
                days.entry(day).or_default().2 += cents;
            }
            _ => {}
        }
    }
    let mut stack: Vec<(i64, i64)> = Vec::new();
    for (day, (mut bought, orders, mut back)) in days {
        let void = bought > 0 && back >= bought;
        let own = back.min(bought);
        bought -= own;
        back -= own;
        if orders > 0 && !void {
            stack.push((day, bought));
        }
        for (_, spend) in stack.iter_mut().rev() {
            let taken = back.min(*spend);
            *spend -= taken;
            back -= taken;
        }
    }
    stack
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Batch, stream, any permutation and any sharding lead to one and the same base.
    #[test]
    fn order_and_sharding_do_not_matter(
        (events, shuffled) in events(4).prop_flat_map(|e| (Just(e.clone()), Just(e).prop_shuffle())),
        policy in policy(),
        shards in 1..5_usize,
    ) {
        let whole = base(policy, &events);
        prop_assert_eq!(exact_base(&base(policy, &shuffled))?, exact_base(&whole)?);
        let mut merged = CustomerBase::new(policy);
        for shard in 0..shards {
            merged.merge(base(policy, shuffled.iter().skip(shard).step_by(shards)))?;
        }
        prop_assert_eq!(exact_base(&merged)?, exact_base(&whole)?);
        let end = at("2026-01-20");
        for (one, other) in merged.summaries(end).zip(whole.summaries(end)) {
            let (one, other) = (one?, other?);
            prop_assert_eq!(one.customer(), other.customer());
            prop_assert_eq!((one.rfm(), one.money()), (other.rfm(), other.money()));
        }
        prop_assert_eq!(merged.report(end), whole.report(end));
        prop_assert!(whole.iter().map(|(id, _)| id).is_sorted());
    }

    /// Merging bases is associative and commutative, and an empty base changes nothing.
    #[test]
    fn bases_merge_as_sets_do(a in events(4), b in events(4), c in events(4), policy in policy()) {
        let (a, b, c) = (base(policy, &a), base(policy, &b), base(policy, &c));
        let merged = |left: &CustomerBase, right: &CustomerBase| {
            let mut both = left.clone();
            both.merge(right.clone()).map(|()| both)
        };
        prop_assert_eq!(exact_base(&merged(&a, &b)?)?, exact_base(&merged(&b, &a)?)?);
        prop_assert_eq!(
            exact_base(&merged(&merged(&a, &b)?, &c)?)?,
            exact_base(&merged(&a, &merged(&b, &c)?)?)?
        );
        let empty = CustomerBase::new(policy);
        prop_assert_eq!(&merged(&a, &empty)?, &a);
        prop_assert_eq!(&merged(&empty, &a)?, &a);
    }

    /// The same laws for states, accounts and reports.
    #[test]
    fn states_accounts_and_reports_merge_as_sets_do(
        a in events(1), b in events(1), c in events(1), policy in policy(),
    ) {
        fn laws<T: Clone + PartialEq + std::fmt::Debug, E: PartialEq + std::fmt::Debug>(
            [a, b, c, empty]: [&T; 4],
            merge: impl Fn(&mut T, &T) -> Result<(), SummaryError>,
            exact: impl Fn(&T) -> Result<E, SummaryError>,
        ) -> Result<(), TestCaseError> {
            let merged = |left: &T, right: &T| {
                let mut both = left.clone();
                merge(&mut both, right).map(|()| both)
            };
            prop_assert_eq!(exact(&merged(a, b)?)?, exact(&merged(b, a)?)?);
            prop_assert_eq!(
                exact(&merged(&merged(a, b)?, c)?)?,
                exact(&merged(a, &merged(b, c)?)?)?
            );
            prop_assert_eq!(&merged(a, empty)?, a);
            prop_assert_eq!(&merged(empty, a)?, a);
            Ok(())
        }
        let empty = CustomerState::new(policy);
        let states: Vec<CustomerState> = [a, b, c]
            .iter()
            .map(|events| base(policy, events).get(CUSTOMERS[0]).cloned().unwrap_or(empty.clone()))
            .collect();
        laws([&states[0], &states[1], &states[2], &empty], CustomerState::merge, exact)?;
        let purchases = |i: usize| states[i].purchases();
        laws(
            [purchases(0), purchases(1), purchases(2), empty.purchases()],
            PurchaseState::merge,
            |state| Ok(state.clone()),
        )?;
        let end = at("2026-01-20");
        let money: Vec<_> = states.iter().map(|s| s.money(end)).collect::<Result<_, _>>()?;
        laws(
            [&money[0], &money[1], &money[2], &MoneyAccount::default()],
            MoneyAccount::merge,
            |account| Ok(*account),
        )?;
        let reports: Vec<_> = states.iter().map(|s| s.report(end)).collect::<Result<_, _>>()?;
        laws(
            [&reports[0], &reports[1], &reports[2], &RuleReport::default()],
            RuleReport::merge,
            |report| Ok(*report),
        )?;
    }

    /// What happens in later periods changes no summary as of an earlier one.
    #[test]
    fn later_events_change_no_earlier_summary(
        events in events(1), later in prop::collection::vec((0..2000_i64, what()), 0..20),
        end in instant(), policy in policy(),
    ) {
        let known = base(policy, &events);
        let week_on = (end - at("2026-01-01")).num_hours() + 8 * 24;
        let later: Vec<Event> = later
            .into_iter()
            .map(|(hours, what)| Event { customer: 0, hours: week_on + hours, what })
            .collect();
        let mut grown = known.clone();
        grown.merge(base(policy, &later))?;
        if let (Some(before), Some(after)) = (known.get(CUSTOMERS[0]), grown.get(CUSTOMERS[0])) {
            let id = CustomerId::new(CUSTOMERS[0])?;
            let (now, then) = (after.summary(id.clone(), end)?, before.summary(id, end)?);
            prop_assert_eq!((now.rfm(), now.money()), (then.rfm(), then.money()));
            // What was seen later is in sums that cannot be taken apart: it is refused, not told.
            prop_assert!(now.engagement().is_err() || now.engagement() == then.engagement());
            let mut report = after.report(end)?;
            report.events_after -= later.len() as u64;
            prop_assert_eq!(report, before.report(end)?);
        }
    }

    /// A summary keeps its invariants under every policy, and the report loses no event.
    #[test]
    fn summaries_are_valid_and_reports_add_up(
        events in events(4), end in instant(), policy in policy(),
    ) {
        let base = base(policy, &events);
        for rfm in base.rfm_summaries(end) {
            let rfm = rfm?;
            let again = RfmSummary::new(rfm.unit(), rfm.frequency(), rfm.recency(), rfm.age())?;
            let gaps = rfm.ln_gaps();
            prop_assert!(gaps.is_some_and(f64::is_finite));
            let again = again.with_ln_gaps(gaps.unwrap_or_default())?;
            prop_assert!(rfm.silence() >= 0.0);
            if let Some(spend) = rfm.spend() {
                let first = spend.basis() == SpendBasis::AllTransactions;
                prop_assert_eq!(spend.transactions(), rfm.frequency() + u32::from(first));
                prop_assert_eq!(again.with_spend(*spend)?, rfm);
            } else {
                prop_assert_eq!((again, rfm.frequency()), (rfm, 0));
            }
        }
        let r = base.report(end)?;
        prop_assert_eq!(r.events + r.events_after, events.len() as u64);
        prop_assert_eq!(
            r.events,
            r.purchases + r.returns + r.returns_refused + r.other_money_events + r.other_events
        );
        prop_assert_eq!(
            r.purchases,
            r.transactions + r.purchases_merged + r.purchases_voided + r.zero_value_skipped
        );
        prop_assert_eq!(
            r.returns,
            r.returns_same_period + r.returns_deducted + r.returns_money_only
                + r.returns_before_purchase
        );
        prop_assert_eq!(
            r.customers - r.customers_without_transaction,
            base.rfm_summaries(end).count() as u64
        );
        let lines = r.rows().filter(|(_, count)| *count > 0).count();
        prop_assert_eq!(r.to_string().lines().count(), lines);
    }

    /// One more purchase on a day without returns never lowers frequency, under any rule.
    #[test]
    fn another_day_of_purchases_never_lowers_frequency(
        mut events in events(1), cents in 0..2000_i64, hours in -200..600_i64, policy in policy(),
    ) {
        events.retain(|e| {
            !matches!(e.what, What::Back { .. }) || (e.hours - hours).abs() > 24 * 7
        });
        let end = at("2026-03-01");
        let frequency = |base: &CustomerBase| -> Result<u64, SummaryError> {
            Ok(base.report(end)?.transactions)
        };
        let known = base(policy, &events);
        let mut grown = known.clone();
        let more = Event { customer: 0, hours, what: What::Bought { cents, cost: None } };
        grown.observe(&more.interaction(0))?;
        prop_assert!(frequency(&grown)? >= frequency(&known)?);
    }

    /// Walking backwards with one number agrees with a stack of purchases that walks forward.
    #[test]
    fn returns_lower_the_latest_purchases_before_them(events in events(1), end in instant()) {
        let policy = SummaryPolicy::default();
        let expected = spends_by_stack(&events, end.timestamp().div_euclid(86_400));
        let base = base(policy, &events);
        let found = base.rfm_summaries(end).next().transpose()?;
        prop_assert_eq!(found.is_some(), !expected.is_empty());
        if let Some(rfm) = found {
            prop_assert_eq!(rfm.frequency() as usize, expected.len() - 1);
            let repeats: i64 = expected[1..].iter().map(|(_, cents)| cents).sum();
            let mean = rfm.spend().map_or(0.0, SpendSummary::mean);
            let total = mean * f64::from(rfm.frequency());
            prop_assert!((total - repeats as f64 / 100.0).abs() < 1e-9 * (1.0 + total));
        }
    }

    /// The account of a state as of an instant is the account of the events up to its period.
    #[test]
    fn accounts_are_the_sums_of_what_was_known(events in events(1), end in instant()) {
        let policy = SummaryPolicy::default();
        let last = end.timestamp().div_euclid(86_400);
        let mut expected = MoneyAccount::default();
        for event in &events {
            if event.at().timestamp().div_euclid(86_400) <= last {
                expected.observe(&event.interaction(0))?;
            }
        }
        let base = base(policy, &events);
        if let Some(state) = base.get(CUSTOMERS[0]) {
            prop_assert_eq!(state.money(end)?, expected);
        }
    }

    /// Forgetting one customer leaves the others as though that one had never been.
    #[test]
    fn erasure_leaves_the_others_untouched(events in events(4), policy in policy(), who in 0..4_usize) {
        let mut forgetful = base(policy, &events);
        let known = forgetful.get(CUSTOMERS[who]).is_some();
        prop_assert_eq!(forgetful.forget(CUSTOMERS[who]), known);
        prop_assert!(!forgetful.forget(CUSTOMERS[who]));
        let without = base(policy, events.iter().filter(|e| e.customer != who));
        prop_assert_eq!(&forgetful, &without);
        prop_assert_eq!(forgetful.report(at("2026-01-20")), without.report(at("2026-01-20")));
    }

    /// The split puts every customer in one list, and the two windows add up to the whole.
    #[test]
    fn a_split_loses_nobody(
        events in events(4), policy in policy(), end in instant(), days in 8..20_i64,
    ) {
        let base = base(policy, &events);
        let holdout_end = end + TimeDelta::days(days);
        let split = base.split(end, holdout_end)?;
        let mut names: Vec<_> = split.customers().iter().map(|c| c.customer().as_str()).collect();
        names.extend(split.late_joiners().iter().map(|c| c.customer().as_str()));
        names.extend(split.without_purchase().iter().map(CustomerId::as_str));
        names.sort_unstable();
        let all: Vec<_> = base.iter().map(|(id, _)| id.as_str()).collect();
        prop_assert_eq!(names, all);

        let whole: BTreeMap<_, _> = base
            .summaries(holdout_end)
            .filter_map(Result::ok)
            .filter_map(|s| s.rfm().map(|rfm| (s.customer().clone(), *rfm)))
            .collect();
        for c in split.customers() {
            let known = whole[c.customer()];
            prop_assert_eq!(c.calibration().frequency() + c.holdout_transactions(), known.frequency());
            prop_assert!(!c.holdout_spend().is_negative());
            let age = c.calibration().age() + split.holdout().length();
            prop_assert!((age - known.age()).abs() < 1e-9);
        }
        for c in split.late_joiners() {
            prop_assert_eq!(c.transactions(), whole[c.customer()].frequency() + 1);
        }
        prop_assert_eq!(split.customers().len() + split.late_joiners().len(), whole.len());
        prop_assert_eq!(Ok(*split.calibration_report()), base.report(end));
        prop_assert_eq!(Ok(*split.holdout_report()), base.report(holdout_end));
    }

    /// A timeline as of an instant leads to the summary that streaming the same events does,
    /// however often it is asked and in whatever order the events came.
    #[test]
    fn views_of_a_timeline_lead_to_the_same_summary(
        (events, shuffled) in events(1).prop_flat_map(|e| {
            let numbered: Vec<_> = e.into_iter().enumerate().collect();
            (Just(numbered.clone()), Just(numbered).prop_shuffle())
        }),
        end in instant(), policy in policy(),
    ) {
        let id = CustomerId::new(CUSTOMERS[0])?;
        let mut timeline = Timeline::new(id.clone());
        for (number, event) in shuffled.iter().chain(&events) {
            timeline.record(event.interaction(*number))?; // all come twice
        }
        let view = timeline.as_of(AsOf::at(end));
        let mut streamed = CustomerState::new(policy);
        for (number, event) in events.iter().filter(|(_, e)| e.at() <= end) {
            streamed.observe(&event.interaction(*number))?;
        }
        let viewed = CustomerState::from_view(&view, policy)?;
        prop_assert_eq!(exact(&viewed)?, exact(&streamed)?);
        let mut base = CustomerBase::new(policy);
        base.replace_with_view(&view)?;
        base.replace_with_view(&view)?;
        prop_assert_eq!(base.get(id.as_str()), Some(&viewed));
        prop_assert_eq!(base.len(), 1);
    }
}
