//! How many customers bring others (推荐率).

use std::collections::BTreeMap;

use super::window::known;
use super::{Measure, MetricError, OfSummaries, Share, Window};
use crate::history::{CustomerId, Interaction, Kind};
use crate::summary::{AdvocacyEvidence, CustomerSummary};

/// The referral rate (推荐率): of the customers with any interaction in a window of a log, those who
/// recommended the firm in it.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if the log holds no referral up to the end of the window: a firm that
/// records none is not one whom nobody recommends.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{AsOf, CustomerId, Feedback, Interaction, InteractionId, ReferralMade};
/// use guanxi::metric::{Window, referral_rate};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let named = |id: &str, who: &str| Ok::<_, guanxi::Error>((InteractionId::new(id)?, CustomerId::new(who)?));
/// let (id, who) = named("1", "advocate")?;
/// let told = Interaction::new(id, who, day(3), ReferralMade::new())?;
/// let (id, who) = named("2", "quiet")?;
/// let wrote = Interaction::new(id, who, day(4), Feedback::new())?;
/// let window = Window::new(day(0), AsOf::at(day(30)))?;
/// assert_eq!(referral_rate([&told, &wrote], &window)?.value(), Some(0.5));
/// assert!(referral_rate([&wrote], &window).is_err()); // not in this log
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn referral_rate<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    window: &Window,
) -> Result<Share, MetricError> {
    let mut is_in_log = false;
    let mut recommends: BTreeMap<&CustomerId, bool> = BTreeMap::new();
    for interaction in known(log, window.as_of()) {
        let is_referral = matches!(interaction.kind(), Kind::ReferralMade(_));
        is_in_log |= is_referral;
        if window.includes(interaction) {
            *recommends.entry(interaction.customer()).or_default() |= is_referral;
        }
    }
    if !is_in_log {
        return Err(Measure::Referral.not_in_log());
    }
    Ok(Share::holding(recommends.into_values()))
}

/// The referral rate of customers by their summaries, up to their instant: of all, those who ever
/// recommended the firm.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if nobody whose advocacy may be read ever did.
pub fn referral_rate_of_summaries<'a>(
    customers: impl IntoIterator<Item = &'a CustomerSummary>,
) -> Result<OfSummaries<Share>, MetricError> {
    let mut withheld = 0_u64;
    let mut recommends = Vec::new();
    for customer in customers {
        match customer.advocacy() {
            Ok(evidence) => {
                recommends
                    .push(evidence.is_some_and(|seen: &AdvocacyEvidence| seen.referrals() > 0));
            }
            Err(_) => withheld += 1,
        }
    }
    if recommends.iter().any(|&any| any) {
        Ok(OfSummaries::new(Share::holding(recommends), withheld))
    } else {
        Err(Measure::Referral.not_in_log())
    }
}
