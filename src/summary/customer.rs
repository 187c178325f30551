//! One customer: the state that events build up.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::history::{ConsentRecord, ConsentState, CustomerId, Interaction, TimelineView};
use crate::quantity::{Currency, Money};

use super::evidence::{Evidence, Revoked};
use super::evidence_summary::EvidenceSummary;
use super::ledger::{self, Ledger, Line};
use super::money::Feed;
use super::purchase::{checked, one_currency};
use super::tally::{Tallies, Tally, split_after};
use super::unknown::UnknownKinds;
use super::{
    Conversion, CustomerSummary, EvidenceKind, EvidencePolicy, MoneyAccount, PurchaseState,
    RfmSummary, RuleReport, SummaryError, SummaryPolicy, Withheld,
};

/// Everything the summary of one customer is made from: purchases, returns and costs by period,
/// and evidence of trust, feeling and what else is known of the customer.
///
/// Of purchases and money it is exact, whatever the order of events and however states are merged;
/// and because they are kept by period, their summary as of an instant is the same whatever was
/// observed of later periods. Evidence fades with time and is kept as sums: the order of events and
/// their sharding change it in the last digits only, and it can be asked for as of any instant from
/// its latest event on. Earlier instants need the events themselves, which a
/// [`Timeline`](crate::history::Timeline) keeps: [`from_view`](Self::from_view).
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{CustomerId, Interaction, InteractionId, Purchase};
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::{CustomerState, SummaryPolicy};
///
/// let id = CustomerId::new("c-17")?;
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let order = |name: &str, n, amount| {
///     let amount = Money::parse(amount, Currency::EUR)?;
///     Interaction::new(InteractionId::new(name)?, id.clone(), day(n), Purchase::new(amount)?)
/// };
/// let mut state = CustomerState::new(SummaryPolicy::default());
/// for event in [order("o-3", 28, "9.50")?, order("o-1", 0, "41.00")?, order("o-2", 14, "12.50")?] {
///     state.observe(&event)?;
/// }
///
/// let summary = state.summary(id.clone(), day(20))?; // the order of day 28 waits
/// let rfm = summary.rfm().ok_or("a customer who bought")?;
/// assert_eq!((rfm.frequency(), rfm.recency()), (1, 2.0)); // weeks
/// assert_eq!(summary.money().net_revenue()?.to_string(), "53.50 EUR");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored::StateRow", into = "super::stored::StateRow")
)]
pub struct CustomerState {
    policy: SummaryPolicy,
    rules: Arc<EvidencePolicy>,
    purchases: PurchaseState,
    ledger: Ledger,
    /// Nothing, for a customer of whom only purchases and money are known.
    evidence: Option<Box<Evidence>>,
}

impl CustomerState {
    /// A customer of whom nothing is known, to be summarised by these rules and the default ones on
    /// evidence.
    #[must_use]
    pub fn new(policy: SummaryPolicy) -> Self {
        Self::with_rules(policy, Arc::default())
    }

    /// The same, with rules on evidence, which many customers can share.
    #[must_use]
    pub fn with_rules(policy: SummaryPolicy, rules: Arc<EvidencePolicy>) -> Self {
        Self {
            policy,
            rules,
            purchases: PurchaseState::new(&policy),
            ledger: Ledger::default(),
            evidence: None,
        }
    }

    /// The state that a view of a timeline leads to: of what had occurred and was known, each
    /// event once and in its corrected version. Unlike a state that was streamed, it is exact to
    /// the instant, for later events of the same period are not in the view.
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe).
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, TimeDelta};
    /// use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, Purchase, Timeline};
    /// use guanxi::quantity::{Currency, Money};
    /// use guanxi::summary::{CustomerState, SummaryPolicy};
    ///
    /// let id = CustomerId::new("c-17")?;
    /// let noon = DateTime::UNIX_EPOCH + TimeDelta::hours(12);
    /// let order = Purchase::new(Money::parse("41.00", Currency::EUR)?)?;
    /// let order = Interaction::new(InteractionId::new("o-1")?, id.clone(), noon, order)?;
    /// let mut timeline = Timeline::new(id.clone());
    /// timeline.record(order)?;
    ///
    /// let morning = timeline.as_of(AsOf::at(DateTime::UNIX_EPOCH));
    /// let evening = timeline.as_of(AsOf::at(DateTime::UNIX_EPOCH + TimeDelta::hours(18)));
    /// let policy = SummaryPolicy::default();
    /// assert!(CustomerState::from_view(&morning, policy)?.is_empty());
    /// assert!(!CustomerState::from_view(&evening, policy)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_view(view: &TimelineView<'_>, policy: SummaryPolicy) -> Result<Self, SummaryError> {
        Self::new(policy).with_view(view)
    }

    /// This state with every interaction of a view.
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe).
    pub fn with_view(mut self, view: &TimelineView<'_>) -> Result<Self, SummaryError> {
        for interaction in view.iter() {
            self.observe(interaction)?;
        }
        Ok(self)
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.purchases.is_empty() && self.ledger.is_empty() && self.evidence.is_none()
    }

    fn has_no_money(&self) -> bool {
        self.purchases.is_empty() && self.ledger.has_no_money()
    }

    /// The rules by which interactions become evidence.
    #[must_use]
    pub fn rules(&self) -> &Arc<EvidencePolicy> {
        &self.rules
    }

    /// The instant of the latest evidence, from which on a [`summary`](Self::summary) holds all of
    /// it; `None` without any.
    #[must_use]
    pub fn latest_evidence(&self) -> Option<DateTime<Utc>> {
        self.evidence
            .as_ref()
            .and_then(|evidence| evidence.latest())
    }

    /// Forgets the evidence that may not be read as of an instant, such as after a consent was
    /// withdrawn, and says what it was. Purchases and costs stay, as accounts must.
    pub fn drop_withheld(&mut self, as_of: DateTime<Utc>) -> Vec<Withheld> {
        let Some(evidence) = &mut self.evidence else {
            return Vec::new();
        };
        let withheld = evidence.withheld(false, as_of, Revoked::default(), &self.rules);
        evidence.drop_withheld(&withheld);
        if evidence.is_empty() {
            self.evidence = None;
        }
        withheld
    }

    /// Forgets newcomers whom the customer brought; says how many.
    pub(super) fn drop_newcomers(&mut self, drops: impl Fn(&Conversion) -> bool) -> usize {
        let Some(evidence) = &mut self.evidence else {
            return 0;
        };
        let dropped = evidence.network.drop_newcomers(drops);
        if dropped > 0 && evidence.is_empty() {
            self.evidence = None;
        }
        dropped
    }

    /// The rules it is summarised by.
    #[must_use]
    pub fn policy(&self) -> &SummaryPolicy {
        &self.policy
    }

    /// Its purchases and returns.
    #[must_use]
    pub fn purchases(&self) -> &PurchaseState {
        &self.purchases
    }

    /// Currency of all amounts; `None` before the first.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.purchases.currency().or(self.ledger.currency())
    }

    /// Takes in one interaction, each exactly once: a
    /// [`Timeline`](crate::history::Timeline) sees to that where a source repeats itself, and
    /// applies corrections. Kinds that feed neither purchases nor money are counted.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Customer`], naming the interaction's customer, around
    /// [`SummaryError::CurrencyMismatch`] if earlier amounts are in another currency, or
    /// [`SummaryError::Overflow`] beyond 2³² − 1 events of one kind in one period. The state is
    /// then as it was.
    pub fn observe(&mut self, interaction: &Interaction) -> Result<(), SummaryError> {
        self.take(interaction)
            .map_err(|error| error.of_customer(interaction.customer()))
    }

    pub(super) fn take(&mut self, interaction: &Interaction) -> Result<(), SummaryError> {
        let at = interaction.occurred_at();
        let period = self.purchases.grid().index(at);
        self.take_money(interaction, at, period)?;
        match &mut self.evidence {
            Some(evidence) => evidence.observe(interaction, &self.rules),
            None => self.evidence = Evidence::first(interaction, &self.rules),
        }
        Ok(())
    }

    /// Reads something of the state itself, so that it is at hand.
    pub(super) fn touch(&self) -> usize {
        let money = usize::from(self.purchases.is_empty()) + usize::from(self.ledger.is_empty());
        money + usize::from(self.currency().is_none()) + usize::from(self.evidence.is_none())
    }

    /// Reads something of what the state points to and [`take_purchase`](Self::take_purchase) will need.
    pub(super) fn touch_purchases(&self) -> usize {
        let last = self.purchases.purchases().last();
        last.map_or(0, |tally| tally.events as usize)
    }

    /// Reads something of what the state points to and [`take`](Self::take) will need.
    pub(super) fn touch_for(&self, interaction: &Interaction) -> usize {
        let last = |tallies: &Tallies| tallies.last().map_or(0, |t| t.events as usize);
        let money = match Feed::of(interaction.kind()) {
            Feed::Purchase { cost: None, .. } => last(self.purchases.purchases()),
            Feed::Purchase { .. } => last(self.purchases.purchases()) + last(self.ledger.entries()),
            Feed::Return(_) => last(self.purchases.returns()),
            Feed::Cost(..) => last(self.ledger.entries()),
            Feed::Count(_) => self.ledger.counts().last().map_or(0, |c| c.events as usize),
        };
        let evidence = self.evidence.as_ref();
        money + evidence.map_or(0, |evidence| evidence.touch(interaction))
    }

    fn take_money(
        &mut self,
        interaction: &Interaction,
        at: DateTime<Utc>,
        period: i64,
    ) -> Result<(), SummaryError> {
        match Feed::of(interaction.kind()) {
            Feed::Purchase { amount, cost } => {
                let currency = checked(self.currency(), "purchase", amount)?;
                if let Some(cost) = cost {
                    checked(Some(currency), Line::CostOfGoods.words(), cost)?;
                }
                self.purchases.observe_purchase(at, amount)?;
                match cost {
                    // Costs are never more than purchases, so there is room for it.
                    Some(cost) => self.ledger.enter(period, Line::CostOfGoods, cost),
                    None => Ok(()),
                }
            }
            Feed::Return(amount) => self.take_return(at, amount),
            Feed::Cost(line, amount) => {
                checked(self.currency(), line.words(), amount)?;
                self.ledger.enter(period, line, amount)
            }
            Feed::Count(line) => self.ledger.count(period, line),
        }
    }

    pub(super) fn take_purchase(
        &mut self,
        at: DateTime<Utc>,
        amount: Money,
    ) -> Result<(), SummaryError> {
        checked(self.currency(), "purchase", amount)?;
        self.purchases.observe_purchase(at, amount)
    }

    pub(super) fn take_return(
        &mut self,
        at: DateTime<Utc>,
        amount: Money,
    ) -> Result<(), SummaryError> {
        checked(self.currency(), "return", amount)?;
        self.purchases.observe_return(at, amount)
    }

    /// Takes in everything another state knows, which must be of other events.
    ///
    /// Associative and commutative; an empty state of the same policy changes nothing.
    ///
    /// # Errors
    ///
    /// [`SummaryError::DedupeMismatch`], [`SummaryError::UtcOffsetMismatch`],
    /// [`SummaryError::RuleMismatch`], [`SummaryError::EvidenceRules`] or
    /// [`SummaryError::Quantity`] if the states have different policies, [`SummaryError::CurrencyMismatch`] if they are in two currencies,
    /// [`SummaryError::Overflow`] as for [`observe`](Self::observe). The state is then as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), SummaryError> {
        *self = self.merged(other)?;
        Ok(())
    }

    pub(super) fn merged(&self, other: &Self) -> Result<Self, SummaryError> {
        self.policy.check_same(&other.policy)?;
        if self.rules != other.rules {
            return Err(SummaryError::EvidenceRules {
                expected: self.rules.id(),
                found: other.rules.id(),
            });
        }
        one_currency(self.currency(), "merged state", other.currency())?;
        let mut evidence = self.evidence.clone();
        match (&mut evidence, &other.evidence) {
            (Some(ours), Some(theirs)) => ours.merge(theirs, &self.rules),
            (None, theirs) => evidence.clone_from(theirs),
            (Some(_), None) => {}
        }
        Ok(Self {
            policy: self.policy,
            rules: Arc::clone(&self.rules),
            purchases: self.purchases.merged(&other.purchases)?,
            ledger: self.ledger.merged(&other.ledger)?,
            evidence,
        })
    }

    /// The summary as of an instant. Of purchases and money the whole dedupe period of the instant
    /// counts. What the customer's consents do not permit, then or since, is not in it
    /// ([`withheld`](CustomerSummary::withheld)), nor is evidence of a kind that was seen later than
    /// the instant, which cannot be taken out of sums ([`Unreadable::Later`](super::Unreadable)).
    ///
    /// # Errors
    ///
    /// As [`PurchaseState::summarise`], naming the customer.
    pub fn summary(
        &self,
        customer: CustomerId,
        as_of: DateTime<Utc>,
    ) -> Result<CustomerSummary, SummaryError> {
        let revoked = match self.consent() {
            Some(consent) => Revoked::of(consent, None),
            None => Revoked::default(),
        };
        self.summary_under(customer, as_of, revoked)
    }

    /// The summary under consents that were withdrawn since.
    pub(crate) fn summary_under(
        &self,
        customer: CustomerId,
        as_of: DateTime<Utc>,
        revoked: Revoked,
    ) -> Result<CustomerSummary, SummaryError> {
        match self.summarise(as_of, revoked) {
            Ok((rfm, money, evidence)) => Ok(CustomerSummary {
                customer,
                as_of: Some(as_of),
                rfm,
                money,
                rules: evidence.as_ref().map(|_| self.rules.id()),
                not_modelled: self.not_modelled(as_of, revoked),
                evidence,
            }),
            Err(error) => Err(error.of_customer(&customer)),
        }
    }

    /// Why composites and segments may not be made of the customer, if so.
    fn not_modelled(&self, as_of: DateTime<Utc>, revoked: Revoked) -> Option<Withheld> {
        let what = EvidenceKind::Composite;
        let purpose = what.purpose();
        let (consent, in_force) = match &self.evidence {
            Some(evidence) => evidence.standing(purpose, as_of, revoked),
            None => Evidence::default().standing(purpose, as_of, revoked),
        };
        let permitted = self.rules.consent().permits(purpose, consent, in_force);
        (!permitted).then_some(Withheld {
            what,
            purpose,
            consent,
        })
    }

    /// Whether purchases may be read of a customer who never said anything about consent.
    fn reads_money_unasked(&self) -> bool {
        let purpose = EvidenceKind::Economic.purpose();
        let rules = self.rules.consent();
        rules.permits(purpose, ConsentState::NeverGiven, false)
    }

    /// The summary of purchases and money alone, for whoever has found that they may be read.
    pub(crate) fn summary_of_purchases(
        &self,
        customer: &CustomerId,
        as_of: DateTime<Utc>,
    ) -> Result<CustomerSummary, SummaryError> {
        let of_customer = |error: SummaryError| error.of_customer(customer);
        let summarised = self.purchases.summarise(as_of, &self.policy);
        Ok(CustomerSummary {
            customer: customer.clone(),
            as_of: Some(as_of),
            rfm: summarised.map_err(of_customer)?.0,
            money: self.money(as_of).map_err(of_customer)?,
            rules: None,
            not_modelled: None,
            evidence: None,
        })
    }

    #[allow(clippy::type_complexity, reason = "the three parts of one summary")]
    fn summarise(
        &self,
        as_of: DateTime<Utc>,
        revoked: Revoked,
    ) -> Result<
        (
            Option<RfmSummary>,
            MoneyAccount,
            Option<Box<EvidenceSummary>>,
        ),
        SummaryError,
    > {
        let (rfm, _) = self.purchases.summarise(as_of, &self.policy)?;
        let money = self.money(as_of)?;
        let nothing;
        let evidence = match &self.evidence {
            Some(evidence) => &**evidence,
            None if revoked.is_any() || !self.reads_money_unasked() => {
                nothing = Evidence::default();
                &nothing
            }
            None => return Ok((rfm, money, None)),
        };
        let economic = !self.has_no_money();
        let summary = EvidenceSummary::of(evidence, economic, as_of, revoked, &self.rules);
        let (rfm, money) = match summary.permitted(EvidenceKind::Economic) {
            Ok(()) => (rfm, money),
            Err(_) => (None, MoneyAccount::default()),
        };
        Ok((rfm, money, Some(Box::new(summary))))
    }

    /// The money account as of an instant; the whole dedupe period of the instant counts.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Quantity`] if a sum leaves 128 bits.
    pub fn money(&self, as_of: DateTime<Utc>) -> Result<MoneyAccount, SummaryError> {
        let end = self.purchases.grid().index(as_of);
        let purchases = self.purchases.purchases().sorted();
        let returns = self.purchases.returns().sorted();
        let entries = self.ledger.entries().sorted();
        MoneyAccount::of_tallies(
            self.currency(),
            split_after(&purchases, end).0,
            split_after(&returns, end).0,
            split_after(&entries, ledger::last_key(end)).0,
        )
    }

    /// What the rules did up to an instant.
    ///
    /// # Errors
    ///
    /// As [`PurchaseState::summarise`].
    pub fn report(&self, as_of: DateTime<Utc>) -> Result<RuleReport, SummaryError> {
        let end = self.purchases.grid().index(as_of);
        self.report_to(end, |_, _| Ok(()))
    }

    /// Visits the transactions up to a period, the latest first, and reports on all events.
    pub(super) fn report_to(
        &self,
        end: i64,
        visit: impl FnMut(i64, i128) -> Result<(), SummaryError>,
    ) -> Result<RuleReport, SummaryError> {
        let mut report = self
            .purchases
            .for_each_transaction(end, &self.policy, visit)?;
        let entries = self.ledger.entries().sorted();
        let (entries, after) = split_after(&entries, ledger::last_key(end));
        // The cost of a purchase is counted with the purchase.
        let is_event = |entry: &&Tally| ledger::parts(entry.key).1 != Line::CostOfGoods;
        let events = |entry: &Tally| u64::from(entry.events);
        let with_money = entries.iter().filter(is_event).map(events).sum::<u64>();
        report.other_money_events += with_money;
        report.events += with_money;
        report.events_after += after.iter().filter(is_event).map(events).sum::<u64>();
        let counts = self.ledger.counts().sorted();
        let (counts, after) = split_after(&counts, ledger::last_key(end));
        for count in counts {
            let events = u64::from(count.events);
            match ledger::parts(count.key).1 {
                Line::ReturnRefused => report.returns_refused += events,
                _ => report.other_events += events,
            }
            report.events += events;
        }
        let later = after.iter().map(|count| u64::from(count.events));
        report.events_after += later.sum::<u64>();
        Ok(report)
    }

    #[cfg(feature = "serde")]
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What the customer allowed, if anything was said.
    pub(super) fn consent(&self) -> Option<&ConsentRecord> {
        self.evidence.as_ref().map(|evidence| &evidence.consent)
    }

    pub(super) fn unknown(&self) -> Option<&UnknownKinds> {
        self.evidence.as_ref().map(|evidence| &evidence.unknown)
    }

    #[cfg(feature = "serde")]
    pub(super) fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_deref()
    }

    /// A state of parts that fit each other.
    #[cfg(feature = "serde")]
    pub(super) fn from_parts(
        policy: SummaryPolicy,
        rules: Arc<EvidencePolicy>,
        purchases: PurchaseState,
        ledger: Ledger,
        evidence: Option<Box<Evidence>>,
    ) -> Self {
        Self {
            policy,
            rules,
            purchases,
            ledger,
            evidence: evidence.filter(|evidence| !evidence.is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{CostToServe, InteractionId, Kind, Promise, PromiseEvent, Purchase};

    fn event(kind: impl Into<Kind>) -> Interaction {
        let (id, who) = (
            InteractionId::new("i").unwrap(),
            CustomerId::new("c").unwrap(),
        );
        Interaction::new(id, who, DateTime::UNIX_EPOCH, kind).unwrap()
    }

    #[test]
    fn nothing_is_set_aside_for_evidence_before_there_is_any() {
        let mut state = CustomerState::new(SummaryPolicy::default());
        assert!(state.evidence.is_none());
        let amount = Money::parse("5", Currency::EUR).unwrap();
        state
            .observe(&event(Purchase::new(amount).unwrap()))
            .unwrap();
        state
            .observe(&event(CostToServe::new(amount).unwrap()))
            .unwrap();
        // This kind can tell something, but a promise that was only made does not.
        state
            .observe(&event(Promise::new(PromiseEvent::Made)))
            .unwrap();
        assert!(state.evidence.is_none());
        state
            .observe(&event(Promise::new(PromiseEvent::Kept)))
            .unwrap();
        assert!(state.evidence.is_some());
        assert!(size_of::<CustomerState>() + size_of::<Evidence>() < 1024);
    }
}
