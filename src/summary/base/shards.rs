//! A large log shared out by its customers.

use std::hash::BuildHasher;

use crate::history::Interaction;
use crate::numeric::chunks::{ALONE, Grain, for_each_mut, map};

use super::CustomerBase;

/// Parts of a log, whatever the number of threads.
const SHARDS: u8 = 16;

/// Whether a log is so long, on its own and beside what is known already, that sharing pays.
pub(super) fn is_worth_it(base: &CustomerBase, log: &[&Interaction]) -> bool {
    log.len() >= ALONE && log.len() >= base.len()
}

impl CustomerBase {
    /// Takes in a whole log, or nothing of it if any interaction is refused: then one after the
    /// other says which.
    ///
    /// All interactions of a customer are in one shard, in their order, so that a shard is in the
    /// states that one base would be in.
    pub(super) fn observe_in_shards(&mut self, log: &[&Interaction]) -> bool {
        let mut shard_of = vec![0; log.len()];
        let marked: Result<(), ()> =
            for_each_mut(&mut shard_of, Grain::rows(8_192), |from, part| {
                for (shard, interaction) in part.iter_mut().zip(&log[from..]) {
                    *shard = self.shard(interaction.customer().as_str());
                }
                Ok(())
            });
        let shards = map(usize::from(SHARDS), Grain::EACH, |shard| {
            let mut base = self.without_customers();
            let rows = log.iter().zip(&shard_of);
            let own = rows.filter(|&(_, &of)| usize::from(of) == shard);
            base.observe_each(own.map(|(&interaction, _)| interaction))
                .map(|()| base)
        });
        let Ok(shards) = shards.into_iter().collect::<Result<Vec<_>, _>>() else {
            return false;
        };
        let Some(joined) = marked.ok().and_then(|()| self.joined(shards)) else {
            return false;
        };
        if self.is_empty() {
            *self = joined;
            return true;
        }
        self.merge(joined).is_ok()
    }

    /// Where a customer belongs, by bits of the hash that the table of places does not begin with.
    fn shard(&self, customer: &str) -> u8 {
        let [.., byte, _, _, _] = self.hasher.hash_one(customer).to_be_bytes();
        byte % SHARDS
    }

    /// A base by the same rules, and with the same hashes.
    fn without_customers(&self) -> Self {
        Self {
            hasher: self.hasher.clone(),
            ..Self::with_rules(self.policy, self.rules.clone())
        }
    }

    /// Shards that share no customer as one base; `None` beyond the most customers.
    fn joined(&self, shards: Vec<Self>) -> Option<Self> {
        let mut all = self.without_customers();
        let customers = shards.iter().map(Self::len).sum();
        all.table.reserve(customers);
        all.places.reserve(customers, |_| 0); // empty: nothing is hashed again
        for (id, state) in shards.into_iter().flat_map(|shard| shard.table) {
            all.insert(id, state).ok()?;
        }
        Some(all)
    }
}
