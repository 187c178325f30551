//! Interaction logs: one `Interaction` a line, streamed into a live base.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::sync::Arc;

use guanxi::chrono::{DateTime, Utc};
use guanxi::history::{AsOf, Consent, HistoryError, Interaction, Kind};
use guanxi::quantity::Currency;
use guanxi::summary::{CustomerBase, LiveBase, Observed, SummaryError, SummaryPolicy};

use crate::support::{Failure, Lines, Log, Moment};

/// A log of interactions of every kind.
pub(crate) struct InteractionLog {
    /// What the file is called.
    pub(crate) file: String,
    /// All customers with everything that was recorded of them.
    pub(crate) live: LiveBase,
    /// What came in.
    pub(crate) counts: Counts,
    /// Instant of the earliest interaction that stands.
    pub(crate) first: DateTime<Utc>,
    /// Instant of the latest interaction that stands.
    pub(crate) last: DateTime<Utc>,
}

/// What the lines of a log were; `lines = kept + duplicates + erasure_requests + erased`.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Counts {
    /// Lines.
    pub(crate) lines: u64,
    /// Interactions that are recorded.
    pub(crate) kept: u64,
    /// Lines that put another interaction right.
    pub(crate) corrections: u64,
    /// Lines that came before, with the same content.
    pub(crate) duplicates: u64,
    /// Customers' requests to be forgotten.
    pub(crate) erasure_requests: u64,
    /// Interactions that were removed, or not taken in, because of such a request.
    pub(crate) erased: u64,
    /// Interactions that stand and are of a kind that is unknown and feeds nothing, by its name.
    pub(crate) unknown_kinds: BTreeMap<String, u64>,
}

impl InteractionLog {
    /// Reads a log; a line that is wrong is refused, with its place.
    pub(crate) fn read(path: &OsStr, policy: SummaryPolicy) -> Result<Self, Failure> {
        let mut lines = Lines::open(path)?;
        let mut live = LiveBase::new(policy);
        let mut counts = Counts::default();
        while let Some(line) = lines.next()? {
            let interaction: Interaction = serde_json::from_slice(line)
                .map_err(|error| lines.not_read("an interaction", &error))?;
            counts.lines += 1;
            let asks = matches!(interaction.kind(), Kind::Consent(Consent::ErasureRequested));
            let corrects = interaction.corrects().is_some();
            match live.observe(interaction) {
                Ok(Observed::Duplicate) => counts.duplicates += 1,
                Ok(_) => {
                    counts.erasure_requests += u64::from(asks);
                    counts.corrections += u64::from(corrects);
                }
                Err(error) => return Err(refused(&lines, &error)),
            }
        }
        if counts.lines == 0 {
            let expected = "at least one interaction";
            return Err(Failure::unexpected(lines.file(), expected, "none"));
        }
        let (mut first, mut last) = (DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC);
        let timelines = live.customers().flat_map(|id| live.timelines(id.as_str()));
        for timeline in timelines {
            counts.kept += timeline.len() as u64;
            let view = timeline.as_of(AsOf::at(DateTime::<Utc>::MAX_UTC));
            for interaction in view.iter() {
                first = first.min(interaction.occurred_at());
                last = last.max(interaction.occurred_at());
                if let Kind::Other(kind) = interaction.kind() {
                    *counts
                        .unknown_kinds
                        .entry(kind.name().to_owned())
                        .or_default() += 1;
                }
            }
        }
        if counts.kept == 0 {
            let expected = "at least one interaction that was not erased";
            return Err(Failure::unexpected(lines.file(), expected, "none"));
        }
        counts.erased = counts.lines - counts.kept - counts.duplicates - counts.erasure_requests;
        Ok(Self {
            file: lines.file().to_owned(),
            live,
            counts,
            first,
            last,
        })
    }

    /// The end of the last day with an interaction.
    pub(crate) fn last_day(&self) -> Moment {
        Moment::Day(self.last.date_naive())
    }

    /// The currency of all amounts; `None` without any.
    pub(crate) fn currency(&self) -> Result<Option<Currency>, Failure> {
        let mut known = None;
        for summary in self.live.summaries(AsOf::at(self.last)) {
            let summary = summary.map_err(|error| Failure::refused(&self.file, error))?;
            let Some(found) = summary.money().currency() else {
                continue;
            };
            let expected = *known.get_or_insert(found);
            if expected != found {
                return Err(Failure::unexpected(
                    &self.file,
                    format!("amounts in one currency, {expected}"),
                    format!("{found} of customer {}", summary.customer()),
                ));
            }
        }
        Ok(known)
    }

    /// Purchases and money as of an instant, as a log of transactions would have them.
    pub(crate) fn as_of(&self, at: DateTime<Utc>) -> Result<Log, Failure> {
        let rules = Arc::clone(self.live.rules());
        let mut base = CustomerBase::with_rules(*self.live.policy(), rules);
        for customer in self.live.customers() {
            for timeline in self.live.timelines(customer.as_str()) {
                let view = timeline.as_of(AsOf::at(at));
                if !view.is_empty() {
                    base.replace_with_view(&view)
                        .map_err(|error| Failure::refused(&self.file, error))?;
                }
            }
        }
        Ok(Log {
            file: self.file.clone(),
            base,
            rows: self.counts.lines,
            first: self.first,
            last: self.last,
        })
    }
}

/// The base refused the interaction that was read last.
fn refused(lines: &Lines, error: &SummaryError) -> Failure {
    let reason = match error {
        SummaryError::Customer { reason, .. } => reason,
        other => other,
    };
    let field = match reason {
        SummaryError::History(HistoryError::Conflict { .. }) => "id",
        SummaryError::History(HistoryError::CorrectionCycle { .. }) => "corrects",
        _ => "kind",
    };
    lines.refused(field, error)
}
