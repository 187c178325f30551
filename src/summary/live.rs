//! A base behind a live stream: every event kept, every repeat and correction seen to, any instant
//! answered.

mod dropped;
mod identities;
mod one;
#[cfg(feature = "serde")]
mod stored;
mod told;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::history::{AsOf, Consent, ConsentRecord, CustomerId, Interaction, Kind, Timeline};
use crate::quantity::Currency;

use dropped::Dropped;
use identities::Identities;
use one::Live;

use super::edges::is_parted;
use super::evidence::Revoked;
use super::purchase::one_currency;
use super::{
    Conversion, CustomerState, CustomerSummary, EvidencePolicy, SummaryError, SummaryPolicy,
};

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
    /// It was [dropped](LiveBase::drop_withheld) before, and was not kept again.
    Dropped,
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
/// many as the customer has have come since. A replay costs what observing the events of that one
/// customer up to the instant costs, and nothing of it is kept: where events are recorded ahead of
/// time, such as renewals that fall due next year, every question until then replays. Memory grows
/// with the events.
///
/// # Order
///
/// Every answer is that of a replay in the order of instants and ids, to the last bit: in whatever
/// order the events came, however often, and whatever came after the instant that is asked about.
/// Identities that were joined are replayed each by itself and added up, which can differ in the
/// last digits. An id names one event of a customer; two customers may use the same. If two that
/// were joined use one id at one instant, both events count; but of newcomers, influence, ideas and
/// the steps of a journey, which are kept one by one, two that say the very same under one id at one
/// instant count once.
///
/// # Consent
///
/// A question about an earlier instant is judged by the consents of that instant, and by those that
/// were withdrawn since, as far as is known: what may not be read now is not read by asking about
/// yesterday. Evidence that came while a consent was withdrawn is kept, unread, and is read if the
/// customer agrees again; [`drop_withheld`](Self::drop_withheld) removes the events that tell nothing
/// else.
///
/// A newcomer who withdrew the consent to sharing is not shown in the network of whoever brought
/// them, from then on and of the past.
///
/// # Erasure
///
/// An erasure removes the customer's events and state; only the name and the instant are kept, so
/// that a log that is read again does not bring the customer back. Whoever had brought the erased
/// customer is not shown to have: no summary names the newcomer again. In the recorded events of
/// others, such as a referral, the name stays, as the record of those others;
/// [`timelines`](Self::timelines) still have it, and a correction takes it out. Events after that
/// instant begin anew. But for that edge the other customers stay as they are to the last bit. Models
/// fitted before and reference frames taken before have learned from the customer:
/// [`erased_since`](Self::erased_since) tells that they are stale.
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
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::LiveRow", into = "stored::LiveRow")
)]
pub struct LiveBase {
    policy: SummaryPolicy,
    rules: Arc<EvidencePolicy>,
    customers: BTreeMap<CustomerId, Live>,
    erased: BTreeMap<CustomerId, DateTime<Utc>>,
    dropped: Dropped,
    identities: Identities,
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
            dropped: BTreeMap::new(),
            identities: Identities::default(),
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
        let live = self.known(identity).into_iter().next()?;
        Some(self.head(live.timeline.customer()))
    }

    /// What was recorded of one identity.
    #[must_use]
    pub fn timeline(&self, identity: &str) -> Option<&Timeline> {
        self.customers.get(identity).map(|live| &live.timeline)
    }

    /// What was recorded of a customer, under each of its identities in order of their names.
    pub fn timelines<'a>(&'a self, customer: &str) -> impl Iterator<Item = &'a Timeline> {
        self.known(customer).into_iter().map(|live| &live.timeline)
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
        if self.was_dropped(&interaction) {
            return Ok(Observed::Dropped);
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
        let others = self.known(customer.as_str()).into_iter();
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
        let mut any = false;
        for identity in self.identities.dissolve(customer) {
            let erased = self.erased.entry(identity.clone()).or_insert(at);
            *erased = at.max(*erased);
            self.forget_dropped(&identity, at);
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
        if self.identities.is_joined(identity) || *identity == head {
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
        self.identities.join(identity, &head);
        Ok(())
    }

    /// Parts an identity from the customer it was joined to; says whether it was. Both are then
    /// answered as though they had never been joined.
    pub fn split(&mut self, identity: &CustomerId) -> bool {
        self.identities.split(identity)
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
        let identities = self.known(customer);
        let Some((first, others)) = identities.split_first() else {
            return Ok(None);
        };
        let head = self.head(first.timeline.customer()).clone();
        let mut known = first.state_as_of(as_of, || self.anew())?;
        for live in others {
            known = match (known, live.state_as_of(as_of, || self.anew())?) {
                (Some(ours), Some(theirs)) => {
                    let merged = ours.merged(&theirs);
                    Some(Cow::Owned(merged.map_err(|e| e.of_customer(&head))?))
                }
                (ours, theirs) => ours.or(theirs),
            };
        }
        let revoked = self.revoked(customer, as_of);
        let Some(state) = known else {
            return Ok(None);
        };
        let mut summary = state.summary_under(head, as_of.instant(), revoked)?;
        summary.hide_newcomers(|edge| self.hides(edge, as_of));
        Ok(Some(summary))
    }

    /// Whether a newcomer may not be shown: erased, or without consent to sharing any more.
    fn hides(&self, edge: &Conversion, as_of: AsOf) -> bool {
        let newcomer = &edge.newcomer;
        let erased = self.erased.get(newcomer);
        erased.is_some_and(|&erased| edge.at <= erased) || {
            let consent = self.consents(newcomer.as_str());
            let revoked = Revoked::of(&consent, as_of.knowledge());
            is_parted(&self.rules, &consent, as_of, revoked)
        }
    }

    /// What the customer does not permit any more, as far as that is known.
    pub(crate) fn revoked(&self, customer: &str, as_of: AsOf) -> Revoked {
        Revoked::of(&self.consents(customer), as_of.knowledge())
    }

    /// Everything a customer said of consent, under any of its identities.
    fn consents(&self, customer: &str) -> Cow<'_, ConsentRecord> {
        let mut consent: Cow<'_, ConsentRecord> = Cow::Owned(ConsentRecord::default());
        for live in self.known(customer) {
            if let Some(said) = live.state.consent() {
                if consent.changes().next().is_none() {
                    consent = Cow::Borrowed(said);
                } else {
                    consent.to_mut().merge(said.clone());
                }
            }
        }
        consent
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

    /// The state of each identity.
    pub(super) fn states(&self) -> impl Iterator<Item = &CustomerState> {
        self.customers.values().map(|live| &live.state)
    }

    /// Everything known of a customer, in one state.
    fn state(&self, customer: &str) -> Result<Option<CustomerState>, SummaryError> {
        let mut joined: Option<CustomerState> = None;
        for live in self.known(customer) {
            joined = Some(match joined {
                Some(other) => other.merged(&live.state)?,
                None => live.state.clone(),
            });
        }
        Ok(joined)
    }

    /// The name that an identity is answered under.
    fn head<'a>(&'a self, identity: &'a CustomerId) -> &'a CustomerId {
        self.identities.head(identity)
    }

    /// All identities of a customer that something is known of.
    fn known<'a>(&'a self, customer: &str) -> Vec<&'a Live> {
        let names = self.identities.of(customer).into_iter();
        names.filter_map(|name| self.customers.get(name)).collect()
    }
}
