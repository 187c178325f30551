//! Taking in many events at once: what is waited for is waited for together.

use std::hint::black_box;

use chrono::{DateTime, Utc};

use crate::history::{CustomerId, Interaction};
use crate::numeric::chunks::{ALONE, threads};
use crate::quantity::Money;
use crate::summary::{CustomerState, SummaryError};

use super::{CustomerBase, shards};

/// How many interactions are looked up at once: enough to wait for memory once instead of often,
/// and few enough for what was fetched to be there still.
const AT_ONCE: usize = 64;

impl CustomerBase {
    /// Takes in many interactions, each exactly once: the way for large logs of all kinds.
    ///
    /// The same as observing one after the other. In a base larger than what a processor keeps close
    /// most of the time goes by waiting for memory; here the states of many customers are fetched at
    /// once, which takes a third less of it with 50,000 customers and events of all kinds. For a few
    /// customers, whose states are at hand, it takes up to twice as long.
    ///
    /// With the feature `parallel` the threads of the rayon pool that the caller runs in share a large
    /// log by its customers. While it lasts this takes 9 bytes an interaction more, a copy of the states
    /// of those customers who were known, and a second table of all customers in the log.
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe), at the first interaction that is refused: those before it
    /// were taken in, and no later ones.
    ///
    /// # Examples
    ///
    /// ```
    /// use chrono::{DateTime, Days};
    /// use guanxi::history::{CustomerId, Interaction, InteractionId, NpsSurvey};
    /// use guanxi::summary::{CustomerBase, SummaryPolicy};
    ///
    /// let answer = |n: u64| {
    ///     let id = InteractionId::new(format!("s-{n}"))?;
    ///     let who = CustomerId::new(format!("c-{}", n % 40))?;
    ///     Interaction::new(id, who, DateTime::UNIX_EPOCH + Days::new(n), NpsSurvey::new(9)?)
    /// };
    /// let log: Vec<Interaction> = (0..100).map(answer).collect::<Result<_, _>>()?;
    /// let mut base = CustomerBase::new(SummaryPolicy::default());
    /// base.observe_all(&log)?;
    ///
    /// let mut one_by_one = CustomerBase::new(SummaryPolicy::default());
    /// for interaction in &log {
    ///     one_by_one.observe(interaction)?;
    /// }
    /// assert_eq!(base, one_by_one);
    /// assert_eq!(base.len(), 40);
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    pub fn observe_all<'a>(
        &mut self,
        interactions: impl IntoIterator<Item = &'a Interaction>,
    ) -> Result<(), SummaryError> {
        let mut interactions = interactions.into_iter();
        let (_, most) = interactions.size_hint();
        if most.is_some_and(|most| !shards::is_worth_it(self, most)) {
            return self.observe_each(interactions);
        }
        // To ask for threads is to start them, so it is asked for a long log alone.
        let mut log: Vec<&Interaction> = interactions.by_ref().take(ALONE).collect();
        if log.len() < ALONE || threads() == 1 {
            return self.observe_each(log.into_iter().chain(interactions));
        }
        log.extend(interactions);
        if shards::is_worth_it(self, log.len()) && self.observe_in_shards(&log) {
            return Ok(());
        }
        self.observe_each(log)
    }

    /// Takes in many purchases, each exactly once and without an [`Interaction`] being built: the way
    /// for large logs that do not fit in memory, or whose states are wanted.
    ///
    /// The same as [`observe_purchase`](Self::observe_purchase) for one after the other; in a large base
    /// it takes less time, as [`observe_all`](Self::observe_all) does.
    ///
    /// # Errors
    ///
    /// As [`observe_purchase`](Self::observe_purchase), at the first purchase that is refused: those
    /// before it were taken in, and no later ones.
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
    /// base.observe_purchases([("ann", day(0), price), ("bo", day(3), price), ("ann", day(7), price)])?;
    /// assert_eq!(base.len(), 2);
    /// assert_eq!(base.table(day(14))?.columns().frequency(), [1, 0]);
    /// # Ok::<(), guanxi::Error>(())
    /// ```
    pub fn observe_purchases<'a>(
        &mut self,
        purchases: impl IntoIterator<Item = (&'a str, DateTime<Utc>, Money)>,
    ) -> Result<(), SummaryError> {
        self.take_all(
            purchases,
            |(customer, ..)| customer,
            |state, _| state.touch_purchases(),
            |state, &(_, at, amount)| state.take_purchase(at, amount),
            |(customer, ..)| Ok(CustomerId::new(*customer)?),
        )
    }

    pub(super) fn observe_each<'a>(
        &mut self,
        interactions: impl IntoIterator<Item = &'a Interaction>,
    ) -> Result<(), SummaryError> {
        self.take_all(
            interactions,
            |interaction| interaction.customer().as_str(),
            |state, interaction| state.touch_for(interaction),
            |state, interaction| state.take(interaction),
            |interaction| Ok(interaction.customer().clone()),
        )
    }

    /// Takes in events of any sort in blocks: `touch` reads something of what `take` will need.
    fn take_all<T>(
        &mut self,
        events: impl IntoIterator<Item = T>,
        customer: impl Fn(&T) -> &str,
        touch: impl Fn(&CustomerState, &T) -> usize,
        take: impl Fn(&mut CustomerState, &T) -> Result<(), SummaryError>,
        name: impl Fn(&T) -> Result<CustomerId, SummaryError>,
    ) -> Result<(), SummaryError> {
        let mut events = events.into_iter();
        let mut block: Vec<(T, Option<u32>)> = Vec::with_capacity(AT_ONCE);
        loop {
            block.clear();
            for event in events.by_ref().take(AT_ONCE) {
                let place = self.likely_place(customer(&event));
                block.push((event, place));
            }
            if block.is_empty() {
                return Ok(());
            }
            // Read for its own sake: what is waited for here is waited for together. First the
            // states, then what they point to.
            let row = |place: Option<u32>| self.table.get(place? as usize);
            let rows = block.iter().filter_map(|(_, place)| row(*place));
            black_box(
                rows.map(|(id, state)| state.touch() + id.as_str().len())
                    .sum::<usize>(),
            );
            let states = block
                .iter()
                .filter_map(|(event, place)| Some(touch(&row(*place)?.1, event)));
            black_box(states.sum::<usize>());
            for (event, place) in &block {
                let row = place.and_then(|place| self.table.get_mut(place as usize));
                match row.filter(|(id, _)| id.as_str() == customer(event)) {
                    Some((id, state)) => take(state, event).map_err(|e| e.of_customer(id))?,
                    // New, or was so when looked for.
                    None => self.change(customer(event), || name(event), |s| take(s, event))?,
                }
            }
        }
    }
}
