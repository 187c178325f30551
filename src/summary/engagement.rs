//! Evidence of engagement (互动强度): contacts, how high they reach, and the contract.

#[cfg(feature = "serde")]
mod stored;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::EvidencePolicy;
use super::decay::{Decayed, age_seconds};
use crate::history::{
    Channel, ContractEvent, Direction, Initiator, Interaction, InteractionId, Kind, Minutes, Rank,
    RelationshipEvent,
};
use crate::quantity::{Span, TimeUnit};

/// The last step of a contract (合同) with a customer.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ContractStep {
    #[cfg_attr(
        feature = "serde",
        serde(
            with = "stored::contract_name",
            default,
            skip_serializing_if = "Option::is_none"
        )
    )]
    name: Option<Arc<str>>,
    at: DateTime<Utc>,
    id: InteractionId,
    event: ContractEvent,
    term: Option<Span>,
}

impl ContractStep {
    /// Of which contract; `None` for the one whose steps name none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// When it was taken.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// In which interaction.
    #[must_use]
    pub fn id(&self) -> &InteractionId {
        &self.id
    }

    /// Which step.
    #[must_use]
    pub fn event(&self) -> ContractEvent {
        self.event
    }

    /// For how long the contract binds from then on, if stated.
    #[must_use]
    pub fn term(&self) -> Option<Span> {
        self.term
    }

    /// Whether the contract binds at an instant: it was signed or renewed by then, and its term, if
    /// one was stated, has not run out; at its very end it has. Of a renewal that states no term no
    /// end is known, whatever the term before it was.
    #[must_use]
    pub fn in_force(&self, as_of: DateTime<Utc>) -> bool {
        let made = matches!(self.event, ContractEvent::Signed | ContractEvent::Renewed);
        let runs = self
            .term
            .is_none_or(|term| age_seconds(self.at, as_of) < term.in_unit(TimeUnit::Second));
        made && self.at <= as_of && runs
    }

    /// What decides which of two steps is the last: instant, id and then, for one id told in two
    /// ways, what it says.
    fn place(&self) -> (DateTime<Utc>, &InteractionId, u8, Option<u64>) {
        let event = match self.event {
            ContractEvent::Signed => 0,
            ContractEvent::Renewed => 1,
            ContractEvent::Cancelled => 2,
            ContractEvent::Expired => 3,
        };
        let term = self
            .term
            .map(|term| term.in_unit(TimeUnit::Second).to_bits());
        (self.at, &self.id, event, term)
    }
}

/// The last turn of a relationship: its end, or that it was won back.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RelationshipTurn {
    at: DateTime<Utc>,
    id: InteractionId,
    event: RelationshipEvent,
}

impl RelationshipTurn {
    /// When it was.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// In which interaction.
    #[must_use]
    pub fn id(&self) -> &InteractionId {
        &self.id
    }

    /// Which way it turned.
    #[must_use]
    pub fn event(&self) -> RelationshipEvent {
        self.event
    }

    fn place(&self) -> (DateTime<Utc>, &InteractionId, bool) {
        let back = matches!(self.event, RelationshipEvent::WonBack);
        (self.at, &self.id, back)
    }
}

/// Keeps the later of two; the one that is there, if they are equal.
fn keep_last<T: Clone>(ours: &mut Option<T>, theirs: &T, is_later: impl Fn(&T, &T) -> bool) {
    if ours.as_ref().is_none_or(|ours| is_later(theirs, ours)) {
        *ours = Some(theirs.clone());
    }
}

/// Numbers of contacts by who turned to whom.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ByDirection<N> {
    /// The customer turned to the firm.
    pub inbound: N,
    /// The firm turned to the customer.
    pub outbound: N,
    /// Not stated, or a third party.
    pub unstated: N,
}

/// What was observed of how firm and customer deal with each other (互动证据).
///
/// Contacts are interactions in which both sides take part: [`Contact`](crate::history::Contact)
/// and [`ExecutiveContact`](crate::history::ExecutiveContact); that these two make up contact
/// intensity is our choice. Counts are exact; only the intensity fades. Takes events in any order, in
/// constant time and memory but for one row a contract, and merges.
///
/// The relationship keeps its last turn, and each contract its last step: of one instant the one
/// with the larger id. Contracts are told apart by their [name](crate::history::Contract::name)
/// alone. Steps without a name are of one contract: the last of them stands, with its term, whatever
/// those before it said. Episodes do not tell contracts apart, for signing and cancelling one are
/// mostly two episodes.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{
///     Channel, Contact, Contract, ContractEvent, CustomerId, Direction, Interaction,
///     InteractionId, Kind, Rank,
/// };
/// use guanxi::quantity::Span;
/// use guanxi::summary::{EngagementEvidence, EvidencePolicy};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let call = Contact::new(Direction::Inbound).with_rank_theirs(Rank::Director);
/// let signed = Contract::new(ContractEvent::Signed).with_term(Span::years(1.0)?);
/// let log = [Kind::from(call), Kind::from(signed)].map(|kind| {
///     let id = InteractionId::new(kind.name())?;
///     let step = Interaction::new(id, CustomerId::new("c-1")?, day(0), kind)?;
///     Ok::<_, guanxi::history::HistoryError>(step.through(Channel::Phone))
/// });
/// let [call, signed] = log;
/// let log = [call?, signed?];
/// let dealt = EngagementEvidence::from_interactions(&log, day(90), &EvidencePolicy::default());
/// assert_eq!(dealt.contacts().inbound, 1);
/// assert_eq!(dealt.intensity(), 0.5); // one half-life ago
/// assert_eq!(dealt.highest_rank(), Some(Rank::Director));
/// assert!(dealt.contract_in_force(day(365)) && !dealt.contract_in_force(day(366)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::EngagementRow", into = "stored::EngagementRow")
)]
pub struct EngagementEvidence {
    /// Inbound, outbound, unstated.
    faded: Decayed<3>,
    contacts: [u64; 3],
    /// Sorted by channel, each once, with a count of at least 1.
    channels: Vec<(Channel, u64)>,
    timed: u64,
    minutes: f64,
    highest_rank: Option<Rank>,
    ranked: u64,
    /// Sum of the ranks met, in quarters, so that it is exact.
    rank_quarters: u64,
    answered: u64,
    response_minutes: f64,
    /// Sorted by name, each once.
    contracts: Vec<ContractStep>,
    relationship: Option<RelationshipTurn>,
    last_contact: Option<DateTime<Utc>>,
    last_quote: Option<DateTime<Utc>>,
}

fn fade(policy: &EvidencePolicy) -> impl Fn(f64) -> [f64; 3] {
    let half_life = policy.engagement();
    move |seconds| [half_life.fade(seconds); 3]
}

/// A rank in quarters: 0 to 4.
fn quarters(rank: Rank) -> u64 {
    match rank {
        Rank::None => 0,
        Rank::Operational => 1,
        Rank::KeyPerson => 2,
        Rank::Director => 3,
        Rank::TopExecutive => 4,
    }
}

impl EngagementEvidence {
    /// Nothing observed.
    pub const EMPTY: Self = Self {
        faded: Decayed::EMPTY,
        contacts: [0; 3],
        channels: Vec::new(),
        timed: 0,
        minutes: 0.0,
        highest_rank: None,
        ranked: 0,
        rank_quarters: 0,
        answered: 0,
        response_minutes: 0.0,
        contracts: Vec::new(),
        relationship: None,
        last_contact: None,
        last_quote: None,
    };

    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        let (at, id) = (interaction.occurred_at(), interaction.id());
        match interaction.kind() {
            Kind::Contact(contact) => {
                let direction = match contact.direction() {
                    Direction::Inbound => 0,
                    Direction::Outbound => 1,
                };
                self.count(interaction, direction, policy);
                if let Some(minutes) = contact.minutes().map(Minutes::value) {
                    self.timed += 1;
                    self.minutes += minutes;
                }
                if let Some(minutes) = contact.response_minutes().map(Minutes::value) {
                    self.answered += 1;
                    self.response_minutes += minutes;
                }
                if let Some(rank) = contact.rank_theirs() {
                    self.meet(rank);
                }
            }
            Kind::ExecutiveContact(contact) => {
                let direction = match interaction.initiator() {
                    Some(Initiator::Customer) => 0,
                    Some(Initiator::Firm) => 1,
                    _ => 2,
                };
                self.count(interaction, direction, policy);
                self.meet(contact.rank_theirs());
            }
            Kind::Quote(_) => self.last_quote = self.last_quote.max(Some(at)),
            Kind::Contract(contract) => {
                self.take_step(ContractStep {
                    name: contract.name().map(Arc::from),
                    at,
                    id: id.clone(),
                    event: contract.event(),
                    term: contract.term(),
                });
            }
            Kind::Relationship(change) => {
                let turn = RelationshipTurn {
                    at,
                    id: id.clone(),
                    event: change.event(),
                };
                keep_last(&mut self.relationship, &turn, |a, b| a.place() > b.place());
            }
            _ => {}
        }
    }

    /// Keeps the step if it is the last of its contract so far. A new name is sorted in among the
    /// others, of which a customer has few.
    fn take_step(&mut self, step: ContractStep) {
        let place = self
            .contracts
            .binary_search_by(|known| known.name.cmp(&step.name));
        match place {
            Ok(place) => {
                if let Some(known) = self.contracts.get_mut(place) {
                    if step.place() > known.place() {
                        *known = step;
                    }
                }
            }
            Err(place) => {
                if self.contracts.is_empty() {
                    self.contracts.reserve_exact(1); // nearly every customer has one
                }
                self.contracts.insert(place, step);
            }
        }
    }

    /// Reads something of it, so that it is at hand.
    pub(super) fn touch(&self) -> usize {
        let channel = self.channels.first().map_or(0, |&(_, count)| count);
        usize::from(self.faded.is_empty()) + usize::from(self.answered.max(channel) > 0)
    }

    /// Counts a contact: by direction, and by channel if stated.
    fn count(&mut self, interaction: &Interaction, direction: usize, policy: &EvidencePolicy) {
        let mut one = [0.0; 3];
        for (place, (faded, count)) in one.iter_mut().zip(&mut self.contacts).enumerate() {
            if place == direction {
                *faded = 1.0;
                *count = count.saturating_add(1);
            }
        }
        let at = interaction.occurred_at();
        self.faded.add(at, one, fade(policy));
        self.last_contact = self.last_contact.max(Some(at));
        if let Some(channel) = interaction.channel() {
            self.add_channel(channel, 1);
        }
    }

    fn add_channel(&mut self, channel: Channel, count: u64) {
        match self.channels.binary_search_by_key(&channel, |row| row.0) {
            Ok(place) => {
                if let Some((_, known)) = self.channels.get_mut(place) {
                    *known = known.saturating_add(count);
                }
            }
            Err(place) => self.channels.insert(place, (channel, count)),
        }
    }

    fn meet(&mut self, rank: Rank) {
        self.highest_rank = self.highest_rank.max(Some(rank));
        self.ranked += 1;
        self.rank_quarters += quarters(rank);
    }

    pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        self.faded.merge(&other.faded, fade(policy));
        // No log is as long as these counts can be.
        for (ours, theirs) in self.contacts.iter_mut().zip(other.contacts) {
            *ours = ours.saturating_add(theirs);
        }
        for &(channel, count) in &other.channels {
            self.add_channel(channel, count);
        }
        self.timed = self.timed.saturating_add(other.timed);
        self.minutes += other.minutes;
        self.highest_rank = self.highest_rank.max(other.highest_rank);
        self.ranked = self.ranked.saturating_add(other.ranked);
        self.rank_quarters = self.rank_quarters.saturating_add(other.rank_quarters);
        self.answered = self.answered.saturating_add(other.answered);
        self.response_minutes += other.response_minutes;
        self.last_contact = self.last_contact.max(other.last_contact);
        self.last_quote = self.last_quote.max(other.last_quote);
        for step in &other.contracts {
            self.take_step(step.clone());
        }
        if let Some(turn) = &other.relationship {
            keep_last(&mut self.relationship, turn, |a, b| a.place() > b.place());
        }
    }

    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        Self {
            faded: self.faded.faded_to(as_of, fade(policy)),
            ..self.clone()
        }
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.latest().is_none()
    }

    /// The instant of the last contact, or the later one the intensity was faded to, or of the last
    /// step of a contract, a quote or the relationship; `None` without any.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        let contract = self.contracts.iter().map(ContractStep::at).max();
        let relationship = self.relationship.as_ref().map(RelationshipTurn::at);
        let dealt = self.faded.latest().max(self.last_quote);
        dealt.max(contract).max(relationship)
    }

    /// The instant of the last contact; `None` without any.
    #[must_use]
    pub fn last_contact(&self) -> Option<DateTime<Utc>> {
        self.last_contact
    }

    /// The instant of the last step of a quote, whichever; `None` without any.
    #[must_use]
    pub fn last_quote(&self) -> Option<DateTime<Utc>> {
        self.last_quote
    }

    /// Contact intensity (接触强度): contacts, each counting half after a
    /// [half-life](EvidencePolicy::engagement).
    #[must_use]
    pub fn intensity(&self) -> f64 {
        self.faded.sums().iter().sum()
    }

    /// Contact intensity by who turned to whom.
    #[must_use]
    pub fn intensity_by_direction(&self) -> ByDirection<f64> {
        let [inbound, outbound, unstated] = self.faded.sums();
        ByDirection {
            inbound,
            outbound,
            unstated,
        }
    }

    /// How many contacts there were, by who turned to whom.
    #[must_use]
    pub fn contacts(&self) -> ByDirection<u64> {
        let [inbound, outbound, unstated] = self.contacts;
        ByDirection {
            inbound,
            outbound,
            unstated,
        }
    }

    /// How many contacts took place through a channel.
    #[must_use]
    pub fn contacts_through(&self, channel: Channel) -> u64 {
        let of_channel = self.channels.iter().find(|row| row.0 == channel);
        of_channel.map_or(0, |row| row.1)
    }

    /// The channels that were used for contacts, with how many there were.
    pub fn channels(&self) -> impl Iterator<Item = (Channel, u64)> {
        self.channels.iter().copied()
    }

    /// Minutes of all contacts that stated them, and how many those are.
    #[must_use]
    pub fn minutes(&self) -> (f64, u64) {
        (self.minutes, self.timed)
    }

    /// The highest rank met on the customer's side; `None` if no rank was stated.
    #[must_use]
    pub fn highest_rank(&self) -> Option<Rank> {
        self.highest_rank
    }

    /// The mean [level](Rank::level) of the ranks met on the customer's side, from 0 to 1, each
    /// contact counting once; `None` if no rank was stated.
    #[must_use]
    pub fn mean_rank(&self) -> Option<f64> {
        (self.ranked > 0).then(|| self.rank_quarters as f64 / 4.0 / self.ranked as f64)
    }

    /// Minutes that the firm's answers took in all, and how many answers stated them.
    #[must_use]
    pub fn response_minutes(&self) -> (f64, u64) {
        (self.response_minutes, self.answered)
    }

    /// Mean minutes until an answer; `None` if none was stated.
    #[must_use]
    pub fn mean_response_minutes(&self) -> Option<f64> {
        (self.answered > 0).then(|| self.response_minutes / self.answered as f64)
    }

    /// The last step of each contract, in order of their names; the one without a name comes first.
    #[must_use]
    pub fn contracts(&self) -> &[ContractStep] {
        &self.contracts
    }

    /// The last step of the contract of a name, or of the one without a name; `None` where there
    /// never was one.
    #[must_use]
    pub fn contract(&self, name: Option<&str>) -> Option<&ContractStep> {
        self.contracts.iter().find(|step| step.name() == name)
    }

    /// Whether any contract [binds](ContractStep::in_force) at an instant, as far as the last step
    /// of each tells.
    #[must_use]
    pub fn contract_in_force(&self, as_of: DateTime<Utc>) -> bool {
        self.contracts.iter().any(|step| step.in_force(as_of))
    }

    /// The last turn of the relationship; `None` where it never ended.
    #[must_use]
    pub fn relationship(&self) -> Option<&RelationshipTurn> {
        self.relationship.as_ref()
    }

    /// Whether the relationship ended and was not won back.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let last = self.relationship.as_ref().map(RelationshipTurn::event);
        last == Some(RelationshipEvent::Ended)
    }
}
