//! Events small enough to meet others on their day.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use guanxi::history::{
    ComplaintResolved, Concession, Contact, CostToServe, CustomerId, Direction, Interaction,
    InteractionId, Investment, InvestmentPurpose, Kind, Loyalty, LoyaltyEvent, NpsSurvey, Offer,
    OfferEvent, Payment, PaymentEvent, Purchase, Return, ReturnOutcome, ServiceRequest,
};
use guanxi::quantity::{Currency, Money, TimeUnit};
use guanxi::summary::{
    CustomerBase, DedupeUnit, ReturnRule, SpendBasis, SummaryPolicy, ZeroValueRule,
};
use proptest::prelude::*;
pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    let instant = if text.contains('T') {
        text.to_owned()
    } else {
        format!("{text}T00:00:00")
    };
    instant.parse::<NaiveDateTime>().expect(text).and_utc()
}

pub(crate) fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).expect(text)
}

/// One event, small enough to meet others on its day.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) customer: usize,
    pub(crate) hours: i64,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Bought { cents: i64, cost: Option<i64> },
    Back { cents: i64, refused: bool },
    Served(i64),
    Contacted(Option<i64>),
    Requested(Option<i64>),
    Resolved(Option<i64>),
    Offered(Option<i64>),
    Conceded(i64),
    Invested(i64, Option<InvestmentPurpose>),
    Points(LoyaltyEvent, Option<i64>),
    Paid(PaymentEvent, Option<i64>),
    Asked,
}

pub(crate) const CUSTOMERS: [&str; 4] = ["c-2", "c-10", "客户", "a"];

pub(crate) fn cents(cents: i64) -> Money {
    Money::new(rust_decimal::Decimal::new(cents, 2), Currency::USD).expect("small")
}

impl Event {
    pub(crate) fn at(&self) -> DateTime<Utc> {
        at("2026-01-01") + TimeDelta::hours(self.hours)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.fallible_kind().expect("a valid payload")
    }

    fn fallible_kind(&self) -> Result<Kind, guanxi::history::HistoryError> {
        Ok(match self.what {
            What::Bought { cents: c, cost } => {
                let purchase = Purchase::new(cents(c))?;
                match cost {
                    Some(cost) => purchase.with_cost(cents(cost))?.into(),
                    None => purchase.into(),
                }
            }
            What::Back { cents: c, refused } => {
                let back = Return::new(cents(c))?;
                if refused {
                    back.with_outcome(ReturnOutcome::Refused).into()
                } else {
                    back.into()
                }
            }
            What::Served(c) => CostToServe::new(cents(c))?.into(),
            What::Contacted(None) => Contact::new(Direction::Inbound).into(),
            What::Contacted(Some(c)) => {
                Contact::new(Direction::Inbound).with_cost(cents(c))?.into()
            }
            What::Requested(None) => ServiceRequest::new().into(),
            What::Requested(Some(c)) => ServiceRequest::new().with_cost(cents(c))?.into(),
            What::Resolved(None) => ComplaintResolved::new().into(),
            What::Resolved(Some(c)) => ComplaintResolved::new().with_cost(cents(c))?.into(),
            What::Offered(None) => Offer::new(OfferEvent::Shown).into(),
            What::Offered(Some(c)) => Offer::new(OfferEvent::Shown).with_cost(cents(c))?.into(),
            What::Conceded(c) => Concession::new(cents(c))?.into(),
            What::Invested(c, purpose) => {
                let investment = Investment::new(cents(c))?;
                match purpose {
                    Some(purpose) => investment.with_purpose(purpose).into(),
                    None => investment.into(),
                }
            }
            What::Points(event, None) => Loyalty::new(event).into(),
            What::Points(event, Some(c)) => Loyalty::new(event).with_cost(cents(c))?.into(),
            What::Paid(event, None) => Payment::new(event).into(),
            What::Paid(event, Some(c)) => Payment::new(event).with_amount(cents(c))?.into(),
            What::Asked => NpsSurvey::new(9)?.into(),
        })
    }

    pub(crate) fn interaction(&self, number: usize) -> Interaction {
        Interaction::new(
            InteractionId::new(format!("i-{number}")).expect("an id"),
            CustomerId::new(CUSTOMERS[self.customer]).expect("an id"),
            self.at(),
            self.kind(),
        )
        .expect("an interaction")
    }
}

pub(crate) fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![1 => Just(0), 2 => Just(500), 4 => 0..3000_i64]
}

pub(crate) fn what() -> impl Strategy<Value = What> {
    let purpose = prop::option::of(prop::sample::select(vec![
        InvestmentPurpose::Acquisition,
        InvestmentPurpose::PreSaleGift,
        InvestmentPurpose::RelationshipSpecific,
    ]));
    let points = prop::sample::select(vec![
        LoyaltyEvent::PointsEarned,
        LoyaltyEvent::PointsRedeemed,
        LoyaltyEvent::PointsExpired,
    ]);
    let paid = prop::sample::select(vec![PaymentEvent::Received, PaymentEvent::Defaulted]);
    prop_oneof![
        8 => (amount(), prop::option::of(amount())).prop_map(|(cents, cost)| What::Bought { cents, cost }),
        5 => (amount(), prop::bool::weighted(0.2)).prop_map(|(cents, refused)| What::Back { cents, refused }),
        1 => amount().prop_map(What::Served),
        1 => prop::option::of(amount()).prop_map(What::Contacted),
        1 => prop::option::of(amount()).prop_map(What::Offered),
        1 => amount().prop_map(What::Conceded),
        1 => (amount(), purpose).prop_map(|(cents, purpose)| What::Invested(cents, purpose)),
        1 => (points, prop::option::of(amount())).prop_map(|(event, cents)| What::Points(event, cents)),
        1 => (paid, prop::option::of(amount())).prop_map(|(event, cents)| What::Paid(event, cents)),
        1 => Just(What::Asked),
    ]
}

pub(crate) fn events(customers: usize) -> impl Strategy<Value = Vec<Event>> {
    let event = (0..customers, -200..600_i64, what()).prop_map(|(customer, hours, what)| Event {
        customer,
        hours,
        what,
    });
    prop::collection::vec(event, 0..60)
}

pub(crate) fn policy() -> impl Strategy<Value = SummaryPolicy> {
    (
        prop::sample::select(vec![
            DedupeUnit::Second,
            DedupeUnit::Hour,
            DedupeUnit::Day,
            DedupeUnit::Week,
        ]),
        -50_000..50_000_i32,
        prop::sample::select(vec![
            ReturnRule::Deduct,
            ReturnRule::SameDayOnly,
            ReturnRule::Ignore,
        ]),
        prop::bool::ANY,
        prop::bool::ANY,
        prop::sample::select(vec![TimeUnit::Day, TimeUnit::Week, TimeUnit::Month]),
    )
        .prop_map(|(dedupe, offset, returns, skip, all, unit)| {
            SummaryPolicy::default()
                .with_dedupe(dedupe)
                .with_returns(returns)
                .with_unit(unit)
                .with_zero_value(if skip {
                    ZeroValueRule::Skip
                } else {
                    ZeroValueRule::Count
                })
                .with_spend(if all {
                    SpendBasis::AllTransactions
                } else {
                    SpendBasis::RepeatTransactions
                })
                .with_utc_offset_seconds(offset)
                .expect("within a day")
        })
}

pub(crate) fn base<'a>(
    policy: SummaryPolicy,
    events: impl IntoIterator<Item = &'a Event>,
) -> CustomerBase {
    let mut base = CustomerBase::new(policy);
    for event in events {
        base.observe(&event.interaction(0)).expect("one currency");
    }
    base
}

pub(crate) fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    (-300..700_i64).prop_map(|hours| at("2026-01-01") + TimeDelta::hours(hours))
}
