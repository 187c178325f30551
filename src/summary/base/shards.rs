//! A large log shared out by its customers.

use std::hash::BuildHasher;

use crate::history::Interaction;
use crate::numeric::chunks::{ALONE, Grain, for_each_mut, map};

use super::{CustomerBase, SummaryError, count_of};

/// Parts of a log, whatever the number of threads.
const SHARDS: u8 = 16;

/// Whether so many interactions are so many, by themselves and beside what is known already, that
/// sharing pays.
pub(super) fn is_worth_it(base: &CustomerBase, interactions: usize) -> bool {
    interactions >= base.len().max(ALONE)
}

impl CustomerBase {
    /// Takes in a whole log, or nothing of it if any interaction is refused: then one after the
    /// other says which.
    ///
    /// All interactions of a customer are in one shard, in their order, on top of what is known of
    /// the customer, so that states come out as they would of one base.
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
            let rows = log.iter().zip(&shard_of);
            let own = rows.filter(|&(_, &of)| usize::from(of) == shard);
            let own = own.map(|(&interaction, _)| interaction);
            let mut base = self.known_of(own.clone())?;
            base.observe_each(own).map(|()| base)
        });
        let shards: Result<Vec<Self>, SummaryError> = shards.into_iter().collect();
        match (marked, shards) {
            (Ok(()), Ok(shards)) => self.join(shards),
            _ => false,
        }
    }

    /// Where a customer belongs, by bits of the hash that the table of places does not begin with.
    fn shard(&self, customer: &str) -> u8 {
        let [.., byte, _, _, _] = self.hasher.hash_one(customer).to_be_bytes();
        byte % SHARDS
    }

    /// A base of those customers of some interactions who are known.
    fn known_of<'a>(
        &self,
        interactions: impl Iterator<Item = &'a Interaction>,
    ) -> Result<Self, SummaryError> {
        let mut known = Self {
            hasher: self.hasher.clone(),
            ..Self::with_rules(self.policy, self.rules.clone())
        };
        if !self.is_empty() {
            for customer in interactions.map(Interaction::customer) {
                if known.place(customer.as_str()).is_none() {
                    if let Some(state) = self.get(customer.as_str()) {
                        known.insert(customer.clone(), state.clone())?;
                    }
                }
            }
        }
        Ok(known)
    }

    /// Puts the states of shards, which share no customer, in the place of those known; not if there
    /// might be too many customers.
    fn join(&mut self, shards: Vec<Self>) -> bool {
        let customers = shards.iter().map(Self::len).sum();
        if count_of(self.len() + customers).is_err() {
            return false;
        }
        if self.is_empty() {
            self.table.reserve(customers);
            self.places.reserve(customers, |_| 0); // there is none to be hashed again
        }
        for (id, state) in shards.into_iter().flat_map(|shard| shard.table) {
            match self.state_mut(id.as_str()) {
                Some((_, place)) => *place = state,
                // It is known that there is room.
                None => {
                    if self.insert(id, state).is_err() {
                        return false;
                    }
                }
            }
        }
        true
    }
}
