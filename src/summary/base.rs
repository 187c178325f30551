//! All customers: a table that events stream into, and that shards merge into.

mod bulk;
mod place;
mod shards;

use std::hash::BuildHasher;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hashbrown::{DefaultHashBuilder, HashTable};

use crate::history::{CustomerId, Interaction, TimelineView};
use crate::quantity::Money;

use super::{
    CustomerState, CustomerSummary, EvidencePolicy, RfmSummary, RuleReport, SummaryError,
    SummaryPolicy, SummaryTable,
};

use place::{Place, count_of, tag};

/// The states of all customers, built one event at a time (客户群).
///
/// Events come in any order and from any number of shards: the same events lead to equal bases, but
/// for the last digits of sums that fade with time, as those of trust do. Each must be observed exactly
/// once. Where a source repeats itself or corrects what it said,
/// keep a [`Timeline`](crate::history::Timeline) for each customer and
/// [replace](Self::replace_with_view) their states by views of it.
///
/// Every answer comes in the order of customer ids, never in that of a hash table. A customer is
/// in one currency; two customers may be in two.
///
/// # Cost
///
/// Observing takes constant time for events in order, and memory only for a new customer or period:
/// 176 bytes a customer in a table and some 20 to find it, 32 a period with money and 16 a period with
/// other events. Each of these grows by doubling. So a million customers who bought 2 times each took
/// 292 bytes a customer; where the table has just grown it is up to 460, and 600 while it moves.
/// Customers with 20 events each of all kinds took 3.1 kB. `cargo bench --bench memory` measures it.
///
/// A late event is sorted in among its customer's periods. Where there are more than a thousand of them,
/// late ones are set aside and sorted in together, so that a million in any order stay a matter of a
/// second. Answers in order of id sort the names first.
///
/// A log of purchases alone that is in memory comes to summaries in a sixth of the time, and a twentieth
/// for a million customers, without a state for each of them, by [`OrderColumns`](super::OrderColumns).
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::{CustomerBase, SummaryPolicy};
///
/// let log = [
///     ("0004", "1997-01-01", "29.33"),
///     ("0004", "1997-01-18", "29.73"),
///     ("0018", "1997-01-04", "14.96"),
///     ("0004", "1997-08-02", "14.96"),
///     ("0021", "1997-11-25", "25.30"),
/// ];
/// let midnight = |day: &str| format!("{day}T00:00:00Z").parse::<chrono::DateTime<chrono::Utc>>();
/// let mut base = CustomerBase::new(SummaryPolicy::default());
/// for (customer, day, amount) in log {
///     base.observe_purchase(customer, midnight(day)?, Money::parse(amount, Currency::USD)?)?;
/// }
///
/// let summaries: Vec<_> = base
///     .rfm_summaries(midnight("1997-09-30")?)
///     .collect::<Result<_, _>>()?;
/// assert_eq!(summaries.len(), 2); // 0021 is yet to come
/// assert_eq!(summaries[0].frequency(), 2);
/// assert_eq!(summaries[0].age(), 272.0 / 7.0);
/// assert_eq!(base.report(midnight("1997-09-30")?)?.events_after, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CustomerBase {
    policy: SummaryPolicy,
    rules: Arc<EvidencePolicy>,
    /// Where each customer is in the table, by the hash of their id. Its own order reaches no
    /// answer.
    places: HashTable<Place>,
    hasher: DefaultHashBuilder,
    table: Vec<(CustomerId, CustomerState)>,
}

impl CustomerBase {
    /// A base without customers, to be summarised by these rules.
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
            places: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            table: Vec::new(),
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

    /// How many customers there are, those without a purchase included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The state of a customer.
    #[must_use]
    pub fn get(&self, customer: &str) -> Option<&CustomerState> {
        let (_, state) = self.table.get(self.place(customer)? as usize)?;
        Some(state)
    }

    /// All customers with their states, in order of id.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&CustomerId, &CustomerState)> {
        let mut ordered: Vec<_> = self.table.iter().map(|(id, state)| (id, state)).collect();
        ordered.sort_unstable_by_key(|(id, _)| *id);
        ordered.into_iter()
    }

    /// Takes in one interaction of any kind, each exactly once.
    ///
    /// A request for erasure is counted like any other event; [`forget`](Self::forget) honours
    /// it.
    ///
    /// # Errors
    ///
    /// As [`CustomerState::observe`]; or [`SummaryError::Overflow`] beyond 2³² − 1 customers. The
    /// base is then as it was.
    pub fn observe(&mut self, interaction: &Interaction) -> Result<(), SummaryError> {
        let customer = interaction.customer();
        self.change(
            customer.as_str(),
            || Ok(customer.clone()),
            |state| state.take(interaction),
        )
    }

    /// Takes in a purchase without an [`Interaction`] being built.
    ///
    /// # Units
    ///
    /// - `amount`: at or above 0, in the currency of the customer's earlier amounts.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Customer`], naming the customer, around
    /// [`SummaryError::NegativeAmount`], [`SummaryError::CurrencyMismatch`] or
    /// [`SummaryError::Overflow`] as for [`CustomerState::observe`];
    /// [`SummaryError::History`] if the name is not one that a customer can have. The base is then
    /// as it was.
    pub fn observe_purchase(
        &mut self,
        customer: &str,
        at: DateTime<Utc>,
        amount: Money,
    ) -> Result<(), SummaryError> {
        self.change(
            customer,
            || Ok(CustomerId::new(customer)?),
            |state| state.take_purchase(at, amount),
        )
    }

    /// Takes in an honoured return; otherwise as [`observe_purchase`](Self::observe_purchase).
    /// The amount is at or above 0.
    ///
    /// # Errors
    ///
    /// As [`observe_purchase`](Self::observe_purchase).
    pub fn observe_return(
        &mut self,
        customer: &str,
        at: DateTime<Utc>,
        amount: Money,
    ) -> Result<(), SummaryError> {
        self.change(
            customer,
            || Ok(CustomerId::new(customer)?),
            |state| state.take_return(at, amount),
        )
    }

    /// Puts a view of a customer's timeline in the place of whatever was known of the customer.
    ///
    /// So it may be done again whenever the timeline has grown, and no event counts twice. Ask
    /// for summaries as of the instant of the view.
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe).
    pub fn replace_with_view(&mut self, view: &TimelineView<'_>) -> Result<(), SummaryError> {
        let state = self.new_state().with_view(view)?;
        match self.state_mut(view.customer().as_str()) {
            Some((_, place)) => {
                *place = state;
                Ok(())
            }
            None => self.insert(view.customer().clone(), state),
        }
    }

    /// Takes in all customers of another base, which must know other events: another shard of the
    /// log.
    ///
    /// Associative and commutative; an empty base of the same policy changes nothing.
    ///
    /// # Errors
    ///
    /// As [`CustomerState::merge`], naming the customer where it is about one. The base is then
    /// as it was.
    pub fn merge(&mut self, other: Self) -> Result<(), SummaryError> {
        self.policy.check_same(&other.policy)?;
        if self.rules != other.rules {
            return Err(SummaryError::EvidenceRules {
                expected: self.rules.id(),
                found: other.rules.id(),
            });
        }
        // Everything that can fail comes first, so that an error leaves no half of a shard.
        let mut shared = Vec::new();
        for (id, state) in &other.table {
            if let Some(place) = self.place(id.as_str()) {
                if let Some((_, ours)) = self.table.get(place as usize) {
                    let merged = ours.merged(state).map_err(|error| error.of_customer(id))?;
                    shared.push((place as usize, merged));
                }
            }
        }
        let together = self.table.len() + (other.table.len() - shared.len());
        count_of(together)?;
        for (place, merged) in shared {
            if let Some((_, ours)) = self.table.get_mut(place) {
                *ours = merged;
            }
        }
        for (id, state) in other.table {
            if self.place(id.as_str()).is_none() {
                self.insert(id, state)?;
            }
        }
        Ok(())
    }

    /// Removes a customer and everything known of them; says whether there was anything.
    ///
    /// Where another customer brought the forgotten one, that edge goes too: looking for it takes
    /// time in proportion to the customers. But for that the others stay as they are to the last
    /// bit. A base keeps no list of names that it forgot: a later event brings the name back.
    /// Models fitted before have learned from the customer and do not forget.
    pub fn forget(&mut self, customer: &str) -> bool {
        let named = self.drop_newcomer(customer);
        let (hash, table) = (self.hasher.hash_one(customer), &self.table);
        let is_here = |place: &Place| place.is_of(table, customer);
        let Ok(found) = self.places.find_entry(hash, is_here) else {
            return named;
        };
        let place = found.remove().0.row;
        // The last of the table comes to where the customer was.
        if let Some((moved, _)) = self.table.last() {
            let hash = self.hasher.hash_one(moved.as_str());
            let last = self.table.len() - 1;
            if let Some(moved) = self.places.find_mut(hash, |p| p.row as usize == last) {
                moved.row = place;
            }
        }
        self.table.swap_remove(place as usize);
        true
    }

    /// Forgets, of every customer, the evidence that may not be read as of an instant; says how many
    /// states of evidence were dropped. Of those who withdrew their consent to sharing it also
    /// forgets who brought them.
    pub fn drop_withheld(&mut self, as_of: DateTime<Utc>) -> usize {
        self.drop_parted(as_of);
        let dropped = |(_, state): &mut (_, CustomerState)| state.drop_withheld(as_of).len();
        self.table.iter_mut().map(dropped).sum()
    }

    /// Every customer's summary as of an instant, in order of id, made one at a time.
    ///
    /// Customers without a transaction up to then are among them, without an
    /// [`rfm`](CustomerSummary::rfm). An item is an error for one customer and stops no other.
    /// Newcomers who withdrew their consent to sharing are not in the network of whoever brought
    /// them.
    #[must_use]
    pub fn summaries(
        &self,
        as_of: DateTime<Utc>,
    ) -> impl ExactSizeIterator<Item = Result<CustomerSummary, SummaryError>> {
        self.iter()
            .map(move |(id, state)| self.summary_of(id, state, as_of))
    }

    /// The RFM summaries of the customers who have one as of an instant, in order of id: what
    /// models are fitted to. How many have none is in the [`report`](Self::report).
    pub fn rfm_summaries(
        &self,
        as_of: DateTime<Utc>,
    ) -> impl Iterator<Item = Result<RfmSummary, SummaryError>> {
        self.iter().filter_map(move |(id, state)| {
            match state.purchases().summarise(as_of, state.policy()) {
                Ok((rfm, _)) => rfm.map(Ok),
                Err(error) => Some(Err(error.of_customer(id))),
            }
        })
    }

    /// The same summaries in columns, in the same order: what answers about a whole base are read
    /// from.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Customer`], naming the customer, around
    /// [`SummaryError::CurrencyMismatch`] if a spend is in another currency than those before it, or
    /// an error of [`PurchaseState::summarise`](super::PurchaseState::summarise).
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, Days};
    /// use guanxi::quantity::{Currency, Money};
    /// use guanxi::summary::{CustomerBase, SummaryPolicy};
    ///
    /// let price = Money::parse("41.00", Currency::EUR)?;
    /// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
    /// let mut base = CustomerBase::new(SummaryPolicy::default());
    /// for (customer, n) in [("ann", 0), ("bo", 7), ("ann", 14), ("cy", 40)] {
    ///     base.observe_purchase(customer, day(n), price)?;
    /// }
    /// let table = base.table(day(21))?; // cy is yet to come
    /// assert_eq!(table.columns().frequency(), [1, 0]);
    /// assert_eq!(table.columns().recency(), [2.0, 0.0]); // weeks
    /// assert_eq!(table.columns().age(), [3.0, 2.0]);
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    pub fn table(&self, as_of: DateTime<Utc>) -> Result<SummaryTable, SummaryError> {
        let none = (Vec::new(), Vec::new(), Vec::new());
        let mut table = SummaryTable::of_valid(self.policy.unit(), none.0, none.1, none.2, None);
        for (id, state) in self.iter() {
            let (rfm, _) = state
                .purchases()
                .summarise(as_of, state.policy())
                .map_err(|error| error.of_customer(id))?;
            if let Some(rfm) = rfm {
                table.push(&rfm).map_err(|error| error.of_customer(id))?;
            }
        }
        Ok(table)
    }

    /// What the rules did to all events up to an instant.
    ///
    /// # Errors
    ///
    /// As [`CustomerState::report`], naming the customer.
    pub fn report(&self, as_of: DateTime<Utc>) -> Result<RuleReport, SummaryError> {
        let mut total = RuleReport::default();
        for (id, state) in &self.table {
            let report = state.report(as_of).map_err(|error| error.of_customer(id))?;
            total.merge(&report)?;
        }
        Ok(total)
    }

    /// Changes a customer's state, or makes one if the change succeeds.
    fn change(
        &mut self,
        customer: &str,
        name: impl FnOnce() -> Result<CustomerId, SummaryError>,
        change: impl FnOnce(&mut CustomerState) -> Result<(), SummaryError>,
    ) -> Result<(), SummaryError> {
        if let Some((id, state)) = self.state_mut(customer) {
            return change(state).map_err(|error| error.of_customer(id));
        }
        let id = name()?;
        let mut state = self.new_state();
        change(&mut state).map_err(|error| error.of_customer(&id))?;
        self.insert(id, state)
    }

    fn new_state(&self) -> CustomerState {
        CustomerState::with_rules(self.policy, Arc::clone(&self.rules))
    }

    fn state_mut(&mut self, customer: &str) -> Option<(&CustomerId, &mut CustomerState)> {
        let place = self.place(customer)?;
        let (id, state) = self.table.get_mut(place as usize)?;
        Some((id, state))
    }

    pub(super) fn states(&self) -> impl Iterator<Item = &CustomerState> {
        self.table.iter().map(|(_, state)| state)
    }

    pub(super) fn states_mut(&mut self) -> impl Iterator<Item = &mut CustomerState> {
        self.table.iter_mut().map(|(_, state)| state)
    }

    fn place(&self, customer: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(customer);
        let is_here = |place: &Place| place.is_of(&self.table, customer);
        self.places.find(hash, is_here).map(|place| place.row)
    }

    /// Where a customer is, if they are known, found without a look at the table.
    fn likely_place(&self, customer: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(customer);
        let is_likely = |place: &Place| place.tag == tag(hash);
        self.places.find(hash, is_likely).map(|place| place.row)
    }

    /// Adds a customer who is not there yet.
    pub(super) fn insert(
        &mut self,
        id: CustomerId,
        state: CustomerState,
    ) -> Result<(), SummaryError> {
        let row = count_of(self.table.len() + 1)? - 1;
        let (hasher, table) = (&self.hasher, &mut self.table);
        let hash = hasher.hash_one(id.as_str());
        table.push((id, state));
        let rehash = |place: &Place| match table.get(place.row as usize) {
            Some((id, _)) => hasher.hash_one(id.as_str()),
            None => 0, // every place is one of the table
        };
        let place = Place {
            row,
            tag: tag(hash),
        };
        self.places.insert_unique(hash, place, rehash);
        Ok(())
    }
}

/// Equal if they have the same rules and the same customers in equal states, in whatever order
/// these came.
impl PartialEq for CustomerBase {
    fn eq(&self, other: &Self) -> bool {
        self.policy == other.policy
            && self.rules == other.rules
            && self.len() == other.len()
            && self
                .table
                .iter()
                .all(|(id, state)| other.get(id.as_str()) == Some(state))
    }
}
