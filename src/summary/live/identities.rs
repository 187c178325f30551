//! Which identities are one customer, and under whose name.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::CustomerId;

/// Identities that are one customer under another name (身份合并); every other one is a customer by
/// itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Identities {
    /// The name that an identity is answered under, which is joined to no other.
    joined: BTreeMap<CustomerId, CustomerId>,
    /// The same the other way round.
    members: BTreeMap<CustomerId, BTreeSet<CustomerId>>,
}

impl Identities {
    /// The name that an identity is answered under.
    pub(super) fn head<'a>(&'a self, identity: &'a CustomerId) -> &'a CustomerId {
        self.joined.get(identity).unwrap_or(identity)
    }

    /// Whether an identity is answered under another name.
    pub(super) fn is_joined(&self, identity: &CustomerId) -> bool {
        self.joined.contains_key(identity)
    }

    /// All identities of a customer, in order of their names.
    pub(super) fn of<'a>(&'a self, customer: &'a str) -> Vec<&'a str> {
        let head = self
            .joined
            .get(customer)
            .map_or(customer, CustomerId::as_str);
        let others = self.members.get(head).into_iter().flatten();
        let mut names: Vec<&str> = others.map(CustomerId::as_str).collect();
        names.push(head);
        names.sort_unstable();
        names
    }

    /// Joins an identity that is not joined yet, and all that are joined to it, to a name that is
    /// joined to no other.
    pub(super) fn join(&mut self, identity: &CustomerId, head: &CustomerId) {
        let mut members = self.members.remove(identity).unwrap_or_default();
        members.insert(identity.clone());
        for member in &members {
            self.joined.insert(member.clone(), head.clone());
        }
        let all = self.members.entry(head.clone()).or_default();
        all.append(&mut members);
    }

    /// Parts an identity from the name it was joined to; says whether it was.
    pub(super) fn split(&mut self, identity: &CustomerId) -> bool {
        let Some(head) = self.joined.remove(identity) else {
            return false;
        };
        if let Some(members) = self.members.get_mut(&head) {
            members.remove(identity);
            if members.is_empty() {
                self.members.remove(&head);
            }
        }
        true
    }

    /// Parts all identities of a customer, and names them.
    pub(super) fn dissolve(&mut self, customer: &CustomerId) -> BTreeSet<CustomerId> {
        let head = self.head(customer).clone();
        let mut identities = self.members.remove(&head).unwrap_or_default();
        for identity in &identities {
            self.joined.remove(identity);
        }
        identities.insert(head);
        identities
    }

    /// Each joined identity with the name it is answered under.
    #[cfg(feature = "serde")]
    pub(super) fn into_joined(self) -> BTreeMap<CustomerId, CustomerId> {
        self.joined
    }
}
