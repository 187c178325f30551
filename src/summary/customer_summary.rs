//! One customer as of an instant: what scorers and models read.

use chrono::{DateTime, Utc};

use crate::history::{ConsentRecord, CustomerId};
use crate::quantity::PolicyId;

use super::evidence_summary::EvidenceSummary;
use super::{
    AdvocacyEvidence, AffectEvidence, Conversion, EngagementEvidence, EvidenceKind,
    ExchangeEvidence, FeedbackEvidence, Journeys, MoneyAccount, NetworkEvidence, OfferEvidence,
    PartnershipEvidence, PreferenceEvidence, ProfileEvidence, RfmSummary, TrustEvidence,
    Unreadable, Withheld,
};

/// One customer as of an instant: what scorers and models read.
///
/// # Examples
///
/// A model needs no log: a published summary will do.
///
/// ```
/// use guanxi::history::CustomerId;
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::{CustomerSummary, RfmSummary};
///
/// let rfm = RfmSummary::new(TimeUnit::Week, 2, 30.43, 38.86)?;
/// let customer = CustomerSummary::from_rfm(CustomerId::new("0001")?, rfm);
/// assert_eq!(customer.rfm().map(RfmSummary::frequency), Some(2));
/// assert_eq!(customer.as_of(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::SummaryRow",
        into = "super::stored::SummaryRow"
    )
)]
pub struct CustomerSummary {
    pub(super) customer: CustomerId,
    pub(super) as_of: Option<DateTime<Utc>>,
    pub(super) rfm: Option<RfmSummary>,
    pub(super) money: MoneyAccount,
    /// The rules by which its evidence was made of events.
    pub(super) rules: Option<PolicyId>,
    /// Why the customer may not be judged as a whole, if so.
    pub(super) not_modelled: Option<Withheld>,
    pub(super) evidence: Option<Box<EvidenceSummary>>,
}

impl CustomerSummary {
    /// A customer of whom only an RFM summary is known: no instant, no money account and no other
    /// evidence.
    #[must_use]
    pub fn from_rfm(customer: CustomerId, rfm: RfmSummary) -> Self {
        Self {
            customer,
            as_of: None,
            rfm: Some(rfm),
            money: MoneyAccount::default(),
            rules: None,
            not_modelled: None,
            evidence: None,
        }
    }

    /// Who it is.
    #[must_use]
    pub fn customer(&self) -> &CustomerId {
        &self.customer
    }

    /// The instant it was taken as of; `None` if it was not taken from events.
    #[must_use]
    pub fn as_of(&self) -> Option<DateTime<Utc>> {
        self.as_of
    }

    /// Frequency, recency, age and mean spend; `None` without a transaction up to the instant.
    #[must_use]
    pub fn rfm(&self) -> Option<&RfmSummary> {
        self.rfm.as_ref()
    }

    /// Revenue and costs up to the instant.
    #[must_use]
    pub fn money(&self) -> &MoneyAccount {
        &self.money
    }

    /// What there is of the customer that may not be read, and why; it is in no part of the
    /// summary.
    #[must_use]
    pub fn withheld(&self) -> &[Withheld] {
        self.evidence
            .as_ref()
            .map_or(&[], |evidence| evidence.withheld())
    }

    /// An error if purchases and money may not be read; without it, a missing
    /// [`rfm`](Self::rfm) says that the customer has not bought.
    ///
    /// # Errors
    ///
    /// [`Withheld`], naming the purpose and how the consent for it stood.
    pub fn economic(&self) -> Result<(), Withheld> {
        match &self.evidence {
            Some(evidence) => evidence.permitted(EvidenceKind::Economic),
            None => Ok(()),
        }
    }

    /// The rules by which its evidence was made of events; `None` without any.
    #[must_use]
    pub fn evidence_rules(&self) -> Option<PolicyId> {
        self.rules
    }

    /// An error if composites and segments may not be made of the customer: they need consent to
    /// analytics. A summary that was made by hand carries no such rule.
    ///
    /// # Errors
    ///
    /// [`Withheld`], naming the purpose and how the consent for it stood.
    pub fn modelled(&self) -> Result<(), Withheld> {
        self.not_modelled.map_or(Ok(()), Err)
    }

    /// What the customer allowed, if anything was said.
    #[must_use]
    pub fn consent(&self) -> Option<&ConsentRecord> {
        self.evidence.as_ref().map(|evidence| evidence.consent())
    }

    /// How many newcomers whom the customer brought are left out of the
    /// [`network`](Self::network), because they withdrew their own consent to sharing or were
    /// erased.
    #[must_use]
    pub fn hidden_newcomers(&self) -> u64 {
        let evidence = self.evidence.as_ref();
        evidence.map_or(0, |evidence| evidence.hidden_newcomers())
    }

    pub(super) fn hide_newcomers(&mut self, hides: impl Fn(&Conversion) -> bool) {
        if let Some(evidence) = &mut self.evidence {
            evidence.hide_newcomers(hides);
        }
    }

    #[cfg(feature = "serde")]
    pub(super) fn evidence(&self) -> Option<&EvidenceSummary> {
        self.evidence.as_deref()
    }

    /// A summary of parts that fit each other.
    #[cfg(feature = "serde")]
    pub(super) fn from_parts(
        customer: CustomerId,
        as_of: Option<DateTime<Utc>>,
        rfm: Option<RfmSummary>,
        money: MoneyAccount,
        (rules, not_modelled): (Option<PolicyId>, Option<Withheld>),
        evidence: Option<Box<EvidenceSummary>>,
    ) -> Self {
        Self {
            customer,
            as_of,
            rfm,
            money,
            rules,
            not_modelled,
            evidence,
        }
    }
}

/// A reader of one state of a summary.
macro_rules! readers {
    ($( $(#[$doc:meta])* $name:ident: $type:ty; )*) => {
        impl CustomerSummary {
            $(
                $(#[$doc])*
                ///
                /// `None` without any.
                ///
                /// # Errors
                ///
                /// [`Unreadable`] if there is some and it may not be read, or is of a later
                /// instant.
                pub fn $name(&self) -> Result<Option<&$type>, Unreadable> {
                    match &self.evidence {
                        Some(evidence) => evidence.$name(),
                        None => Ok(None),
                    }
                }
            )*
        }
    };
}

readers! {
    /// Evidence of trust, faded to the instant.
    trust: TrustEvidence;
    /// Evidence of feeling, faded to the instant.
    affect: AffectEvidence;
    /// What the customer likes, faded to the instant.
    preferences: PreferenceEvidence;
    /// What is known of the customer's profile.
    profile: ProfileEvidence;
    /// What the customer told the firm, faded to the instant.
    feedback: FeedbackEvidence;
    /// Contacts and contracts, faded to the instant.
    engagement: EngagementEvidence;
    /// What the customer recommended.
    advocacy: AdvocacyEvidence;
    /// Whom the customer brought and moved, but for
    /// [those who may not be shown](Self::hidden_newcomers).
    network: NetworkEvidence;
    /// Episodes, step by step.
    journeys: Journeys;
    /// How the customer answers to prices and offers, faded to the instant.
    offers: OfferEvidence;
    /// How close the relationship is, faded to the instant.
    partnership: PartnershipEvidence;
    /// What the customer gets and gives up, and what there is instead.
    exchange: ExchangeEvidence;
}
