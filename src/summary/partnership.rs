//! Evidence of how close a relationship is (关系深度): who meets whom, what is shared, agreed, tied.

#[cfg(feature = "serde")]
mod stored;

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use crate::history::{
    AgreementForm, Construct, ContractEvent, GoalHorizon, InfoFlow, Initiator, Interaction,
    InteractionId, InvestmentPurpose, Kind, Partnership, QuoteEvent, Rank, RelationshipEvent,
};
use crate::quantity::{Fraction, Money};

use super::EvidencePolicy;
use super::dated::{Dated, DatedList};
use super::decay::Decayed;

/// What a fading sum of the [`PartnershipEvidence`] is a sum of.
///
/// Each observation has a score from 0 to 1; those of contacts and quotes are told with the variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum PartnershipMeasure {
    /// Contacts in which the lower of both ranks was [`Rank::None`]; the score is that level.
    MetNone,
    /// Contacts in which it was [`Rank::Operational`].
    MetOperational,
    /// Contacts in which it was [`Rank::KeyPerson`].
    MetKeyPerson,
    /// Contacts in which it was [`Rank::Director`].
    MetDirector,
    /// Contacts in which it was [`Rank::TopExecutive`].
    MetTopExecutive,
    /// Information the customer shared with the firm; the score is its depth.
    SharedWithFirm,
    /// Information the firm shared with the customer.
    SharedWithCustomer,
    /// Quotes decided at a price equal to the rival's or above it: 1 won, 0 lost.
    QuoteAtEqualOrWorseTerms,
    /// Quotes decided whose price gap was not stated: 1 won, 0 lost.
    QuoteAtUnstatedTerms,
    /// Reviews of goals of the coming year; the score is how far they agree.
    AlignmentNearTerm,
    /// Reviews of goals beyond it.
    AlignmentLongTerm,
    /// Reviews of goals whose reach was not stated.
    AlignmentUnstated,
    /// Answers on the share of the customer's need that the firm serves.
    ShareOfWallet,
    /// Answers on how important the relationship is to the customer.
    ImportanceToCustomer,
    /// Answers on how important it is to the firm.
    ImportanceToFirm,
    /// Answers on how good the customer's alternatives are.
    AlternativesOfCustomer,
    /// Answers on how good the firm's alternatives are.
    AlternativesOfFirm,
    /// Answers on what it would cost the customer to leave.
    SwitchingCostOfCustomer,
    /// Answers on what it would cost the firm to leave.
    SwitchingCostOfFirm,
}

impl PartnershipMeasure {
    fn met(rank: Rank) -> Self {
        match rank {
            Rank::None => Self::MetNone,
            Rank::Operational => Self::MetOperational,
            Rank::KeyPerson => Self::MetKeyPerson,
            Rank::Director => Self::MetDirector,
            Rank::TopExecutive => Self::MetTopExecutive,
        }
    }
}

/// Observations of one kind, as of the instant of the state.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct FadedScore {
    /// How many there are, each by what its age left of it.
    pub weight: f64,
    /// Their scores, weighted alike; at most `weight`.
    pub sum: f64,
}

/// What happened once to a relationship.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum PartnershipEvent {
    /// The customer cancelled a contract.
    ContractCancelled,
    /// The relationship ended.
    Ended,
    /// One side owns this part of the other from now on, or of a joint firm; 0 dissolves the tie.
    EquityTie {
        /// The part.
        fraction: Fraction,
    },
    /// Both sides agreed on an alliance.
    Alliance {
        /// How firmly, if stated.
        form: Option<AgreementForm>,
    },
    /// Both sides created value together.
    JointProject {
        /// The value created in all, at or above 0.
        value: Money,
        /// The firm's share of it.
        share: Fraction,
    },
    /// The firm invested in something that is of use in this relationship alone.
    Invested {
        /// How much, at or above 0.
        amount: Money,
    },
}

impl PartnershipEvent {
    fn of(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::Contract(contract) => {
                (contract.event() == ContractEvent::Cancelled).then_some(Self::ContractCancelled)
            }
            Kind::Relationship(turn) => {
                (turn.event() == RelationshipEvent::Ended).then_some(Self::Ended)
            }
            Kind::Investment(made) => {
                let specific = made.purpose() == Some(InvestmentPurpose::RelationshipSpecific);
                specific.then(|| Self::Invested {
                    amount: made.amount(),
                })
            }
            Kind::Partnership(Partnership::JointProject(project)) => Some(Self::JointProject {
                value: project.value(),
                share: project.share(),
            }),
            Kind::Partnership(Partnership::EquityTie { fraction }) => Some(Self::EquityTie {
                fraction: *fraction,
            }),
            Kind::Partnership(Partnership::AllianceAgreement { form }) => {
                Some(Self::Alliance { form: *form })
            }
            _ => None,
        }
    }

    /// The amount it tells, if it tells one.
    pub(super) fn amount(&self) -> Option<Money> {
        match *self {
            Self::JointProject { value, .. } => Some(value),
            Self::Invested { amount } => Some(amount),
            _ => None,
        }
    }

    /// Something with an order, for one interaction that was told in two ways.
    fn content(
        &self,
    ) -> (
        u8,
        u64,
        Option<(crate::quantity::Currency, rust_decimal::Decimal)>,
    ) {
        let (kind, number) = match *self {
            Self::ContractCancelled => (0, 0),
            Self::Ended => (1, 0),
            Self::EquityTie { fraction } => (2, fraction.value().to_bits()),
            Self::Alliance { form: None } => (3, 0),
            Self::Alliance {
                form: Some(AgreementForm::Informal),
            } => (3, 1),
            Self::Alliance {
                form: Some(AgreementForm::Formal),
            } => (3, 2),
            Self::JointProject { share, .. } => (4, share.value().to_bits()),
            Self::Invested { .. } => (5, 0),
        };
        let amount = self.amount().map(|a| (a.currency(), a.amount()));
        (kind, number, amount)
    }
}

/// Something that happened once to a relationship, and when.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct PartnershipStep {
    at: DateTime<Utc>,
    id: InteractionId,
    event: PartnershipEvent,
}

impl PartnershipStep {
    /// When it happened.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// In which interaction.
    #[must_use]
    pub fn id(&self) -> &InteractionId {
        &self.id
    }

    /// What it was.
    #[must_use]
    pub fn event(&self) -> PartnershipEvent {
        self.event
    }
}

impl Dated for PartnershipStep {
    fn at(&self) -> DateTime<Utc> {
        self.at
    }

    fn id(&self) -> &InteractionId {
        &self.id
    }

    fn by_content(&self, other: &Self) -> Ordering {
        self.event.content().cmp(&other.event.content())
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    measure: PartnershipMeasure,
    /// Weight, and weighted score.
    sums: Decayed<2>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Known {
    /// Sorted by measure.
    rows: Vec<Row>,
    /// Persons on the customer's side, sorted, and when each was last met.
    persons: Vec<(SmolStr, DateTime<Utc>)>,
    steps: DatedList<PartnershipStep>,
    first_contract: Option<DateTime<Utc>>,
}

/// What was observed of how close a relationship is (关系深度证据): what the tiers of
/// [`tier`](crate::tier) are judged by, beside trust, purchases and money.
///
/// | from | what is kept |
/// |---|---|
/// | contact, executive contact | with both ranks stated: a fading count for each rank, of contacts in which the lower of both ranks was it; with a person stated: who was met |
/// | information shared | fading depth, each way; what is mutual counts both ways |
/// | quote won or lost | fading counts, at a price equal to the rival's or above it, and at an unstated one; one won or lost at a lower price tells nothing of preference |
/// | goal review | fading score by reach |
/// | survey item | fading score of share of wallet, importance, alternatives and switching cost: the customer's, or the firm's own if the firm [began](Interaction::initiated_by) it; a third party's is left out |
/// | joint project, equity tie, alliance, cancelled contract, ended relationship, investment in this relationship alone | one by one with its instant |
/// | contract signed or renewed | the first instant |
///
/// Everything that fades does so by one [half-life](EvidencePolicy::partnership). Takes events in
/// any order and merges, exactly but for the last digits of what fades. A customer of whom none of
/// this is known costs eight bytes. Reading it needs consent to analytics.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{CustomerId, ExecutiveContact, Interaction, InteractionId, Rank};
/// use guanxi::summary::{EvidencePolicy, PartnershipEvidence};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let met = |id, n, ours, theirs| {
///     let met = ExecutiveContact::new(ours, theirs).with_person(id);
///     Interaction::new(InteractionId::new(id)?, CustomerId::new("c-1")?, day(n), met)
/// };
/// let log = [
///     met("m-1", 0, Rank::TopExecutive, Rank::Director)?,
///     met("m-2", 9, Rank::Director, Rank::Director)?,
///     met("m-3", 9, Rank::TopExecutive, Rank::TopExecutive)?,
/// ];
/// let close = PartnershipEvidence::from_interactions(&log, day(9), &EvidencePolicy::default());
/// assert!((close.contacts_at_least(Rank::Director) - 2.983_065_4).abs() < 1e-7); // 2 + 2^(−9/365.25)
/// assert_eq!(close.contact_rank(2.0), Some(Rank::Director)); // one of the top is not enough
/// assert_eq!(close.persons(), 3);
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::PartnershipRow", into = "stored::PartnershipRow")
)]
pub struct PartnershipEvidence(Option<Box<Known>>);

fn fade(policy: &EvidencePolicy) -> impl Fn(f64) -> [f64; 2] {
    let half_life = policy.partnership();
    move |seconds| [half_life.fade(seconds); 2]
}

impl Known {
    fn add(
        &mut self,
        measure: PartnershipMeasure,
        at: DateTime<Utc>,
        score: f64,
        policy: &EvidencePolicy,
    ) {
        self.row(measure).add(at, [1.0, score], fade(policy));
    }

    /// The sums of a measure, which are made if they are not there.
    fn row(&mut self, measure: PartnershipMeasure) -> &mut Decayed<2> {
        let place = self.place(measure).unwrap_or_else(|place| {
            let sums = Decayed::EMPTY;
            self.rows.insert(place, Row { measure, sums });
            place
        });
        &mut self.rows[place].sums
    }

    fn place(&self, measure: PartnershipMeasure) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&measure, |row| row.measure)
    }

    fn meet(&mut self, person: &str, at: DateTime<Utc>) {
        let place = self
            .persons
            .binary_search_by(|(name, _)| name.as_str().cmp(person));
        match place {
            Ok(place) => {
                if let Some((_, last)) = self.persons.get_mut(place) {
                    *last = at.max(*last);
                }
            }
            Err(place) => self.persons.insert(place, (SmolStr::new(person), at)),
        }
    }

    fn bound(&mut self, at: DateTime<Utc>) {
        self.first_contract = Some(self.first_contract.map_or(at, |first| first.min(at)));
    }

    fn latest(&self) -> Option<DateTime<Utc>> {
        let rows = self.rows.iter().filter_map(|row| row.sums.latest()).max();
        let met = self.persons.iter().map(|&(_, at)| at).max();
        rows.max(met)
            .max(self.steps.latest())
            .max(self.first_contract)
    }
}

/// What one interaction adds to the fading sums: a measure and a score from 0 to 1.
fn scores(interaction: &Interaction) -> [Option<(PartnershipMeasure, f64)>; 2] {
    use PartnershipMeasure as Of;
    let met = |ours: Rank, theirs: Rank| {
        let rank = ours.min(theirs);
        [Some((Of::met(rank), rank.level())), None]
    };
    match interaction.kind() {
        Kind::Contact(contact) => match (contact.rank_ours(), contact.rank_theirs()) {
            (Some(ours), Some(theirs)) => met(ours, theirs),
            _ => [None; 2],
        },
        Kind::ExecutiveContact(contact) => met(contact.rank_ours(), contact.rank_theirs()),
        Kind::InfoShared(shared) => {
            let depth = shared.depth().level();
            let (to_firm, to_customer) = match shared.flow() {
                InfoFlow::ToFirm => (true, false),
                InfoFlow::ToCustomer => (false, true),
                InfoFlow::Mutual => (true, true),
            };
            [
                to_firm.then_some((Of::SharedWithFirm, depth)),
                to_customer.then_some((Of::SharedWithCustomer, depth)),
            ]
        }
        Kind::Quote(quote) => {
            let score = match quote.event() {
                QuoteEvent::Won => 1.0,
                QuoteEvent::Lost => 0.0,
                QuoteEvent::Requested | QuoteEvent::Issued => return [None; 2],
            };
            let measure = match quote.price_gap() {
                Some(gap) if gap >= 0.0 => Of::QuoteAtEqualOrWorseTerms,
                Some(_) => return [None; 2],
                None => Of::QuoteAtUnstatedTerms,
            };
            [Some((measure, score)), None]
        }
        Kind::Partnership(Partnership::GoalReview(review)) => {
            let measure = match review.horizon() {
                Some(GoalHorizon::NearTerm) => Of::AlignmentNearTerm,
                Some(GoalHorizon::LongTerm) => Of::AlignmentLongTerm,
                None => Of::AlignmentUnstated,
            };
            [Some((measure, review.alignment().value())), None]
        }
        Kind::SurveyItem(item) => {
            let by_firm = match interaction.initiator() {
                Some(Initiator::Firm) => true,
                Some(Initiator::Third) => return [None; 2],
                _ => false,
            };
            // A rival's share and a rival's importance are not the firm's; what there is instead, and
            // what it would cost to go there, is about rivals by nature.
            if item.about().is_some()
                && matches!(
                    item.construct(),
                    Construct::ShareOfWallet | Construct::Importance
                )
            {
                return [None; 2];
            }
            let measure = match (item.construct(), by_firm) {
                (Construct::ShareOfWallet, false) => Of::ShareOfWallet,
                (Construct::Importance, false) => Of::ImportanceToCustomer,
                (Construct::Importance, true) => Of::ImportanceToFirm,
                (Construct::Alternatives, false) => Of::AlternativesOfCustomer,
                (Construct::Alternatives, true) => Of::AlternativesOfFirm,
                (Construct::SwitchingCost, false) => Of::SwitchingCostOfCustomer,
                (Construct::SwitchingCost, true) => Of::SwitchingCostOfFirm,
                _ => return [None; 2],
            };
            [Some((measure, item.share())), None]
        }
        _ => [None; 2],
    }
}

/// The person on the customer's side whom an interaction met, if one is stated.
fn person(kind: &Kind) -> Option<&str> {
    let person = match kind {
        Kind::Contact(contact) => contact.person(),
        Kind::ExecutiveContact(contact) => contact.person(),
        _ => None,
    };
    person.filter(|person| !person.is_empty())
}

fn binds(kind: &Kind) -> bool {
    match kind {
        Kind::Contract(contract) => matches!(
            contract.event(),
            ContractEvent::Signed | ContractEvent::Renewed
        ),
        _ => false,
    }
}

impl PartnershipEvidence {
    /// Nothing observed; nothing allocated.
    pub const EMPTY: Self = Self(None);

    /// Takes in one interaction; those that tell nothing of how close a relationship is change
    /// nothing.
    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        let at = interaction.occurred_at();
        for (measure, score) in scores(interaction).into_iter().flatten() {
            self.known().add(measure, at, score, policy);
        }
        if let Some(person) = person(interaction.kind()) {
            self.known().meet(person, at);
        }
        if let Some(event) = PartnershipEvent::of(interaction.kind()) {
            let id = interaction.id().clone();
            let step = PartnershipStep { at, id, event };
            self.known().steps.insert(step);
        }
        if binds(interaction.kind()) {
            self.known().bound(at);
        }
    }

    fn known(&mut self) -> &mut Known {
        self.0.get_or_insert_default()
    }

    /// Takes in what another state observed of other events. Associative and commutative, but for
    /// the last digits of what fades.
    pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        let Some(theirs) = &other.0 else {
            return;
        };
        let ours = self.known();
        for row in &theirs.rows {
            ours.row(row.measure).merge(&row.sums, fade(policy));
        }
        for (name, at) in &theirs.persons {
            ours.meet(name, *at);
        }
        ours.steps.merge(&theirs.steps);
        if let Some(first) = theirs.first_contract {
            ours.bound(first);
        }
    }

    /// The state as of an instant that is not before the latest event.
    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        let Some(known) = &self.0 else {
            return Self::EMPTY;
        };
        let as_of = self.latest().map_or(as_of, |latest| latest.max(as_of));
        let rows = known.rows.iter().map(|row| Row {
            measure: row.measure,
            sums: row.sums.faded_to(as_of, fade(policy)),
        });
        Self(Some(Box::new(Known {
            rows: rows.collect(),
            persons: known.persons.clone(),
            steps: known.steps.clone().settled(),
            first_contract: known.first_contract,
        })))
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The instant of the latest event, or a later one that the state was
    /// faded to; `None` without any.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.0.as_ref().and_then(|known| known.latest())
    }

    /// The observations of one kind; `None` if there never was one.
    #[must_use]
    pub fn score(&self, measure: PartnershipMeasure) -> Option<FadedScore> {
        let known = self.0.as_ref()?;
        let row = known.rows.get(known.place(measure).ok()?)?;
        let [weight, sum] = row.sums.sums();
        Some(FadedScore { weight, sum })
    }

    /// Contacts in which both sides had this rank or a higher one, each by what its age left of it.
    #[must_use]
    pub fn contacts_at_least(&self, rank: Rank) -> f64 {
        let ranks = Rank::ALL.into_iter().filter(|&other| other >= rank);
        let rows = ranks.filter_map(|rank| self.score(PartnershipMeasure::met(rank)));
        rows.fold(0.0, |sum, row| sum + row.weight) // the sum of nothing is 0, not −0
    }

    /// The highest rank at which both sides met at least so many times, counted as
    /// [`contacts_at_least`](Self::contacts_at_least): [`Rank::None`] if at no rank; `None` if no
    /// contact ever told both ranks.
    #[must_use]
    #[doc(alias = "contact_level")]
    pub fn contact_rank(&self, least: f64) -> Option<Rank> {
        let told = Rank::ALL.map(|rank| self.score(PartnershipMeasure::met(rank)));
        told.iter().any(Option::is_some).then(|| {
            let often = |&rank: &Rank| self.contacts_at_least(rank) >= least;
            Rank::ALL
                .into_iter()
                .rev()
                .find(often)
                .unwrap_or(Rank::None)
        })
    }

    /// How many persons on the customer's side were met; 0 if none was told apart.
    #[must_use]
    pub fn persons(&self) -> usize {
        self.0.as_ref().map_or(0, |known| known.persons.len())
    }

    /// What happened once, in the order in which it happened.
    #[must_use]
    pub fn steps(&self) -> &[PartnershipStep] {
        self.0.as_ref().map_or(&[], |known| known.steps.as_slice())
    }

    /// When a contract was first signed or renewed.
    #[must_use]
    pub fn first_contract(&self) -> Option<DateTime<Utc>> {
        self.0.as_ref().and_then(|known| known.first_contract)
    }
}
