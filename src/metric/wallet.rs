//! How much of what customers buy they buy from us (钱包份额).

use super::window::answers;
use super::{Answers, Measure, MetricError, SampleMean, SampleRatio, Window};
use crate::history::{Construct, Interaction, Kind, SurveyItem};

/// The share of wallet by money: what customers spent with us of what they spent in all, over the
/// same time and in one currency; each row ours and all of it.
///
/// A customer who spends nothing in the category has no wallet and is
/// [left out](SampleRatio::left_out).
///
/// # Errors
///
/// As for [`SampleRatio::of_parts`].
///
/// # Examples
///
/// ```
/// use guanxi::metric::share_of_wallet;
///
/// let wallet = share_of_wallet(&[(30.0, 100.0), (50.0, 50.0), (0.0, 50.0)])?;
/// assert_eq!(wallet.value(), Some(0.4));
/// assert!(share_of_wallet(&[(30.0, 20.0)]).is_err()); // more than all
/// # Ok::<(), guanxi::metric::MetricError>(())
/// ```
pub fn share_of_wallet(spent: &[(f64, f64)]) -> Result<SampleRatio, MetricError> {
    SampleRatio::of_parts(spent)
}

/// Whether an answer states our share of a wallet.
pub(super) fn is_ours(item: &SurveyItem) -> bool {
    item.construct() == Construct::ShareOfWallet && item.about().is_none()
}

/// The share of wallet as customers state it, from 0 to 1: the mean of the survey items on it in a
/// window of a log, each by its place on its scale.
///
/// It weighs customers, not money, alike: the share of the mean customer, not of the market. What they
/// say of [a rival](crate::history::SurveyItem::about)'s share is not of ours, and does not count.
///
/// # Errors
///
/// [`MetricError::NotInLog`] if nobody was ever asked.
pub fn stated_share_of_wallet<'a>(
    log: impl IntoIterator<Item = &'a Interaction>,
    window: &Window,
    which: Answers,
) -> Result<SampleMean, MetricError> {
    let share = |i: &Interaction| match i.kind() {
        Kind::SurveyItem(item) if is_ours(item) => Some(item.share()),
        _ => None,
    };
    SampleMean::of(&answers(log, window, which, Measure::ShareOfWallet, share)?)
}
