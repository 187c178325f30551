//! A base behind a live stream: every event kept, every repeat and correction seen to, any instant
//! answered.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::history::{AsOf, Consent, CustomerId, Interaction, Kind, Recorded, Timeline};

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

/// One customer of a live base: what was recorded, and the state it leads to.
#[derive(Debug, Clone, PartialEq)]
struct Live {
    timeline: Timeline,
    state: CustomerState,
    /// The latest instant that any recorded event speaks of.
    latest: DateTime<Utc>,
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
/// An event in the usual case takes constant time; one that corrects another replays its customer.
/// A question as of now reads the state; one as of an earlier instant or knowledge replays the
/// customer's events up to it. Memory grows with the events.
///
/// # Erasure
///
/// An erasure removes the customer's events and state; only the name and the instant are kept, so
/// that a log that is read again does not bring the customer back. Events after that instant begin
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
        }
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
    /// [`CustomerState::observe`] refuses. The base is then as it was.
    pub fn observe(&mut self, interaction: Interaction) -> Result<Observed, SummaryError> {
        let customer = interaction.customer().clone();
        let asks = matches!(interaction.kind(), Kind::Consent(Consent::ErasureRequested));
        if asks {
            self.erase(&customer, interaction.occurred_at());
            return Ok(Observed::Erased);
        }
        let erased = self.erased.get(&customer);
        if erased.is_some_and(|&at| interaction.occurred_at() <= at) {
            return Ok(Observed::Erased);
        }
        self.take(interaction)
            .map_err(|error| error.of_customer(&customer))
    }

    fn take(&mut self, interaction: Interaction) -> Result<Observed, SummaryError> {
        let customer = interaction.customer().clone();
        let Some(live) = self.customers.get_mut(&customer) else {
            let mut state = CustomerState::with_rules(self.policy, Arc::clone(&self.rules));
            state.observe(&interaction)?;
            let mut timeline = Timeline::new(customer.clone());
            let latest = interaction.occurred_at();
            timeline.record(interaction)?;
            let live = Live {
                timeline,
                state,
                latest,
            };
            self.customers.insert(customer, live);
            return Ok(Observed::Added);
        };
        let Live {
            timeline, state, ..
        } = live;
        let (id, at) = (interaction.id().clone(), interaction.occurred_at());
        let corrects = interaction.corrects().is_some();
        let observed = if corrects || timeline.is_corrected(&id) {
            if timeline.record(interaction)? == Recorded::Duplicate {
                return Ok(Observed::Duplicate);
            }
            let all = timeline.as_of(AsOf::at(DateTime::<Utc>::MAX_UTC));
            let anew = CustomerState::with_rules(self.policy, Arc::clone(&self.rules));
            match anew.with_view(&all) {
                Ok(anew) => *state = anew,
                Err(error) => {
                    timeline.take_back(&id);
                    return Err(error);
                }
            }
            Observed::Replayed
        } else {
            if timeline.get(&id).is_some() {
                timeline.record(interaction)?;
                return Ok(Observed::Duplicate);
            }
            state.observe(&interaction)?;
            timeline.record(interaction)?;
            Observed::Added
        };
        live.latest = live.latest.max(at);
        Ok(observed)
    }

    /// Removes everything known of a customer under each of its identities, up to an instant; says
    /// whether there was anything.
    ///
    /// Later events begin anew; a second erasure counts from the later of the two instants.
    pub fn erase(&mut self, customer: &CustomerId, at: DateTime<Utc>) -> bool {
        let head = self.head(customer).clone();
        let mut identities: Vec<CustomerId> = self
            .joined
            .iter()
            .filter(|(_, into)| **into == head)
            .map(|(from, _)| from.clone())
            .collect();
        identities.push(head);
        let mut any = false;
        for identity in identities {
            if let Some(live) = self.customers.remove(&identity) {
                any = true;
                self.keep_later(&live, at);
            }
            self.joined.remove(&identity);
            let erased = self.erased.entry(identity).or_insert(at);
            *erased = at.max(*erased);
        }
        any
    }

    /// Takes in again what happened after an erasure that was asked for late.
    fn keep_later(&mut self, live: &Live, at: DateTime<Utc>) {
        let view = live.timeline.as_of(AsOf::at(DateTime::<Utc>::MAX_UTC));
        for interaction in view.iter().filter(|i| i.occurred_at() > at) {
            // These were taken before, with more beside them: none is refused now.
            let _ = self.take(interaction.clone());
        }
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
        for (_, target) in self.joined.iter_mut().filter(|(_, to)| *to == identity) {
            target.clone_from(&head);
        }
        self.joined.insert(identity.clone(), head);
        Ok(())
    }

    /// Parts an identity from the customer it was joined to; says whether it was.
    pub fn split(&mut self, identity: &CustomerId) -> bool {
        self.joined.remove(identity).is_some()
    }

    /// The summary of a customer; `None` if nothing is known of it.
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
        let mut state = self.state_of(first, as_of)?;
        for live in others {
            state = Cow::Owned(state.merged(&*self.state_of(live, as_of)?)?);
        }
        state.summary(head, as_of.instant()).map(Some)
    }

    /// Every customer's summary in order of id, made one at a time; an error stops no other.
    pub fn summaries(
        &self,
        as_of: AsOf,
    ) -> impl Iterator<Item = Result<CustomerSummary, SummaryError>> {
        self.customers()
            .filter_map(move |id| self.summary(id.as_str(), as_of).transpose())
    }

    /// The state of one identity as of an instant.
    fn state_of<'a>(
        &self,
        live: &'a Live,
        as_of: AsOf,
    ) -> Result<Cow<'a, CustomerState>, SummaryError> {
        if as_of.knowledge().is_none() && as_of.instant() >= live.latest {
            return Ok(Cow::Borrowed(&live.state));
        }
        let anew = CustomerState::with_rules(self.policy, Arc::clone(&self.rules));
        anew.with_view(&live.timeline.as_of(as_of)).map(Cow::Owned)
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
        let others = self.joined.iter().filter(|(_, into)| into.as_str() == head);
        let mut names: Vec<&str> = others.map(|(from, _)| from.as_str()).collect();
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
        let mut base = Self::with_rules(row.policy, Arc::new(row.rules));
        base.erased = row.erased;
        for timeline in row.timelines {
            let customer = timeline.customer().clone();
            if base.customers.contains_key(&customer) {
                return Err(SummaryError::StoredTwice { customer });
            }
            for interaction in timeline.into_interactions() {
                base.observe(interaction)?;
            }
        }
        for (identity, into) in row.joined {
            base.join(&identity, &into)?;
        }
        Ok(base)
    }
}
