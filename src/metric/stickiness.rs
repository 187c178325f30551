//! How regularly customers come (黏性).

use std::collections::{BTreeMap, BTreeSet};

use super::window::known;
use super::{Measure, MetricError, Periods, SampleRatio, Share};
use crate::history::{CustomerId, Initiator, Interaction};

/// Whether an interaction shows a customer who comes: begun by the customer.
pub(super) fn is_active(interaction: &Interaction) -> bool {
    interaction.initiator() == Some(Initiator::Customer)
}

/// Stickiness (黏性) of the customers of a log: for each, the periods in which they were active of
/// those since they first were, the first included.
///
/// Active is who begins an interaction: buys, asks, answers, posts. Both are our choice. Somebody
/// seen only before the periods counts with all of them, and none active.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if no customer begins anything up to the end of the last period.
pub fn stickiness_by_customer<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    periods: &Periods,
) -> Result<BTreeMap<&'a CustomerId, Share>, MetricError> {
    // The periods in which each was active; `None` before the first.
    let mut active: BTreeMap<&CustomerId, BTreeSet<Option<usize>>> = BTreeMap::new();
    for interaction in known(log, periods.as_of()) {
        if is_active(interaction) && periods.know(interaction) {
            let of_customer = active.entry(interaction.customer()).or_default();
            of_customer.insert(periods.index(interaction.occurred_at()));
        }
    }
    if active.is_empty() {
        return Err(Measure::Stickiness.not_in_log());
    }
    let share = |seen: BTreeSet<Option<usize>>| {
        let since = seen.first().copied().flatten().unwrap_or(0);
        let active = seen.into_iter().flatten().count() as u64;
        Share::new(active, (periods.count() - since) as u64)
    };
    active
        .into_iter()
        .map(|(customer, seen)| Ok((customer, share(seen)?)))
        .collect()
}

/// Stickiness (黏性) of a base: all the periods in which a customer of a log was active, of all those
/// in which one could have been. The interval takes customers as what was drawn, as the periods of
/// one go together.
///
/// # Errors
///
/// As for [`stickiness_by_customer`].
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{AsOf, CustomerId, Feedback, Interaction, InteractionId};
/// use guanxi::metric::{Periods, Window, stickiness};
/// use guanxi::quantity::Span;
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let came = |id: &str, who: &str, n| {
///     let (id, who) = (InteractionId::new(id)?, CustomerId::new(who)?);
///     Interaction::new(id, who, day(n), Feedback::new())
/// };
/// let log = [came("1", "a", 1)?, came("2", "a", 9)?, came("3", "b", 10)?];
/// let window = Window::new(day(0), AsOf::at(day(28)))?;
/// let weeks = Periods::every(&window, Span::weeks(1.0)?)?;
/// // Two of four weeks, and one of the three since the first.
/// assert_eq!(stickiness(&log, &weeks)?.value(), Some(3.0 / 7.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn stickiness<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    periods: &Periods,
) -> Result<SampleRatio, MetricError> {
    SampleRatio::of_shares(stickiness_by_customer(log, periods)?.into_values())
}
