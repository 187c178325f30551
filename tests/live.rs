//! A base behind a live stream: what each delivery does, and what it leaves as it was.

mod support;

use guanxi::history::{
    AsOf, Consent, CustomerId, HistoryError, Interaction, Kind, NpsSurvey, OtherKind, Promise,
    PromiseEvent, Purchase, Value,
};
use guanxi::quantity::{Currency, Money};
use guanxi::summary::{
    CustomerBase, CustomerState, LiveBase, Observed, SummaryError, SummaryPolicy, TrustDirection,
    TrustSource,
};
use support::history::{day, eur, id};

fn who(name: &str) -> CustomerId {
    CustomerId::new(name).unwrap()
}

fn event(name: &str, of: &str, n: i64, kind: impl Into<Kind>) -> Interaction {
    Interaction::new(id(name), who(of), day(n), kind).unwrap()
}

fn kept(name: &str, n: i64) -> Interaction {
    event(name, "c-1", n, Promise::new(PromiseEvent::Kept))
}

fn broken(name: &str, n: i64) -> Interaction {
    event(name, "c-1", n, Promise::new(PromiseEvent::Broken))
}

fn bought(name: &str, of: &str, n: i64, amount: &str) -> Interaction {
    event(name, of, n, Purchase::new(eur(amount)).unwrap())
}

fn in_dollars(name: &str, of: &str, n: i64) -> Interaction {
    let amount = Money::parse("7", Currency::USD).unwrap();
    event(name, of, n, Purchase::new(amount).unwrap())
}

fn forget(name: &str, of: &str, n: i64) -> Interaction {
    event(name, of, n, Consent::ErasureRequested)
}

fn base<'a>(log: impl IntoIterator<Item = &'a Interaction>) -> LiveBase {
    let mut base = LiveBase::new(SummaryPolicy::default());
    for interaction in log {
        base.observe(interaction.clone()).unwrap();
    }
    base
}

#[test]
fn an_erasure_that_is_delivered_again_reaches_nobody_who_was_joined_since() {
    let mut base = base(&[forget("f-1", "a", 10), bought("b-1", "b", 5, "7")]);
    base.join(&who("a"), &who("b")).unwrap();
    assert_eq!(
        base.observe(forget("f-1", "a", 10)).unwrap(),
        Observed::Erased
    );
    let summary = base.summary("b", AsOf::at(day(20))).unwrap().unwrap();
    assert!(summary.rfm().is_some());
    assert_eq!(
        base.observe(bought("b-2", "b", 6, "7")).unwrap(),
        Observed::Added
    );
}

/// How many promises were kept and broken, without their fading by day 9.
fn promises(base: &LiveBase, as_of: AsOf) -> (f64, f64) {
    let Some(summary) = base.summary("c-1", as_of).unwrap() else {
        return (0.0, 0.0);
    };
    let left = (-1.0_f64 / 180.0).exp2();
    let days = (as_of.instant() - day(0)).num_days();
    summary.trust().unwrap().map_or((0.0, 0.0), |trust| {
        let (kept, broken) = trust.counts(TrustDirection::CustomerInFirm, TrustSource::Promise);
        // All promises of these tests are of day 0.
        let faded = left.powf(days as f64);
        (
            (kept / faded * 1e9).round() / 1e9,
            (broken / faded * 1e9).round() / 1e9,
        )
    })
}

fn now() -> AsOf {
    AsOf::at(day(9))
}

#[test]
fn unknown_kinds_are_named_and_counted() {
    let other = |name: &str, of, n, kind| {
        let kind = OtherKind::new(kind, Value::Null).unwrap();
        event(name, of, n, kind)
    };
    let log = [
        other("1", "a", 1, "purchas"),
        other("2", "a", 2, "purchas"),
        other("3", "b", 3, "purchas"),
        other("4", "b", 4, "weather"),
        kept("5", 5),
    ];
    let live = base(&log);
    let expected = [("purchas", 3), ("weather", 1)];
    assert!(live.unknown_kinds().into_iter().eq(expected));

    let mut shards = [(), ()].map(|()| CustomerBase::new(SummaryPolicy::default()));
    for (n, interaction) in log.iter().enumerate() {
        shards[n % 2].observe(interaction).unwrap();
    }
    let [mut sums, other] = shards;
    sums.merge(other).unwrap();
    assert!(sums.unknown_kinds().into_iter().eq(expected));
    let of_a = sums.get("a").unwrap();
    assert!(of_a.unknown_kinds().eq([("purchas", 2)]));
    assert_eq!(sums.report(day(9)).unwrap().other_events, 5);
    // They feed nothing.
    let a = sums.summary("a", day(9)).unwrap().unwrap();
    assert_eq!(
        (a.affect(), a.trust(), a.withheld().len()),
        (Ok(None), Ok(None), 0)
    );
    assert!(sums.forget("b"));
    assert!(sums.unknown_kinds().into_iter().eq([("purchas", 2)]));
    assert!(
        CustomerState::new(SummaryPolicy::default())
            .unknown_kinds()
            .next()
            .is_none()
    );

    #[cfg(feature = "serde")]
    {
        let text = serde_json::to_string(&sums).unwrap();
        assert_eq!(serde_json::from_str::<CustomerBase>(&text).unwrap(), sums);
        for doubtful in [r#"{"purchas":0}"#, r#"{"purchase":2}"#] {
            let text = text.replace(r#"{"purchas":2}"#, doubtful);
            assert!(serde_json::from_str::<CustomerBase>(&text).is_err());
        }
    }
}

#[test]
fn every_delivery_says_what_it_did() {
    let mut base = LiveBase::new(SummaryPolicy::default());
    let mut observe = |i: Interaction| base.observe(i).unwrap();
    assert_eq!(observe(kept("a", 3)), Observed::Added);
    assert_eq!(observe(kept("a", 3)), Observed::Duplicate);
    assert_eq!(observe(kept("late", 1)), Observed::Added);
    let correction = broken("b", 3).correcting(id("a"));
    assert_eq!(observe(correction.clone()), Observed::Replayed);
    assert_eq!(observe(correction), Observed::Duplicate);
    assert_eq!(observe(kept("a", 3)), Observed::Duplicate);
    assert_eq!(
        observe(kept("d", 3).correcting(id("c"))),
        Observed::Replayed
    );
    assert_eq!(observe(broken("c", 3)), Observed::Replayed); // what was corrected comes after all
    assert_eq!(observe(forget("e", "c-1", 5)), Observed::Erased);
    assert_eq!(observe(forget("e", "c-1", 5)), Observed::Erased);
    assert_eq!(observe(kept("a", 3)), Observed::Erased);
    assert_eq!(observe(kept("f", 5)), Observed::Erased); // at the very instant
    assert_eq!(observe(kept("g", 6)), Observed::Added);
    assert_eq!(
        base.timeline("c-1").map(guanxi::history::Timeline::len),
        Some(1)
    );
}

#[test]
fn a_correction_stands_whenever_what_it_corrects_arrives() {
    let (original, correction) = (kept("a", 0), broken("b", 0).correcting(id("a")));
    let other = kept("0", 0);
    for log in [
        [&original, &correction, &other],
        [&correction, &original, &other],
        [&other, &correction, &original],
        [&correction, &other, &original],
    ] {
        assert_eq!(promises(&base(log), now()), (1.0, 1.0));
        assert_eq!(base(log), base([&other, &original, &correction]));
    }
    let known = correction.clone().recorded(day(4));
    let base = base([&original, &known]);
    assert_eq!(promises(&base, now().known_at(day(3))), (1.0, 0.0));
    assert_eq!(promises(&base, now().known_at(day(4))), (0.0, 1.0));
}

#[test]
fn an_error_leaves_the_base_as_it_was() {
    let log = [
        bought("a", "c-1", 1, "5"),
        kept("b", 2),
        kept("d", 2).correcting(id("e")),
    ];
    let mut base = base(&log);
    let before = base.clone();
    let answer = |base: &LiveBase| base.summary("c-1", now()).unwrap();
    let told = answer(&base);
    let refused = [
        (
            in_dollars("x", "c-1", 3),
            "customer c-1: currency of the purchase must be EUR, got USD",
        ),
        (
            in_dollars("x", "c-1", 3).correcting(id("b")),
            "customer c-1: currency of the purchase must be EUR, got USD",
        ),
        (
            in_dollars("e", "c-2", 3).correcting(id("e")),
            "customer c-2: interaction e corrects itself, directly or through other corrections",
        ),
        (
            bought("a", "c-1", 1, "6"),
            "customer c-1: interaction a is already recorded with other content",
        ),
        (
            kept("b", 2).correcting(id("z")),
            "customer c-1: interaction b is already recorded with other content",
        ),
        (
            kept("e", 2).correcting(id("d")),
            "customer c-1: interaction e corrects itself, directly or through other corrections",
        ),
    ];
    for (interaction, message) in refused {
        let error = base.observe(interaction).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(base, before);
        assert_eq!(answer(&base), told);
    }
    let error = base.observe(bought("a", "c-1", 1, "6")).unwrap_err();
    let SummaryError::Customer { reason, .. } = error else {
        panic!("{error}")
    };
    let conflict = HistoryError::Conflict { id: id("a") };
    assert_eq!(*reason, SummaryError::History(conflict));
}

#[test]
fn a_correction_may_set_a_currency_right() {
    let wrong = bought("z", "c-1", 1, "7");
    let right = in_dollars("y", "c-1", 1).correcting(id("z"));
    let base = base([&wrong, &right, &in_dollars("a", "c-1", 2)]);
    let summary = base.summary("c-1", now()).unwrap().unwrap();
    assert_eq!(summary.money().currency(), Some(Currency::USD));
    #[cfg(feature = "serde")]
    {
        // In the order of ids the wrong amount would come between the others.
        let text = serde_json::to_string(&base).unwrap();
        assert_eq!(serde_json::from_str::<LiveBase>(&text).unwrap(), base);
    }
}

#[test]
fn whoever_came_later_was_not_known_before() {
    let base = base([
        &bought("a", "c-1", 5, "7"),
        &bought("b", "c-2", 1, "7").recorded(day(6)),
    ]);
    let known = |as_of| {
        base.summaries(as_of)
            .map(|s| s.unwrap().customer().clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(known(AsOf::at(day(0))), []);
    assert_eq!(known(AsOf::at(day(1))), [who("c-2")]);
    assert_eq!(known(AsOf::at(day(5)).known_at(day(5))), [who("c-1")]);
    assert_eq!(known(AsOf::at(day(5))).len(), 2);
    assert_eq!(base.summary("c-1", AsOf::at(day(4))), Ok(None));
    assert_eq!(base.summary("c-3", now()), Ok(None));
}

#[test]
fn late_events_leave_no_trace_of_their_lateness() {
    let log: Vec<Interaction> = (0..100_i32)
        .map(|n| {
            event(
                &format!("s-{n:03}"),
                "c-1",
                i64::from(n * 37 % 100),
                NpsSurvey::new(n % 11).unwrap(),
            )
        })
        .collect();
    let mut ordered = log.clone();
    ordered.sort_by_key(Interaction::occurred_at);
    let (whole, mut grown) = (base(&ordered), LiveBase::new(SummaryPolicy::default()));
    for interaction in &log {
        grown.observe(interaction.clone()).unwrap();
        // At any time it is what a replay in order would say.
        let view = grown.timeline("c-1").unwrap().as_of(AsOf::at(day(100)));
        let replayed = CustomerState::from_view(&view, SummaryPolicy::default()).unwrap();
        let expected = replayed.summary(who("c-1"), day(100)).unwrap();
        assert_eq!(grown.summary("c-1", AsOf::at(day(100))), Ok(Some(expected)));
    }
    assert_eq!(grown, whole);
}

#[test]
fn identities_are_joined_under_one_name_and_parted_again() {
    let log = [
        bought("a", "shop-7", 1, "5"),
        bought("b", "web-3", 2, "6"),
        bought("c", "app-9", 3, "7"),
        bought("d", "c-1", 1, "1"),
    ];
    let apart = base(&log);
    let mut base = apart.clone();
    base.join(&who("web-3"), &who("shop-7")).unwrap();
    base.join(&who("shop-7"), &who("unheard-of")).unwrap();
    base.join(&who("app-9"), &who("web-3")).unwrap(); // by any of its names
    let names: Vec<_> = base.customers().map(CustomerId::as_str).collect();
    assert_eq!((names, base.len()), (vec!["c-1", "unheard-of"], 2));
    for name in ["shop-7", "web-3", "app-9", "unheard-of"] {
        let summary = base.summary(name, now()).unwrap().unwrap();
        assert_eq!(summary.customer(), &who("unheard-of"));
        assert_eq!(summary.money().net_revenue().unwrap(), eur("18"));
        assert_eq!(base.customer(name), Some(&who("unheard-of")));
        assert_eq!(base.timelines(name).count(), 3);
    }
    let early = base.summary("app-9", AsOf::at(day(1))).unwrap().unwrap();
    assert_eq!(early.money().net_revenue().unwrap(), eur("5"));

    let again = base.join(&who("web-3"), &who("c-1")).unwrap_err();
    assert_eq!(
        again.to_string(),
        "identity web-3 must be of another customer, got one of unheard-of already"
    );
    assert!(base.join(&who("unheard-of"), &who("app-9")).is_err());
    assert!(base.join(&who("c-1"), &who("c-1")).is_err());

    assert!(!base.split(&who("unheard-of")) && !base.split(&who("c-1")));
    assert!(base.split(&who("web-3")));
    let summary = base.summary("web-3", now()).unwrap().unwrap();
    assert_eq!(summary.money().net_revenue().unwrap(), eur("6"));
    assert_eq!(base.timelines("app-9").count(), 2);
    assert!(base.split(&who("shop-7")) && base.split(&who("app-9")));
    assert_eq!(base, apart);
}

#[test]
fn identities_of_one_customer_are_in_one_currency() {
    let mut base = base([
        &bought("a", "c-1", 1, "5"),
        &in_dollars("b", "c-2", 1),
        &kept("k", 2),
    ]);
    assert_eq!(
        base.join(&who("c-2"), &who("c-1")).unwrap_err().to_string(),
        "currency of the merged state must be EUR, got USD"
    );
    assert_eq!(base.customers().count(), 2);
    // Joined before anything was bought, an identity is held to it as well.
    base.join(&who("c-3"), &who("c-1")).unwrap();
    base.observe(event("n", "c-3", 1, NpsSurvey::new(3).unwrap()))
        .unwrap();
    let before = base.clone();
    let error = base.observe(in_dollars("x", "c-3", 4)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "customer c-3: currency of the joined identity must be EUR, got USD"
    );
    assert_eq!(base, before);
    base.join(&who("c-4"), &who("c-1")).unwrap();
    assert!(base.observe(in_dollars("x", "c-4", 4)).is_err());
    assert!(base.timeline("c-4").is_none());
    assert_eq!(
        base.observe(bought("x", "c-4", 4, "1")),
        Ok(Observed::Added)
    );
    assert!(base.summary("c-1", now()).is_ok());
}

#[test]
fn an_erasure_that_was_asked_for_late_is_one_asked_for_in_time() {
    let log = [
        kept("a", 1),
        broken("b", 6).correcting(id("a")), // moves it to after the erasure
        kept("c", 7),
        broken("d", 2).correcting(id("c")), // moves it to before
        bought("e", "c-1", 8, "3"),
        bought("f", "c-2", 1, "3"),
    ];
    let asked = forget("x", "c-1", 4);
    let early = base(std::iter::once(&asked).chain(&log));
    let mut late = base(log.iter().chain([&asked]));
    assert_eq!(late, early);
    assert_eq!(late.summary("c-1", now()), early.summary("c-1", now()));
    let before = late.clone();
    for interaction in log.iter().chain([&asked]) {
        late.observe(interaction.clone()).unwrap();
    }
    assert_eq!(late, before);
    let left: Vec<_> = log
        .iter()
        .filter(|i| late.timeline("c-1").unwrap().get(i.id()).is_some())
        .map(|i| i.id().as_str())
        .collect();
    assert_eq!(left, ["b", "c", "e"]);
    assert_eq!(late.timeline("c-2"), base(&log).timeline("c-2"));
}

#[test]
fn erasures_are_counted_from_the_later_request() {
    let mut base = base([&kept("a", 1), &bought("b", "c-2", 1, "3")]);
    assert_eq!(base.erased_since(day(0)), 0);
    assert!(base.erase(&who("c-1"), day(4)));
    assert!(!base.erase(&who("c-1"), day(2)));
    assert!(!base.erase(&who("nobody"), day(3)));
    let since = [0, 3, 4, 5].map(|n| base.erased_since(day(n)));
    assert_eq!(since, [2, 2, 1, 0]);
    assert_eq!(base.observe(kept("c", 3)), Ok(Observed::Erased));
    assert_eq!(base.observe(kept("c", 5)), Ok(Observed::Added));
    // Nothing of what is left was before: there is nothing to erase.
    assert!(!base.erase(&who("c-1"), day(4)));
    assert!(base.timeline("c-1").is_some());
}

#[test]
fn erasing_a_customer_erases_every_identity() {
    let log = [
        bought("a", "c-1", 1, "5"),
        bought("b", "c-2", 2, "6"),
        bought("c", "c-2", 8, "7"),
    ];
    let mut base = base(&log);
    base.join(&who("c-2"), &who("c-1")).unwrap();
    base.observe(forget("x", "c-2", 5)).unwrap();
    assert!(base.timeline("c-1").is_none());
    let summary = base.summary("c-2", now()).unwrap().unwrap();
    assert_eq!(summary.customer(), &who("c-2")); // by itself
    assert_eq!(summary.money().net_revenue().unwrap(), eur("7"));
    assert_eq!(base.erased_since(day(5)), 2);
}

#[cfg(feature = "serde")]
mod stored {
    use super::*;
    use serde_json::{Value, json};

    /// The message with which a changed base is refused.
    fn refusal(base: &LiveBase, change: impl FnOnce(&mut Value)) -> String {
        let mut json = serde_json::to_value(base).unwrap();
        change(&mut json);
        serde_json::from_value::<LiveBase>(json)
            .unwrap_err()
            .to_string()
    }

    fn some() -> LiveBase {
        let log = [
            bought("a", "c-1", 1, "5"),
            kept("b", 2),
            bought("c", "c-2", 2, "6"),
            forget("d", "c-3", 2),
            bought("e", "c-3", 4, "6"),
        ];
        let mut base = base(&log);
        base.join(&who("c-2"), &who("c-1")).unwrap();
        base
    }

    #[test]
    fn a_base_is_read_as_it_was_written() {
        let base = some();
        let text = serde_json::to_string(&base).unwrap();
        let mut read: LiveBase = serde_json::from_str(&text).unwrap();
        assert_eq!(read, base);
        assert_eq!(read.summary("c-2", now()), base.summary("c-2", now()));
        assert_eq!(read.erased_since(day(2)), 1);
        assert_eq!(read.observe(kept("b", 2)), Ok(Observed::Duplicate));
        assert_eq!(
            read.observe(bought("z", "c-3", 1, "6")),
            Ok(Observed::Erased)
        );
        assert!(read.split(&who("c-2")));
    }

    #[test]
    fn bases_that_no_stream_leads_to_are_refused() {
        let base = some();
        refusal(&base, |json| {
            json["timelines"][1]["interactions"][0]["occurred_at"] = json!("x");
        });
        assert_eq!(
            refusal(&base, |json| json["erased"]["c-3"] =
                json!("1970-01-05T00:00:00Z")),
            "a stored state needs interactions after an erasure only, and no request for one, \
             got others of customer c-3"
        );
        refusal(&base, |json| {
            json["timelines"][0]["interactions"][1]["kind"] =
                json!({"consent": "erasure_requested"});
        });
        assert_eq!(
            refusal(&base, |json| json["timelines"][1]["interactions"] =
                json!([])),
            "a stored state needs timelines with interactions, got others of customer c-2"
        );
        assert_eq!(
            refusal(&base, |json| json["timelines"][2] =
                json["timelines"][1].clone()),
            "customer c-2 must be stored once, got a second state"
        );
        assert_eq!(
            refusal(&base, |json| json["joined"]["c-1"] = json!("c-3")),
            "a stored state needs identities joined to the name they are answered under, \
             got others of customer c-2"
        );
        assert_eq!(
            refusal(&base, |json| json["joined"] = json!({"c-1": "c-1"})),
            "a stored state needs identities joined to the name they are answered under, \
             got others of customer c-1"
        );
        let dollars = json!({"purchase": {"amount": {"amount": "5", "currency": "USD"}}});
        assert_eq!(
            refusal(&base, |json| {
                json["timelines"][0]["interactions"][0]["kind"] = dollars.clone();
            }),
            "currency of the merged state must be USD, got EUR"
        );
        refusal(&base, |json| json["surplus"] = json!(1));
        refusal(&base, |json| json["joined"][""] = json!("c-1"));
    }
}
