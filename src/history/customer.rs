//! Who a customer is: the party, its people, its other names, and what it allows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::channel::Channel;
use super::consent::ConsentRecord;
use super::error::HistoryError;
use super::id::CustomerId;
use super::rank::Rank;
use crate::quantity::Fraction;

/// On which side of the business a party stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Role {
    /// Buys from the firm (需求方); a core customer.
    Demander,
    /// Sells to the firm (供应方); a core customer.
    Supplier,
    /// Any other related party (辅助方).
    Auxiliary,
}

/// Whether a party is one person or many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum PartyKind {
    /// A natural person.
    Person,
    /// A firm, a household, a public body.
    Organisation,
}

/// A person inside an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ContactPerson {
    /// Names the person within the organisation; a pseudonym will do.
    pub key: String,
    /// How high the person stands.
    pub rank: Rank,
}

/// A name under which another channel knows the customer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Alias {
    /// The channel.
    pub channel: Channel,
    /// The name there.
    pub external_id: String,
}

/// A label somebody or something put on a customer: a feature, never evidence by itself.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Tag {
    /// What it says.
    pub label: String,
    /// How sure its source is.
    pub confidence: Fraction,
    /// Who or what says so.
    pub source: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// A party in a business relation with the firm (客户).
///
/// # Examples
///
/// ```
/// use guanxi::history::{ContactPerson, Customer, CustomerId, PartyKind, Rank, Role};
///
/// let buyer = Customer::new(CustomerId::new("c-17")?, Role::Demander, PartyKind::Organisation)
///     .with_contact(ContactPerson { key: "purchasing".to_owned(), rank: Rank::Director })?;
/// assert_eq!(buyer.contacts().map(|c| c.rank.level()).sum::<f64>(), 0.75);
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Record", into = "Record"))]
pub struct Customer {
    id: CustomerId,
    role: Role,
    kind: PartyKind,
    contacts: BTreeMap<String, ContactPerson>,
    aliases: BTreeSet<Alias>,
    tags: Vec<Tag>,
    consent: ConsentRecord,
}

impl Customer {
    /// A party of which nothing else is known; without consent to anything.
    #[must_use]
    pub fn new(id: CustomerId, role: Role, kind: PartyKind) -> Self {
        Self {
            id,
            role,
            kind,
            contacts: BTreeMap::new(),
            aliases: BTreeSet::new(),
            tags: Vec::new(),
            consent: ConsentRecord::default(),
        }
    }

    /// Adds a person inside the organisation, in the place of an earlier one of the same key.
    ///
    /// # Errors
    ///
    /// [`HistoryError::ContactOfPerson`] if the customer is no organisation.
    pub fn with_contact(mut self, contact: ContactPerson) -> Result<Self, HistoryError> {
        if self.kind == PartyKind::Person {
            return Err(HistoryError::ContactOfPerson {
                customer: self.id,
                key: contact.key,
            });
        }
        self.contacts.insert(contact.key.clone(), contact);
        Ok(self)
    }

    /// Adds a name in another channel.
    #[must_use]
    pub fn with_alias(mut self, channel: Channel, external_id: impl Into<String>) -> Self {
        self.aliases.insert(Alias {
            channel,
            external_id: external_id.into(),
        });
        self
    }

    /// Adds a label.
    #[must_use]
    pub fn with_tag(mut self, tag: Tag) -> Self {
        self.tags.push(tag);
        self
    }

    /// Adds what the customer allows to what is known of it.
    #[must_use]
    pub fn with_consent(mut self, consent: ConsentRecord) -> Self {
        self.consent.merge(consent);
        self
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &CustomerId {
        &self.id
    }

    /// On which side it stands.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// Person or organisation.
    #[must_use]
    pub fn kind(&self) -> PartyKind {
        self.kind
    }

    /// The people inside it, by key.
    pub fn contacts(&self) -> impl Iterator<Item = &ContactPerson> {
        self.contacts.values()
    }

    /// Its names in other channels.
    pub fn aliases(&self) -> impl Iterator<Item = &Alias> {
        self.aliases.iter()
    }

    /// Its labels, in the order they were given.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// What it allows.
    #[must_use]
    pub fn consent(&self) -> &ConsentRecord {
        &self.consent
    }
}

/// The form a customer is written in.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a customer")]
struct Record {
    id: CustomerId,
    role: Role,
    kind: PartyKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    contacts: Vec<ContactPerson>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    aliases: BTreeSet<Alias>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(default)]
    consent: ConsentRecord,
}

#[cfg(feature = "serde")]
impl From<Customer> for Record {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.id,
            role: customer.role,
            kind: customer.kind,
            contacts: customer.contacts.into_values().collect(),
            aliases: customer.aliases,
            tags: customer.tags,
            consent: customer.consent,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Record> for Customer {
    type Error = HistoryError;

    fn try_from(record: Record) -> Result<Self, HistoryError> {
        let mut customer = Self::new(record.id, record.role, record.kind);
        for contact in record.contacts {
            customer = customer.with_contact(contact)?;
        }
        customer.aliases = record.aliases;
        customer.tags = record.tags;
        customer.consent = record.consent;
        Ok(customer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_no_contact_persons() {
        let id = CustomerId::new("c").unwrap();
        let contact = ContactPerson {
            key: "k".to_owned(),
            rank: Rank::KeyPerson,
        };
        let error = Customer::new(id, Role::Supplier, PartyKind::Person)
            .with_contact(contact)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "customer c: only an organisation has contact persons, got the person \"k\""
        );
    }

    #[test]
    fn a_contact_of_the_same_key_is_replaced() {
        let id = CustomerId::new("c").unwrap();
        let contact = |rank| ContactPerson {
            key: "k".to_owned(),
            rank,
        };
        let customer = Customer::new(id, Role::Auxiliary, PartyKind::Organisation)
            .with_contact(contact(Rank::Operational))
            .and_then(|c| c.with_contact(contact(Rank::Director)))
            .unwrap();
        let ranks: Vec<Rank> = customer.contacts().map(|c| c.rank).collect();
        assert_eq!(ranks, [Rank::Director]);
    }
}
