//! Payloads of every kind, valid by construction.

use chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{
    AgreementForm, CesSurvey, Community, CommunityEvent, ComplaintOpened, ComplaintResolved,
    Concession, Consent, Construct, Contact, Contract, ContractEvent, CostToServe, CsatSurvey,
    CustomerId, Delivery, Direction, ExecutiveContact, Feedback, FiniteNumber, GoalHorizon,
    GoalReview, HistoryError, InfluenceAttributed, InfoDepth, InfoFlow, InfoShared, InteractionId,
    Investment, InvestmentPurpose, JointProject, Kind, Loyalty, LoyaltyEvent, Minutes, NpsSurvey,
    Offer, OfferEvent, OtherKind, Partnership, Payment, PaymentEvent, PreferenceObserved,
    ProfileAttribute, Promise, PromiseEvent, Promiser, Purchase, Purpose, QualitativeNote, Quote,
    QuoteEvent, Rank, ReferralConverted, ReferralMade, RelationshipChange, RelationshipEvent,
    Return, ReturnOutcome, ReturnReason, Review, Scale, ServiceRequest, SurveyItem, TrustFacet,
    Value,
};
use guanxi::quantity::{Currency, Fraction, Money, Probability, Span, TimeUnit, Valence};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;

/// An amount at or above 0, in euros.
pub fn any_amount() -> impl Strategy<Value = Money> + Clone {
    (0_i64..1_000_000_000, 0_u32..=4)
        .prop_map(|(n, places)| Money::new(Decimal::new(n, places), Currency::EUR).unwrap())
}

/// An instant within the first thousand days, to the microsecond.
pub fn any_instant() -> impl Strategy<Value = DateTime<Utc>> + Clone {
    (0_i64..86_400_000_000_000).prop_map(|us| DateTime::UNIX_EPOCH + TimeDelta::microseconds(us))
}

/// A fraction, the ends included.
pub fn any_fraction() -> impl Strategy<Value = Fraction> + Clone {
    (0.0..=1.0).prop_map(|f| Fraction::new(f).unwrap())
}

/// A valence, the ends included.
pub fn any_valence() -> impl Strategy<Value = Valence> + Clone {
    (-1.0..=1.0).prop_map(|v| Valence::new(v).unwrap())
}

fn any_probability() -> impl Strategy<Value = Probability> + Clone {
    (0.0..=1.0).prop_map(|p| Probability::new(p).unwrap())
}

fn any_minutes() -> impl Strategy<Value = Minutes> + Clone {
    (0.0..1e6).prop_map(|m| Minutes::new(m).unwrap())
}

fn any_decimal() -> impl Strategy<Value = Decimal> + Clone {
    (0_i64..1_000_000, 0_u32..4).prop_map(|(n, places)| Decimal::new(n, places))
}

fn any_text() -> impl Strategy<Value = String> + Clone {
    "[a-z 茶\"\\\\]{0,8}"
}

/// An interaction id out of a handful, so that they meet.
pub fn any_interaction_id() -> impl Strategy<Value = InteractionId> + Clone {
    (0..12).prop_map(|n| InteractionId::new(format!("i-{n}")).unwrap())
}

fn any_rank() -> impl Strategy<Value = Rank> + Clone {
    select(Rank::ALL.to_vec())
}

fn any_facet() -> impl Strategy<Value = TrustFacet> + Clone {
    select(vec![
        TrustFacet::Ability,
        TrustFacet::Benevolence,
        TrustFacet::Integrity,
    ])
}

/// Whatever an unknown kind may carry.
pub fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Integer),
        any::<u64>().prop_map(Value::Unsigned),
        (-1e300..1e300).prop_map(|x| Value::Float(FiniteNumber::new(x).unwrap())),
        any_text().prop_map(Value::Text),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(any_text(), inner, 0..4)
                .prop_map(|entries| Value::Map(entries.into_iter().rev().collect())),
        ]
    })
}

/// States a field where there is something to state.
pub fn state<P, T>(payload: P, value: Option<T>, with: impl FnOnce(P, T) -> P) -> P {
    match value {
        Some(value) => with(payload, value),
        None => payload,
    }
}

/// The same for a field that is checked.
fn try_state<P, T>(
    payload: P,
    value: Option<T>,
    with: impl FnOnce(P, T) -> Result<P, HistoryError>,
) -> P {
    state(payload, value, |p, value| with(p, value).unwrap())
}

/// Any of the known kinds.
pub fn any_kind() -> impl Strategy<Value = Kind> {
    (1_u8..=34).prop_flat_map(any_kind_numbered)
}

/// An unknown kind.
pub fn any_other_kind() -> impl Strategy<Value = Kind> {
    ("x_[a-z]{0,6}", any_value()).prop_map(|(n, v)| OtherKind::new(n, v).unwrap().into())
}

/// The known kind of a number from 1 to 34.
///
/// # Panics
///
/// If there is none of that number.
pub fn any_kind_numbered(number: u8) -> BoxedStrategy<Kind> {
    match number {
        1..=3 => trade(number),
        4..=7 => service(number),
        8..=13 => survey(number),
        14..=17 | 32 => advocacy(number),
        18..=21 | 31 => information(number),
        22 | 27 | 28 | 33 => agreement(number),
        23..=26 => firm(number),
        29 | 30 | 34 => relationship(number),
        _ => panic!("kinds are numbered from 1 to 34, got {number}"),
    }
}

fn trade(number: u8) -> BoxedStrategy<Kind> {
    match number {
        1 => (
            any_amount(),
            of(any_amount()),
            of(any_amount()),
            of(any_amount()),
            of(any_text()),
            of(any_decimal()),
        )
            .prop_map(|(amount, cost, list, discount, category, quantity)| {
                let p = Purchase::new(amount).unwrap();
                let p = try_state(p, cost, Purchase::with_cost);
                let p = try_state(p, list, Purchase::with_list_price);
                let p = try_state(p, discount, Purchase::with_discount);
                let p = state(p, category, Purchase::with_category);
                try_state(p, quantity, Purchase::with_quantity).into()
            })
            .boxed(),
        2 => (
            any_amount(),
            select(vec![
                ReturnReason::Defect,
                ReturnReason::ChangedMind,
                ReturnReason::Unstated,
            ]),
            select(vec![ReturnOutcome::Honoured, ReturnOutcome::Refused]),
            of(any_interaction_id()),
        )
            .prop_map(|(amount, reason, outcome, of)| {
                let p = Return::new(amount).unwrap();
                let p = p.with_reason(reason).with_outcome(outcome);
                state(p, of, Return::with_purchase).into()
            })
            .boxed(),
        _ => (
            select(vec![
                QuoteEvent::Requested,
                QuoteEvent::Issued,
                QuoteEvent::Won,
                QuoteEvent::Lost,
            ]),
            of(any_amount()),
            of(any_text()),
            of(any_text()),
            of(-1.0..10.0),
        )
            .prop_map(|(event, amount, need, rival, gap)| {
                let p = try_state(Quote::new(event), amount, Quote::with_amount);
                let p = state(p, need, Quote::with_need);
                let p = state(p, rival, Quote::with_rival);
                try_state(p, gap, Quote::with_price_gap).into()
            })
            .boxed(),
    }
}

fn service(number: u8) -> BoxedStrategy<Kind> {
    match number {
        4 => (
            select(vec![Direction::Inbound, Direction::Outbound]),
            of(any_minutes()),
            of(any_rank()),
            of(any_rank()),
            of(any_text()),
            of(any_minutes()),
            of(any_minutes()),
            of(any_amount()),
        )
            .prop_map(|(way, took, ours, theirs, person, reply, promised, cost)| {
                let p = state(Contact::new(way), took, Contact::with_minutes);
                let p = state(p, ours, Contact::with_rank_ours);
                let p = state(p, theirs, Contact::with_rank_theirs);
                let p = state(p, person, Contact::with_person);
                let p = state(p, reply, Contact::with_response_minutes);
                let p = state(p, promised, Contact::with_promised_minutes);
                try_state(p, cost, Contact::with_cost).into()
            })
            .boxed(),
        5 => (
            of(any_text()),
            of(1_i32..=7),
            of(any_minutes()),
            of(any::<u32>()),
            of(any_amount()),
        )
            .prop_map(|(topic, ease, minutes, hand_overs, cost)| {
                let p = state(ServiceRequest::new(), topic, ServiceRequest::with_topic);
                let p = try_state(p, ease, ServiceRequest::with_ease);
                let p = state(p, minutes, ServiceRequest::with_minutes);
                let p = state(p, hand_overs, ServiceRequest::with_hand_overs);
                try_state(p, cost, ServiceRequest::with_cost).into()
            })
            .boxed(),
        6 => (of(any_fraction()), of(any_text()))
            .prop_map(|(severity, topic)| {
                let p = ComplaintOpened::new();
                let p = state(p, severity, ComplaintOpened::with_severity);
                state(p, topic, ComplaintOpened::with_topic).into()
            })
            .boxed(),
        _ => (
            of(any_fraction()),
            of(any_minutes()),
            of(any_interaction_id()),
            of(any_amount()),
        )
            .prop_map(|(quality, latency, of, cost)| {
                let p = ComplaintResolved::new();
                let p = state(p, quality, ComplaintResolved::with_quality);
                let p = state(p, latency, ComplaintResolved::with_latency_minutes);
                let p = state(p, of, ComplaintResolved::with_complaint);
                try_state(p, cost, ComplaintResolved::with_cost).into()
            })
            .boxed(),
    }
}

fn survey(number: u8) -> BoxedStrategy<Kind> {
    match number {
        8 => (0..=10)
            .prop_map(|s| NpsSurvey::new(s).unwrap().into())
            .boxed(),
        9 => (1..=5)
            .prop_map(|s| CsatSurvey::new(s).unwrap().into())
            .boxed(),
        10 => (1..=7, any::<bool>())
            .prop_map(|(s, reversed)| CesSurvey::new(s).unwrap().with_reversed(reversed).into())
            .boxed(),
        11 => (
            select(vec![
                Construct::Trust,
                Construct::Affect,
                Construct::PerceivedBenefit,
                Construct::PerceivedSacrifice,
                Construct::ShareOfWallet,
                Construct::Importance,
                Construct::Alternatives,
                Construct::SwitchingCost,
            ]),
            (-10.0..10.0, 0.1..10.0, 0.0..=1.0),
            of(any_text()),
            of(any_facet()),
            of("rival-[12]"),
        )
            .prop_map(|(construct, (lowest, width, share), item, facet, about)| {
                let scale = Scale::new(lowest, lowest + width).unwrap();
                let value: f64 = lowest + share * width;
                let value = value.clamp(scale.lowest(), scale.highest());
                let p = SurveyItem::new(construct, value, scale).unwrap();
                let p = state(p, item, SurveyItem::with_item);
                let p = state(p, facet, SurveyItem::with_facet);
                state(p, about, SurveyItem::with_about).into()
            })
            .boxed(),
        12 => (of(1.0..=5.0), of(any_valence()), of(any::<u64>()))
            .prop_map(|(stars, sentiment, reach)| {
                let p = try_state(Review::new(), stars, Review::with_stars);
                let p = state(p, sentiment, Review::with_sentiment);
                state(p, reach, Review::with_reach).into()
            })
            .boxed(),
        _ => (
            prop::collection::vec(any_text(), 0..3),
            of(any_valence()),
            of(any_text()),
        )
            .prop_map(|(themes, valence, coder)| {
                let p = QualitativeNote::new(themes);
                let p = state(p, valence, QualitativeNote::with_valence);
                state(p, coder, QualitativeNote::with_coder).into()
            })
            .boxed(),
    }
}

fn advocacy(number: u8) -> BoxedStrategy<Kind> {
    let party = "p-[0-9]{1,3}".prop_map(|text| CustomerId::new(text).unwrap());
    match number {
        14 => of(party)
            .prop_map(|prospect| {
                state(ReferralMade::new(), prospect, ReferralMade::with_prospect).into()
            })
            .boxed(),
        15 => (
            party,
            of(any_probability()),
            of(any_amount()),
            of(any_amount()),
            of(any_amount()),
        )
            .prop_map(|(newcomer, anyway, reward, marketing, saving)| {
                let p = ReferralConverted::new(newcomer);
                let p = state(p, anyway, ReferralConverted::with_probability_anyway);
                let p = try_state(p, reward, ReferralConverted::with_reward_cost);
                let p = try_state(p, marketing, ReferralConverted::with_marketing_cost);
                try_state(p, saving, ReferralConverted::with_acquisition_saving).into()
            })
            .boxed(),
        16 => (any_amount(), any_fraction(), 1_u32..9)
            .prop_map(|(margin, share, depth)| {
                InfluenceAttributed::new(margin, share, depth)
                    .unwrap()
                    .into()
            })
            .boxed(),
        17 => (
            select(vec![
                LoyaltyEvent::Enrolled,
                LoyaltyEvent::PointsEarned,
                LoyaltyEvent::PointsRedeemed,
                LoyaltyEvent::PointsExpired,
                LoyaltyEvent::StatusChanged,
            ]),
            of(any_decimal()),
            of(any_amount()),
            of(any_text()),
        )
            .prop_map(|(event, points, cost, status)| {
                let p = try_state(Loyalty::new(event), points, Loyalty::with_points);
                let p = try_state(p, cost, Loyalty::with_cost);
                state(p, status, Loyalty::with_status).into()
            })
            .boxed(),
        _ => (
            select(vec![
                CommunityEvent::Joined,
                CommunityEvent::Posted,
                CommunityEvent::Attended,
            ]),
            of(any_text()),
            of(any_text()),
        )
            .prop_map(|(event, name, topic)| {
                let p = state(Community::new(event), name, Community::with_name);
                state(p, topic, Community::with_topic).into()
            })
            .boxed(),
    }
}

fn information(number: u8) -> BoxedStrategy<Kind> {
    match number {
        18 => (any_text(), of(any_text()), of(any_fraction()))
            .prop_map(|(field, value, reliability)| {
                let p = ProfileAttribute::new(field);
                let p = state(p, value, ProfileAttribute::with_value);
                state(p, reliability, ProfileAttribute::with_reliability).into()
            })
            .boxed(),
        19 => (any_text(), of(0.0..5.0))
            .prop_map(|(category, weight)| {
                let p = PreferenceObserved::new(category);
                try_state(p, weight, PreferenceObserved::with_weight).into()
            })
            .boxed(),
        20 => (
            of(any_text()),
            of(any_fraction()),
            of(any::<bool>()),
            of(any_amount()),
            of(any_fraction()),
            of(any_probability()),
        )
            .prop_map(|(topic, quality, accepted, value, share, realised)| {
                let p = state(Feedback::new(), topic, Feedback::with_topic);
                let p = state(p, quality, Feedback::with_quality);
                let p = state(p, accepted, Feedback::with_accepted);
                let p = try_state(p, value, Feedback::with_value);
                let p = state(p, share, Feedback::with_share);
                state(p, realised, Feedback::with_probability_realised).into()
            })
            .boxed(),
        21 => (
            select(vec![
                InfoFlow::ToFirm,
                InfoFlow::ToCustomer,
                InfoFlow::Mutual,
            ]),
            select(vec![
                InfoDepth::Operational,
                InfoDepth::Tactical,
                InfoDepth::Strategic,
            ]),
            of(any_text()),
        )
            .prop_map(|(flow, depth, topic)| {
                state(InfoShared::new(flow, depth), topic, InfoShared::with_topic).into()
            })
            .boxed(),
        _ => any_consent().prop_map(Kind::from).boxed(),
    }
}

/// Any change of consent.
pub fn any_consent() -> impl Strategy<Value = Consent> {
    let purpose = || select(Purpose::ALL.to_vec());
    prop_oneof![
        purpose().prop_map(|purpose| Consent::Granted { purpose }),
        purpose().prop_map(|purpose| Consent::Withdrawn { purpose }),
        Just(Consent::ErasureRequested),
    ]
}

fn agreement(number: u8) -> BoxedStrategy<Kind> {
    match number {
        22 => (
            select(vec![
                ContractEvent::Signed,
                ContractEvent::Renewed,
                ContractEvent::Cancelled,
                ContractEvent::Expired,
            ]),
            of("[ab]"),
            of(0.0..120.0),
            of(any_amount()),
        )
            .prop_map(|(event, name, months, value)| {
                let term = months.map(|length| Span::new(length, TimeUnit::Month).unwrap());
                let p = try_state(Contract::new(event), name, Contract::with_name);
                let p = state(p, term, Contract::with_term);
                try_state(p, value, Contract::with_value).into()
            })
            .boxed(),
        27 => (
            any_instant(),
            of(0_i64..100),
            of(any_instant()),
            of(any::<bool>()),
        )
            .prop_map(|(delivered, lead, promised, defect)| {
                let ordered = lead.map(|days| delivered - TimeDelta::days(days));
                let p = try_state(Delivery::new(delivered), ordered, Delivery::with_ordered_at);
                let p = state(p, promised, Delivery::with_promised_at);
                state(p, defect, Delivery::with_defect).into()
            })
            .boxed(),
        28 => (
            select(vec![
                PaymentEvent::Due,
                PaymentEvent::Received,
                PaymentEvent::Defaulted,
                PaymentEvent::Disputed,
            ]),
            of(any_amount()),
            of(any_instant()),
            of(any_instant()),
        )
            .prop_map(|(event, amount, due, paid)| {
                let p = try_state(Payment::new(event), amount, Payment::with_amount);
                let p = state(p, due, Payment::with_due_at);
                let paid = paid.filter(|_| event == PaymentEvent::Received);
                try_state(p, paid, Payment::with_paid_at).into()
            })
            .boxed(),
        _ => (
            select(vec![
                OfferEvent::Shown,
                OfferEvent::Accepted,
                OfferEvent::Ignored,
            ]),
            of(any_text()),
            of(any::<bool>()),
            of(any_amount()),
        )
            .prop_map(|(event, name, promotion, cost)| {
                let p = state(Offer::new(event), name, Offer::with_name);
                let p = state(p, promotion, Offer::with_promotion);
                try_state(p, cost, Offer::with_cost).into()
            })
            .boxed(),
    }
}

fn firm(number: u8) -> BoxedStrategy<Kind> {
    match number {
        23 => (any_amount(), of(any_text()))
            .prop_map(|(amount, activity)| {
                let p = CostToServe::new(amount).unwrap();
                state(p, activity, CostToServe::with_activity).into()
            })
            .boxed(),
        24 => (any_amount(), of(any_text()))
            .prop_map(|(amount, reason)| {
                let p = Concession::new(amount).unwrap();
                state(p, reason, Concession::with_reason).into()
            })
            .boxed(),
        25 => (
            any_amount(),
            of(select(vec![
                InvestmentPurpose::RelationshipSpecific,
                InvestmentPurpose::PreSaleGift,
                InvestmentPurpose::Acquisition,
            ])),
        )
            .prop_map(|(amount, purpose)| {
                let p = Investment::new(amount).unwrap();
                state(p, purpose, Investment::with_purpose).into()
            })
            .boxed(),
        _ => (
            select(vec![
                PromiseEvent::Made,
                PromiseEvent::Kept,
                PromiseEvent::Broken,
            ]),
            select(vec![Promiser::Firm, Promiser::Customer]),
            of(any_facet()),
            of(any_fraction()),
        )
            .prop_map(|(event, by, facet, severity)| {
                let p = Promise::new(event).with_promiser(by);
                let p = state(p, facet, Promise::with_facet);
                state(p, severity, Promise::with_severity).into()
            })
            .boxed(),
    }
}

fn relationship(number: u8) -> BoxedStrategy<Kind> {
    match number {
        29 => (any_rank(), any_rank(), of(any_text()))
            .prop_map(|(ours, theirs, person)| {
                let p = ExecutiveContact::new(ours, theirs);
                state(p, person, ExecutiveContact::with_person).into()
            })
            .boxed(),
        30 => {
            let horizon = select(vec![GoalHorizon::NearTerm, GoalHorizon::LongTerm]);
            let form = select(vec![AgreementForm::Formal, AgreementForm::Informal]);
            prop_oneof![
                (any_fraction(), of(horizon)).prop_map(|(alignment, horizon)| {
                    let p = GoalReview::new(alignment);
                    Partnership::GoalReview(state(p, horizon, GoalReview::with_horizon))
                }),
                (any_amount(), any_fraction()).prop_map(|(value, share)| {
                    Partnership::JointProject(JointProject::new(value, share).unwrap())
                }),
                any_fraction().prop_map(|fraction| Partnership::EquityTie { fraction }),
                of(form).prop_map(|form| Partnership::AllianceAgreement { form }),
            ]
            .prop_map(Kind::from)
            .boxed()
        }
        _ => (
            select(vec![RelationshipEvent::Ended, RelationshipEvent::WonBack]),
            of(any_text()),
        )
            .prop_map(|(event, cause)| {
                let p = RelationshipChange::new(event);
                state(p, cause, RelationshipChange::with_cause).into()
            })
            .boxed(),
    }
}
