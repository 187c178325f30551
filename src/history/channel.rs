//! Who began an interaction, and through what.

/// Who began an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Initiator {
    /// The customer.
    Customer,
    /// The firm.
    Firm,
    /// A third party, such as a customer who was referred.
    Third,
}

/// Through what an interaction took place (渠道).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Channel {
    /// A shop or branch.
    Store,
    /// A web site.
    Web,
    /// An app of the firm.
    App,
    /// A telephone call.
    Phone,
    /// Electronic mail.
    Email,
    /// A chat, by a person or a machine.
    Chat,
    /// A public social network.
    Social,
    /// A community of customers.
    Community,
    /// A meeting in person away from a shop.
    InPerson,
    /// A partner, such as a dealer.
    Partner,
    /// Mail on paper.
    Mail,
    /// Anything else.
    Other,
}
