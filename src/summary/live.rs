//! A base behind a live stream: every event kept, every repeat and correction seen to, any instant
//! answered.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::history::{
    AsOf, Consent, ConsentRecord, CustomerId, Interaction, InteractionId, Kind, Recorded, Timeline,
};

use crate::quantity::Currency;

use super::evidence::Revoked;
use super::purchase::one_currency;
use super::{CustomerState, CustomerSummary, EvidencePolicy, SummaryError, SummaryPolicy};

/// What [`LiveBase::observe`] did with an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Observed {
    /// It was added to the customer's state, in constant time.
    Added,
    /// It was recorded before; nothing changed.
    Duplicate,
    /// It corrects another, or was corrected before it came: the customer's state was made anew
    /// from all recorded events.
    Replayed,
    /// It asks for erasure, which was carried out; or it happened before an erasure, and was not
    /// kept.
    Erased,
}

/// How many events at most a customer has for each that came since the first late one: the state
/// is made anew before there are more, so that an event costs constant time in the long run.
const EVENTS_A_LATE_ONE: usize = 8;

/// One customer of a live base: what was recorded, and the state it leads to.
#[derive(Debug, Clone)]
struct Live {
    timeline: Timeline,
    state: CustomerState,
    /// The instant and the id of the last event that was recorded, corrected or not.
    last: (DateTime<Utc>, InteractionId),
    /// Events since the first late one; while there is none, the state is that of a replay to the
    /// last bit.
    unsettled: usize,
}

/// What was recorded leads to everything else.
impl PartialEq for Live {
    fn eq(&self, other: &Self) -> bool {
        self.timeline == other.timeline
    }
}

/// The state that all standing events of a timeline lead to.
fn replayed(timeline: &Timeline, anew: CustomerState) -> Result<CustomerState, SummaryError> {
    anew.with_view(&timeline.as_of(AsOf::at(DateTime::<Utc>::MAX_UTC)))
}

impl Live {
    /// A customer of whom this was recorded; `None` if nothing was.
    fn of(timeline: Timeline, anew: CustomerState) -> Result<Option<Self>, SummaryError> {
        let places = timeline.interactions().map(|i| (i.occurred_at(), i.id()));
        let Some((at, id)) = places.max() else {
            return Ok(None);
        };
        Ok(Some(Self {
            last: (at, id.clone()),
            state: replayed(&timeline, anew)?,
            timeline,
            unsettled: 0,
        }))
    }

    fn take(
        &mut self,
        interaction: Interaction,
        anew: impl Fn() -> CustomerState,
    ) -> Result<Observed, SummaryError> {
        let place = (interaction.occurred_at(), interaction.id().clone());
        let (_, id) = &place;
        if interaction.corrects().is_some() || self.timeline.is_corrected(id) {
            if self.timeline.record(interaction)? == Recorded::Duplicate {
                return Ok(Observed::Duplicate);
            }
            match replayed(&self.timeline, anew()) {
                Ok(state) => self.state = state,
                Err(error) => {
                    self.timeline.take_back(id);
                    return Err(error);
                }
            }
            self.unsettled = 0;
            self.last = place.max(self.last.clone());
            return Ok(Observed::Replayed);
        }
        if self.timeline.get(id).is_some() {
            self.timeline.record(interaction)?;
            return Ok(Observed::Duplicate);
        }
        self.state.observe(&interaction)?;
        self.timeline.record(interaction)?;
        let in_order = place > self.last;
        if in_order {
            self.last = place;
        }
        if !in_order || self.unsettled > 0 {
            self.unsettled += 1;
            if self.unsettled >= self.timeline.len() / EVENTS_A_LATE_ONE {
                if let Ok(state) = replayed(&self.timeline, anew()) {
                    self.state = state;
                    self.unsettled = 0;
                }
            }
        }
        Ok(Observed::Added)
    }

    /// As though an interaction had not been recorded; `None` if there was no other.
    fn without(
        mut self,
        id: &InteractionId,
        anew: CustomerState,
    ) -> Result<Option<Self>, SummaryError> {
        self.timeline.take_back(id);
        Self::of(self.timeline, anew)
    }
}

/// All customers behind a live stream of interactions (实时客户群): append events, ask at any time.
///
/// Where a [`CustomerBase`](super::CustomerBase) keeps sums alone, a live base keeps the events too.
/// So it takes each event once however often it is delivered, applies corrections, answers as of any
/// instant and as it was [known](AsOf::known_at) then, joins two identities of one customer and
/// parts them again, and honours a request for erasure.
///
/// # Cost
///
/// An event takes constant time in the long run; one that corrects another replays its customer.
/// A question as of now reads the state, in time that does not grow with the events. One as of an
/// earlier instant or knowledge replays the customer's events up to it; so does any question while
/// an event of a later instant is recorded, and, after an event that came late, until an eighth as
/// many as the customer has have come since. Memory grows with the events.
///
/// # Order
///
/// Every answer is that of a replay in the order of instants and ids, to the last bit: in whatever
/// order the events came, however often, and whatever came after the instant that is asked about.
/// Identities that were joined are replayed each by itself and added up, which can differ in the
/// last digits. An id names one event of a customer; two customers may use the same.
///
/// # Consent
///
/// A question about an earlier instant is judged by the consents of that instant, and by those that
/// were withdrawn since, as far as is known: what may not be read now is not read by asking about
/// yesterday. Evidence that came while a consent was withdrawn is kept, unread, and is read if the
/// customer agrees again; to be rid of it, [erase](Self::erase) the customer.
///
/// # Erasure
///
/// An erasure removes the customer's events and state; only the name and the instant are kept, so
/// that a log that is read again does not bring the customer back. Where another customer's event
/// names the erased one, as a referral does, the name stays there. Events after that instant begin
/// anew. The other customers stay as they are to the last bit. Models fitted before and reference
/// frames taken before have learned from the customer: [`erased_since`](Self::erased_since) tells
/// that they are stale.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, Promise, PromiseEvent};
/// use guanxi::summary::{LiveBase, Observed, SummaryPolicy};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let who = CustomerId::new("c-17")?;
/// let event = |id, n, what| {
///     Interaction::new(InteractionId::new(id)?, who.clone(), day(n), Promise::new(what))
/// };
/// let mut base = LiveBase::new(SummaryPolicy::default());
/// let kept = event("p-1", 3, PromiseEvent::Kept)?;
/// assert_eq!(base.observe(kept.clone())?, Observed::Added);
/// assert_eq!(base.observe(kept)?, Observed::Duplicate);
/// base.observe(event("p-2", 9, PromiseEvent::Broken)?)?;
///
/// // As of day 5 the promise is not broken yet.
/// let then = base.summary("c-17", AsOf::at(day(5)))?.ok_or("known")?;
/// let now = base.summary("c-17", AsOf::at(day(9)))?.ok_or("known")?;
/// assert!(then.trust()?.is_some() && then.trust()? != now.trust()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "LiveRow", into = "LiveRow"))]
pub struct LiveBase {
    policy: SummaryPolicy,
    rules: Arc<EvidencePolicy>,
    customers: BTreeMap<CustomerId, Live>,
    erased: BTreeMap<CustomerId, DateTime<Utc>>,
    /// Identities that are one customer under another name.
    joined: BTreeMap<CustomerId, CustomerId>,
    /// The same the other way round: who is answered under a name, beside its bearer.
    members: BTreeMap<CustomerId, BTreeSet<CustomerId>>,
}

fn asks_for_erasure(interaction: &Interaction) -> bool {
    matches!(interaction.kind(), Kind::Consent(Consent::ErasureRequested))
}

impl LiveBase {
    /// A base without customers, to be summarised by these rules and the default ones on evidence.
    #[must_use]
    pub fn new(policy: SummaryPolicy) -> Self {
        Self::with_rules(policy, Arc::default())
    }

    /// The same, with rules by which interactions become evidence.
    #[must_use]
    pub fn with_rules(policy: SummaryPolicy, rules: Arc<EvidencePolicy>) -> Self {
        Self {
            policy,
            rules,
            customers: BTreeMap::new(),
            erased: BTreeMap::new(),
            joined: BTreeMap::new(),
            members: BTreeMap::new(),
        }
    }

    /// A customer of whom nothing is known.
    fn anew(&self) -> CustomerState {
        CustomerState::with_rules(self.policy, Arc::clone(&self.rules))
    }

    /// The rules its customers are summarised by.
    #[must_use]
    pub fn policy(&self) -> &SummaryPolicy {
        &self.policy
    }

    /// The rules by which interactions become evidence.
    #[must_use]
    pub fn rules(&self) -> &Arc<EvidencePolicy> {
        &self.rules
    }

    /// How many customers there are; identities that were joined count as one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers().count()
    }

    /// Whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    /// The customers in order of id, each once under the name that its identities were joined to.
    pub fn customers(&self) -> impl Iterator<Item = &CustomerId> {
        let mut heads: Vec<&CustomerId> = self.customers.keys().map(|id| self.head(id)).collect();
        heads.sort_unstable();
        heads.dedup();
        heads.into_iter()
    }

    /// The name under which an identity is answered, if anything is known of the customer.
    #[must_use]
    pub fn customer(&self, identity: &str) -> Option<&CustomerId> {
        let live = self.identities(identity).into_iter().next()?;
        Some(self.head(live.timeline.customer()))
    }

    /// What was recorded of one identity.
    #[must_use]
    pub fn timeline(&self, identity: &str) -> Option<&Timeline> {
        self.customers.get(identity).map(|live| &live.timeline)
    }

    /// What was recorded of a customer, under each of its identities in order of their names.
    pub fn timelines<'a>(&'a self, customer: &str) -> impl Iterator<Item = &'a Timeline> {
        self.identities(customer)
            .into_iter()
            .map(|live| &live.timeline)
    }

    /// Takes in one interaction, however often it is delivered and in whatever order.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Customer`] around [`SummaryError::History`] if the id is recorded with other
    /// content or a correction leads back to itself, or around what
    /// [`CustomerState::observe`] refuses; amounts of identities that were joined must be in one
    /// currency. The base is then as it was.
    pub fn observe(&mut self, interaction: Interaction) -> Result<Observed, SummaryError> {
        let customer = interaction.customer().clone();
        // Before anything else: a request that is delivered again must not reach those who were
        // joined to the customer since.
        let erased = self.erased.get(&customer);
        if erased.is_some_and(|&at| interaction.occurred_at() <= at) {
            return Ok(Observed::Erased);
        }
        if asks_for_erasure(&interaction) {
            self.erase(&customer, interaction.occurred_at());
            return Ok(Observed::Erased);
        }
        self.take(interaction)
            .map_err(|error| error.of_customer(&customer))
    }

    fn take(&mut self, interaction: Interaction) -> Result<Observed, SummaryError> {
        let (customer, id) = (interaction.customer().clone(), interaction.id().clone());
        let (policy, rules) = (self.policy, Arc::clone(&self.rules));
        let anew = || CustomerState::with_rules(policy, Arc::clone(&rules));
        let (observed, had, has) = if let Some(live) = self.customers.get_mut(&customer) {
            let had = live.state.currency();
            (live.take(interaction, anew)?, had, live.state.currency())
        } else {
            let mut timeline = Timeline::new(customer.clone());
            timeline.record(interaction)?;
            let Some(live) = Live::of(timeline, anew())? else {
                return Ok(Observed::Duplicate); // never: there is one event
            };
            let has = live.state.currency();
            self.customers.insert(customer.clone(), live);
            (Observed::Added, None, has)
        };
        if has != had {
            if let Err(error) = self.check_currency(&customer, has) {
                if let Some(live) = self.customers.remove(&customer) {
                    if let Some(live) = live.without(&id, anew())? {
                        self.customers.insert(customer, live);
                    }
                }
                return Err(error);
            }
        }
        Ok(observed)
    }

    /// An error if another identity of a customer has amounts in another currency.
    fn check_currency(
        &self,
        customer: &CustomerId,
        currency: Option<Currency>,
    ) -> Result<(), SummaryError> {
        let others = self.identities(customer.as_str()).into_iter();
        let found = others
            .filter(|live| live.timeline.customer() != customer)
            .find_map(|live| live.state.currency());
        one_currency(found, "joined identity", currency).map(|_| ())
    }

    /// Removes everything known of a customer under each of its identities, up to an instant; says
    /// whether there was anything.
    ///
    /// Later events begin anew, each identity by itself; a second erasure counts from the later of
    /// the two instants.
    pub fn erase(&mut self, customer: &CustomerId, at: DateTime<Utc>) -> bool {
        let head = self.head(customer).clone();
        let mut identities = self.members.remove(&head).unwrap_or_default();
        identities.insert(head);
        let mut any = false;
        for identity in identities {
            self.joined.remove(&identity);
            let erased = self.erased.entry(identity.clone()).or_insert(at);
            *erased = at.max(*erased);
            let early = |live: &Live| live.timeline.interactions().any(|i| i.occurred_at() <= at);
            if self.customers.get(&identity).is_some_and(early) {
                any = true;
                if let Some(live) = self.customers.remove(&identity) {
                    if let Some(later) = self.later(&live.timeline, at) {
                        self.customers.insert(identity, later);
                    }
                }
            }
        }
        any
    }

    /// What of a customer happened after an instant.
    fn later(&self, timeline: &Timeline, at: DateTime<Utc>) -> Option<Live> {
        let of = |interactions: &mut dyn Iterator<Item = &Interaction>| {
            let mut later = Timeline::new(timeline.customer().clone());
            for interaction in interactions.filter(|i| i.occurred_at() > at) {
                later.record(interaction.clone())?;
            }
            Live::of(later, self.anew())
        };
        let all = of(&mut timeline.interactions());
        // What a correction that is gone had set right may not fit the rest: then what stood.
        let all = all.or_else(|_| {
            let standing = timeline.as_of(AsOf::at(DateTime::<Utc>::MAX_UTC));
            of(&mut standing.iter())
        });
        all.unwrap_or_default()
    }

    /// How many customers asked for erasure of what happened after an instant or at it.
    #[must_use]
    pub fn erased_since(&self, at: DateTime<Utc>) -> usize {
        self.erased.values().filter(|&&erased| erased >= at).count()
    }

    /// Says that one identity is the same customer as another, under whose name they are answered
    /// from now on.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Joined`] if the first is joined already or both are the same;
    /// [`SummaryError::CurrencyMismatch`] if their amounts are in two currencies.
    pub fn join(&mut self, identity: &CustomerId, into: &CustomerId) -> Result<(), SummaryError> {
        let head = self.head(into).clone();
        if self.joined.contains_key(identity) || *identity == head {
            return Err(SummaryError::Joined {
                identity: identity.clone(),
                customer: self.head(identity).clone(),
            });
        }
        if let (Some(ours), Some(theirs)) =
            (self.state(head.as_str())?, self.state(identity.as_str())?)
        {
            ours.merged(&theirs)?;
        }
        let mut members = self.members.remove(identity).unwrap_or_default();
        for member in &members {
            self.joined.insert(member.clone(), head.clone());
        }
        members.insert(identity.clone());
        self.joined.insert(identity.clone(), head.clone());
        self.members.entry(head).or_default().append(&mut members);
        Ok(())
    }

    /// Parts an identity from the customer it was joined to; says whether it was. Both are then
    /// answered as though they had never been joined.
    pub fn split(&mut self, identity: &CustomerId) -> bool {
        let Some(head) = self.joined.remove(identity) else {
            return false;
        };
        if let Some(members) = self.members.get_mut(&head) {
            members.remove(identity);
            if members.is_empty() {
                self.members.remove(&head);
            }
        }
        true
    }

    /// The summary of a customer; `None` if nothing was known of it as of the instant.
    ///
    /// A consent that was withdrawn since, as far as that is known, is not there for earlier instants
    /// either: what may not be read now is not read by asking about yesterday.
    ///
    /// # Errors
    ///
    /// As [`CustomerState::summary`].
    pub fn summary(
        &self,
        customer: &str,
        as_of: AsOf,
    ) -> Result<Option<CustomerSummary>, SummaryError> {
        let identities = self.identities(customer);
        let Some((first, others)) = identities.split_first() else {
            return Ok(None);
        };
        let head = self.head(first.timeline.customer()).clone();
        let mut known = self.state_of(first, as_of)?;
        for live in others {
            known = match (known, self.state_of(live, as_of)?) {
                (Some(ours), Some(theirs)) => {
                    let merged = ours.merged(&theirs);
                    Some(Cow::Owned(merged.map_err(|e| e.of_customer(&head))?))
                }
                (ours, theirs) => ours.or(theirs),
            };
        }
        let revoked = self.revoked(customer, as_of);
        known
            .map(|state| state.summary_under(head, as_of.instant(), revoked))
            .transpose()
    }

    /// What the customer does not permit any more, as far as that is known.
    pub(crate) fn revoked(&self, customer: &str, as_of: AsOf) -> Revoked {
        let mut consent: Cow<'_, ConsentRecord> = Cow::Owned(ConsentRecord::default());
        for live in self.identities(customer) {
            if let Some(said) = live.state.consent() {
                if consent.changes().next().is_none() {
                    consent = Cow::Borrowed(said);
                } else {
                    consent.to_mut().merge(said.clone());
                }
            }
        }
        Revoked::of(&consent, as_of.knowledge())
    }

    /// The summary of every customer of whom something was known as of the instant, in order of id,
    /// made one at a time; an error stops no other.
    pub fn summaries(
        &self,
        as_of: AsOf,
    ) -> impl Iterator<Item = Result<CustomerSummary, SummaryError>> {
        self.customers()
            .filter_map(move |id| self.summary(id.as_str(), as_of).transpose())
    }

    /// The state of one identity as of an instant; `None` if nothing of it counts.
    fn state_of<'a>(
        &self,
        live: &'a Live,
        as_of: AsOf,
    ) -> Result<Option<Cow<'a, CustomerState>>, SummaryError> {
        let (last, _) = live.last;
        if as_of.knowledge().is_none() && as_of.instant() >= last && live.unsettled == 0 {
            return Ok(Some(Cow::Borrowed(&live.state)));
        }
        let view = live.timeline.as_of(as_of);
        if view.is_empty() {
            return Ok(None);
        }
        self.anew().with_view(&view).map(Cow::Owned).map(Some)
    }

    /// Everything known of a customer, in one state.
    fn state(&self, customer: &str) -> Result<Option<CustomerState>, SummaryError> {
        let mut joined: Option<CustomerState> = None;
        for live in self.identities(customer) {
            joined = Some(match joined {
                Some(other) => other.merged(&live.state)?,
                None => live.state.clone(),
            });
        }
        Ok(joined)
    }

    /// The name that an identity is answered under.
    fn head<'a>(&'a self, identity: &'a CustomerId) -> &'a CustomerId {
        self.joined.get(identity).unwrap_or(identity)
    }

    /// All identities of a customer that something is known of.
    fn identities(&self, customer: &str) -> Vec<&Live> {
        let head = self
            .joined
            .get(customer)
            .map_or(customer, CustomerId::as_str);
        let others = self.members.get(head).into_iter().flatten();
        let mut names: Vec<&str> = others.map(CustomerId::as_str).collect();
        names.push(head);
        names.sort_unstable();
        let live = names
            .into_iter()
            .filter_map(|name| self.customers.get(name));
        live.collect()
    }
}

/// A live base is stored as what was recorded; the states are made again when it is read.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "LiveBase")]
struct LiveRow {
    policy: SummaryPolicy,
    #[serde(default)]
    rules: EvidencePolicy,
    timelines: Vec<Timeline>,
    #[serde(default)]
    erased: BTreeMap<CustomerId, DateTime<Utc>>,
    #[serde(default)]
    joined: BTreeMap<CustomerId, CustomerId>,
}

#[cfg(feature = "serde")]
impl From<LiveBase> for LiveRow {
    fn from(base: LiveBase) -> Self {
        let timelines = base.customers.into_values().map(|live| live.timeline);
        Self {
            policy: base.policy,
            rules: EvidencePolicy::clone(&base.rules),
            timelines: timelines.collect(),
            erased: base.erased,
            joined: base.joined,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<LiveRow> for LiveBase {
    type Error = SummaryError;

    fn try_from(row: LiveRow) -> Result<Self, SummaryError> {
        let refused = |expected, found: &CustomerId| SummaryError::StoredState {
            expected,
            found: format!("others of customer {found}"),
        };
        let mut base = Self::with_rules(row.policy, Arc::new(row.rules));
        base.erased = row.erased;
        for timeline in row.timelines {
            let customer = timeline.customer().clone();
            if base.customers.contains_key(&customer) {
                return Err(SummaryError::StoredTwice { customer });
            }
            let erased = base.erased.get(&customer);
            let kept = |i: &Interaction| {
                !asks_for_erasure(i) && erased.is_none_or(|at| i.occurred_at() > *at)
            };
            if !timeline.interactions().all(kept) {
                let expected = "interactions after an erasure only, and no request for one";
                return Err(refused(expected, &customer));
            }
            let live = Live::of(timeline, base.anew()).map_err(|e| e.of_customer(&customer))?;
            let Some(live) = live else {
                return Err(refused("timelines with interactions", &customer));
            };
            base.customers.insert(customer, live);
        }
        for (identity, into) in &row.joined {
            if row.joined.contains_key(into) {
                let expected = "identities joined to the name they are answered under";
                return Err(refused(expected, identity));
            }
            base.join(identity, into)?;
        }
        Ok(base)
    }
}
