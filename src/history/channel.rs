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

impl Channel {
    /// Every channel of the catalogue.
    pub const ALL: [Self; 12] = [
        Self::Store,
        Self::Web,
        Self::App,
        Self::Phone,
        Self::Email,
        Self::Chat,
        Self::Social,
        Self::Community,
        Self::InPerson,
        Self::Partner,
        Self::Mail,
        Self::Other,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does not compile when a channel is added, until it is counted here.
    const fn place(channel: Channel) -> usize {
        match channel {
            Channel::Store => 0,
            Channel::Web => 1,
            Channel::App => 2,
            Channel::Phone => 3,
            Channel::Email => 4,
            Channel::Chat => 5,
            Channel::Social => 6,
            Channel::Community => 7,
            Channel::InPerson => 8,
            Channel::Partner => 9,
            Channel::Mail => 10,
            Channel::Other => 11,
        }
    }

    #[test]
    fn every_channel_is_in_the_catalogue() {
        for (expected, channel) in Channel::ALL.into_iter().enumerate() {
            assert_eq!(place(channel), expected);
        }
    }
}
