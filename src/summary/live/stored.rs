//! How a live base is written down, and the doubts it is read with.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::dropped::Dropped;
use super::one::Live;
use super::{LiveBase, asks_for_erasure};
use crate::history::{CustomerId, Interaction, Timeline};
use crate::summary::{EvidencePolicy, SummaryError, SummaryPolicy};

/// A live base is stored as what was recorded; the states are made again when it is read.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "LiveBase")]
pub(super) struct LiveRow {
    policy: SummaryPolicy,
    #[serde(default)]
    rules: EvidencePolicy,
    timelines: Vec<Timeline>,
    #[serde(default)]
    erased: BTreeMap<CustomerId, DateTime<Utc>>,
    #[serde(default)]
    joined: BTreeMap<CustomerId, CustomerId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    dropped: Dropped,
}

impl From<LiveBase> for LiveRow {
    fn from(base: LiveBase) -> Self {
        let timelines = base.customers.into_values().map(|live| live.timeline);
        Self {
            policy: base.policy,
            rules: EvidencePolicy::clone(&base.rules),
            timelines: timelines.collect(),
            erased: base.erased,
            joined: base.identities.into_joined(),
            dropped: base.dropped,
        }
    }
}

impl TryFrom<LiveRow> for LiveBase {
    type Error = SummaryError;

    fn try_from(row: LiveRow) -> Result<Self, SummaryError> {
        let refused = |expected, found: &CustomerId| SummaryError::StoredState {
            expected,
            found: format!("others of customer {found}"),
        };
        let mut base = Self::with_rules(row.policy, Arc::new(row.rules));
        base.erased = row.erased;
        base.dropped = row.dropped;
        for timeline in row.timelines {
            let customer = timeline.customer().clone();
            if base.customers.contains_key(&customer) {
                return Err(SummaryError::StoredTwice { customer });
            }
            let erased = base.erased.get(&customer);
            let kept = |i: &Interaction| {
                !asks_for_erasure(i) && erased.is_none_or(|at| i.occurred_at() > *at)
            };
            let dropped = base.dropped.get(&customer);
            if timeline
                .interactions()
                .any(|i| dropped.is_some_and(|d| d.contains_key(i.id())))
            {
                return Err(refused("no interaction that was dropped", &customer));
            }
            if !timeline.interactions().all(kept) {
                let expected = "interactions after an erasure only, and no request for one";
                return Err(refused(expected, &customer));
            }
            let live = Live::of(timeline, base.anew()).map_err(|e| e.of_customer(&customer))?;
            let Some(live) = live else {
                return Err(refused("timelines with interactions", &customer));
            };
            base.customers.insert(customer, live);
        }
        for (identity, into) in &row.joined {
            if row.joined.contains_key(into) {
                let expected = "identities joined to the name they are answered under";
                return Err(refused(expected, identity));
            }
            base.join(identity, into)?;
        }
        Ok(base)
    }
}
