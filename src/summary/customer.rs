//! One customer: the state that events build up, and the summary that scorers read.

use chrono::{DateTime, Utc};

use crate::history::{CustomerId, Interaction, TimelineView};
use crate::quantity::{Currency, Money};

use super::ledger::{self, Ledger, Line};
use super::money::Feed;
use super::purchase::{checked, one_currency};
use super::{MoneyAccount, PurchaseState, RfmSummary, RuleReport, SummaryError, SummaryPolicy};

/// Everything the summary of one customer is made from: purchases, returns and costs by period.
///
/// As [`PurchaseState`] it is exact, whatever the order of events and however states are merged;
/// and because costs are kept by period too, a [summary](Self::summary) as of an instant is the
/// same whatever was observed of later periods.
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
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "super::stored::StateRow", into = "super::stored::StateRow")
)]
pub struct CustomerState {
    policy: SummaryPolicy,
    purchases: PurchaseState,
    ledger: Ledger,
}

impl CustomerState {
    /// A customer of whom nothing is known, to be summarised by these rules.
    #[must_use]
    pub fn new(policy: SummaryPolicy) -> Self {
        Self {
            policy,
            purchases: PurchaseState::new(&policy),
            ledger: Ledger::default(),
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
        let mut state = Self::new(policy);
        for interaction in view.iter() {
            state.observe(interaction)?;
        }
        Ok(state)
    }

    /// Whether nothing was observed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.purchases.is_empty() && self.ledger.entries().is_empty()
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
    /// [`SummaryError::RuleMismatch`] or [`SummaryError::Quantity`] if the states have different
    /// policies, [`SummaryError::CurrencyMismatch`] if they are in two currencies,
    /// [`SummaryError::Overflow`] as for [`observe`](Self::observe). The state is then as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), SummaryError> {
        *self = self.merged(other)?;
        Ok(())
    }

    pub(super) fn merged(&self, other: &Self) -> Result<Self, SummaryError> {
        self.policy.check_same(&other.policy)?;
        one_currency(self.currency(), "merged state", other.currency())?;
        Ok(Self {
            policy: self.policy,
            purchases: self.purchases.merged(&other.purchases)?,
            ledger: self.ledger.merged(&other.ledger)?,
        })
    }

    /// The summary as of an instant; the whole dedupe period of the instant counts.
    ///
    /// # Errors
    ///
    /// As [`PurchaseState::summarise`], naming the customer.
    pub fn summary(
        &self,
        customer: CustomerId,
        as_of: DateTime<Utc>,
    ) -> Result<CustomerSummary, SummaryError> {
        let summed = self
            .purchases
            .summarise(as_of, &self.policy)
            .and_then(|(rfm, _)| Ok((rfm, self.money(as_of)?)));
        match summed {
            Ok((rfm, money)) => Ok(CustomerSummary {
                customer,
                as_of: Some(as_of),
                rfm,
                money,
            }),
            Err(error) => Err(error.of_customer(&customer)),
        }
    }

    /// The money account as of an instant; the whole dedupe period of the instant counts.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Quantity`] if a sum leaves 128 bits.
    pub fn money(&self, as_of: DateTime<Utc>) -> Result<MoneyAccount, SummaryError> {
        let end = self.purchases.grid().index(as_of);
        MoneyAccount::of_tallies(
            self.currency(),
            self.purchases.purchases().split_after(end).0,
            self.purchases.returns().split_after(end).0,
            self.ledger.split_after(end).0,
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
        let (entries, after) = self.ledger.split_after(end);
        for entry in entries {
            let events = u64::from(entry.events);
            match ledger::parts(entry.key).1 {
                Line::CostOfGoods => continue, // the purchase is counted
                Line::ReturnRefused => report.returns_refused += events,
                Line::Other => report.other_events += events,
                _ => report.other_money_events += events,
            }
            report.events += events;
        }
        for entry in after {
            if ledger::parts(entry.key).1 != Line::CostOfGoods {
                report.events_after += u64::from(entry.events);
            }
        }
        Ok(report)
    }

    #[cfg(feature = "serde")]
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// A state of parts that fit each other.
    #[cfg(feature = "serde")]
    pub(super) fn from_parts(
        policy: SummaryPolicy,
        purchases: PurchaseState,
        ledger: Ledger,
    ) -> Self {
        Self {
            policy,
            purchases,
            ledger,
        }
    }
}

/// One customer as of an instant: what scorers and models read.
///
/// # Examples
///
/// A model needs no log: a published summary will do.
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
/// let customer = CustomerSummary::from_rfm(CustomerId::new("0001")?, rfm);
/// assert_eq!(customer.rfm().map(RfmSummary::frequency), Some(2));
/// assert_eq!(customer.as_of(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::SummaryRow",
        into = "super::stored::SummaryRow"
    )
)]
pub struct CustomerSummary {
    customer: CustomerId,
    as_of: Option<DateTime<Utc>>,
    rfm: Option<RfmSummary>,
    money: MoneyAccount,
}

impl CustomerSummary {
    /// A customer of whom only an RFM summary is known: no instant and no money account.
    #[must_use]
    pub fn from_rfm(customer: CustomerId, rfm: RfmSummary) -> Self {
        Self {
            customer,
            as_of: None,
            rfm: Some(rfm),
            money: MoneyAccount::default(),
        }
    }

    /// Who it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The instant it was taken as of; `None` if it was not taken from events.
    #[must_use]
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// Frequency, recency, age and mean spend; `None` without a transaction up to the instant.
    #[must_use]
    pub fn rfm(&self) -> Option<&RfmSummary> {
        self.rfm.as_ref()
    }

    /// Revenue and costs up to the instant.
    #[must_use]
    pub fn money(&self) -> &MoneyAccount {
        &self.money
    }

    /// A summary of parts that fit each other.
    #[cfg(feature = "serde")]
    pub(super) fn from_parts(
        customer: CustomerId,
        as_of: Option<DateTime<Utc>>,
        rfm: Option<RfmSummary>,
        money: MoneyAccount,
    ) -> Self {
        Self {
            customer,
            as_of,
            rfm,
            money,
        }
    }
}
