//! Who bought again (复购率).

use std::collections::BTreeSet;

use super::window::known;
use super::{Measure, MetricError, OfSummaries, Share, Window};
use crate::history::{Interaction, Kind};
use crate::summary::CustomerSummary;

/// Repurchase (复购率) in a window of a log: of the customers who bought, those who bought at least
/// twice, each purchase counted.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if the log holds no purchase up to the end of the window.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, Purchase};
/// use guanxi::metric::{Window, repurchase_rate};
/// use guanxi::quantity::{Currency, Money};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let bought = |id: &str, who: &str, n| {
///     let (id, who) = (InteractionId::new(id)?, CustomerId::new(who)?);
///     let price = Money::parse("9.90", Currency::EUR)?;
///     Interaction::new(id, who, day(n), Purchase::new(price)?)
/// };
/// let log = [bought("1", "a", 3)?, bought("2", "a", 9)?, bought("3", "b", 4)?];
/// let window = Window::new(day(0), AsOf::at(day(30)))?;
/// assert_eq!(repurchase_rate(&log, &window)?.value(), Some(0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn repurchase_rate<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    window: &Window,
) -> Result<Share, MetricError> {
    let mut is_in_log = false;
    let (mut once, mut again) = (BTreeSet::new(), BTreeSet::new());
    for interaction in known(log, window.as_of()) {
        if matches!(interaction.kind(), Kind::Purchase(_)) {
            is_in_log = true;
            if window.includes(interaction) && !once.insert(interaction.customer()) {
                again.insert(interaction.customer());
            }
        }
    }
    if !is_in_log {
        return Err(Measure::Repurchase.not_in_log());
    }
    Share::new(again.len() as u64, once.len() as u64)
}

/// Repurchase (复购率) of customers by their summaries: of those who bought, those who came back,
/// purchases of one dedupe period counted once as the summary does.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if nobody whose purchases may be read has bought.
pub fn repurchase_rate_of_summaries<'a>(
    customers: impl IntoIterator<Item = &'a CustomerSummary>,
) -> Result<OfSummaries<Share>, MetricError> {
    let mut withheld = 0_u64;
    let mut came_back = Vec::new();
    for customer in customers {
        match (customer.economic(), customer.rfm()) {
            (Err(_), _) => withheld += 1,
            (Ok(()), Some(rfm)) => came_back.push(rfm.frequency() > 0),
            (Ok(()), None) => {}
        }
    }
    if came_back.is_empty() {
        return Err(Measure::Repurchase.not_in_log());
    }
    Ok(OfSummaries::new(Share::holding(came_back), withheld))
}
