//! A simulated log of all 34 kinds, as a firm with customers of many sorts might keep it.

use guanxi::chrono::{DateTime, TimeDelta, Utc};
use guanxi::history::{
    CesSurvey, Channel, Community, CommunityEvent, ComplaintOpened, ComplaintResolved, Concession,
    Consent, Construct, Contact, Contract, ContractEvent, CostToServe, CsatSurvey, CustomerId,
    Delivery, Direction, EpisodeId, ExecutiveContact, Feedback, GoalReview, HistoryError,
    InfluenceAttributed, InfoDepth, InfoFlow, InfoShared, Interaction, InteractionId, Investment,
    Kind, Loyalty, LoyaltyEvent, Minutes, NpsSurvey, Offer, OfferEvent, Partnership, Payment,
    PaymentEvent, PreferenceObserved, ProfileAttribute, Promise, PromiseEvent, Purchase, Purpose,
    QualitativeNote, Quote, QuoteEvent, Rank, ReferralConverted, ReferralMade, RelationshipChange,
    RelationshipEvent, Return, ReturnReason, Review, Scale, ServiceRequest, SurveyItem, TrustFacet,
};
use guanxi::model::RandomStream;
use guanxi::quantity::{Currency, Fraction, Money, Span, Valence};

/// How often each kind comes in a thousand events, by its number.
const SHARES: [f64; 34] = [
    300.0, 20.0, 40.0, 130.0, 45.0, 12.0, 12.0, 20.0, 20.0, 8.0, 12.0, 12.0, 4.0, 5.0, 2.0, 3.0,
    60.0, 25.0, 80.0, 8.0, 8.0, 8.0, 20.0, 4.0, 4.0, 14.0, 45.0, 45.0, 3.0, 3.0, 8.0, 8.0, 40.0,
    2.0,
];

/// This many interactions of so many customers over two years, in the order of time; some
/// customers are heard of much more often than others.
pub(crate) fn mixed(events: u64, customers: u64) -> Vec<Interaction> {
    let mut random = RandomStream::new(11, 0);
    let total: f64 = SHARES.iter().sum();
    let apart = 730.0 * 86_400_000.0 / events as f64;
    (0..events)
        .map(|n| {
            let at = super::midnight("2024-01-01")
                + TimeDelta::milliseconds(((n as f64 + random.uniform()) * apart) as i64);
            let customer = (random.uniform().powf(1.5) * customers as f64) as u64;
            let mut share = random.uniform() * total;
            let number = SHARES.iter().position(|kind| {
                share -= kind;
                share < 0.0
            });
            let kind = kind(number.map_or(1, |place| place + 1), at, &mut random).unwrap();
            let id = InteractionId::new(format!("i-{n}")).unwrap();
            let who = CustomerId::new(format!("customer-{customer}")).unwrap();
            let event = Interaction::new(id, who, at, kind).unwrap();
            dressed(event, &mut random)
        })
        .collect()
}

/// What is said of an interaction beside its kind.
fn dressed(mut event: Interaction, random: &mut RandomStream) -> Interaction {
    let u = random.uniform();
    let stated = matches!(event.kind(), Kind::Contact(_) | Kind::ServiceRequest(_));
    if stated && u < 0.8 {
        event = event.through([Channel::Phone, Channel::Email, Channel::Chat][(u * 3.7) as usize]);
    }
    if stated && random.uniform() < 0.2 {
        event = event.with_valence(Valence::new(random.uniform() - 0.5).unwrap());
    }
    let episodic = matches!(
        event.kind(),
        Kind::ServiceRequest(_) | Kind::ComplaintOpened(_) | Kind::ComplaintResolved(_)
    );
    if episodic && random.uniform() < 0.5 {
        let month = event.occurred_at().timestamp() / 2_629_746;
        event = event.in_episode(EpisodeId::new(format!("case-{month}")).unwrap());
    }
    event
}

fn kind(number: usize, at: DateTime<Utc>, random: &mut RandomStream) -> Result<Kind, HistoryError> {
    let u = random.uniform();
    let tenth = (u * 10.0) as usize;
    let score = (u * 10.0) as i32;
    let amount = || Money::from_estimate(5.0 + 100.0 * u, Currency::EUR).unwrap();
    let fraction = || Fraction::new(u).unwrap();
    let field = ["city", "budget", "need", "size", "birthday"][tenth / 2];
    let category = ["tea", "coffee", "cups", "pots", "gifts"][tenth / 2];
    Ok(match number {
        1 if u < 0.7 => Purchase::new(amount())?.with_category(category).into(),
        1 => Purchase::new(amount())?.with_cost(amount())?.into(),
        2 => Return::new(amount())?
            .with_reason(ReturnReason::Defect)
            .into(),
        3 => Quote::new(QuoteEvent::Issued).with_amount(amount())?.into(),
        4 => Contact::new(if u < 0.5 {
            Direction::Inbound
        } else {
            Direction::Outbound
        })
        .with_minutes(Minutes::new(30.0 * u)?)
        .with_rank_theirs(Rank::KeyPerson)
        .into(),
        5 => ServiceRequest::new().with_ease(1 + score / 2)?.into(),
        6 => ComplaintOpened::new().with_severity(fraction()).into(),
        7 => ComplaintResolved::new()
            .with_quality(fraction())
            .with_latency_minutes(Minutes::new(5000.0 * u)?)
            .into(),
        8 => NpsSurvey::new(score)?.into(),
        9 => CsatSurvey::new(1 + score / 2)?.into(),
        10 => CesSurvey::new(1 + score / 2)?.into(),
        11 => SurveyItem::new(Construct::Trust, 10.0 * u, Scale::new(0.0, 10.0)?)?
            .with_facet(TrustFacet::Ability)
            .into(),
        12 => Review::new().with_stars(1.0 + 4.0 * u)?.into(),
        13 => QualitativeNote::new(vec!["price".to_owned()])
            .with_valence(Valence::new(u).unwrap())
            .into(),
        14 => ReferralMade::new().into(),
        15 => ReferralConverted::new(CustomerId::new(format!("newcomer-{tenth}"))?).into(),
        16 => InfluenceAttributed::new(amount(), fraction(), 1)?.into(),
        17 => Loyalty::new(LoyaltyEvent::PointsEarned)
            .with_cost(amount())?
            .into(),
        18 => ProfileAttribute::new(field.to_owned()).into(),
        19 => PreferenceObserved::new(category.to_owned())
            .with_weight(0.2)?
            .into(),
        20 => Feedback::new().with_quality(fraction()).into(),
        21 => InfoShared::new(
            InfoFlow::ToFirm,
            if u < 0.2 {
                InfoDepth::Strategic
            } else {
                InfoDepth::Operational
            },
        )
        .into(),
        22 => Contract::new(if u < 0.4 {
            ContractEvent::Signed
        } else {
            ContractEvent::Renewed
        })
        .with_term(Span::years(1.0).unwrap())
        .into(),
        23 => CostToServe::new(amount())?.into(),
        24 => Concession::new(amount())?.into(),
        25 => Investment::new(amount())?.into(),
        26 => Promise::new(if u < 0.2 {
            PromiseEvent::Broken
        } else {
            PromiseEvent::Kept
        })
        .into(),
        27 => Delivery::new(at)
            .with_promised_at(at - TimeDelta::hours((48.0 * (u - 0.7)) as i64))
            .into(),
        28 => Payment::new(PaymentEvent::Received)
            .with_due_at(at - TimeDelta::hours((240.0 * (u - 0.7)) as i64))
            .with_paid_at(at)?
            .into(),
        29 => ExecutiveContact::new(Rank::TopExecutive, Rank::Director).into(),
        30 => Partnership::GoalReview(GoalReview::new(fraction())).into(),
        31 => Consent::Granted {
            purpose: Purpose::ALL[tenth % 4],
        }
        .into(),
        32 => Community::new(CommunityEvent::Posted).into(),
        33 => Offer::new(OfferEvent::Shown).into(),
        _ => RelationshipChange::new(RelationshipEvent::WonBack).into(),
    })
}
