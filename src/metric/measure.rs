//! The measures of a log, and what each needs of it.

use super::MetricError;
use crate::history::{AsOf, ContractEvent, Interaction, Kind, QuoteEvent};

/// A measure that a log may support or not (指标).
///
/// A log of purchases alone holds no answer to a survey: its measures of satisfaction are not 0,
/// they are not in the log. Each function that reads a log says so by
/// [`MetricError::NotInLog`]; [`Measure::supported`] tells for all measures at once.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, Purchase};
/// use guanxi::metric::Measure;
/// use guanxi::quantity::{Currency, Money};
///
/// let at = DateTime::UNIX_EPOCH;
/// let bought = Purchase::new(Money::parse("9.90", Currency::EUR)?)?;
/// let log = [Interaction::new(InteractionId::new("p")?, CustomerId::new("c")?, at, bought)?];
/// let supported = Measure::supported(&log, AsOf::at(at));
/// assert!(supported.contains(&Measure::Repurchase));
/// assert!(!supported.contains(&Measure::NetPromoterScore));
/// assert_eq!(
///     Measure::NetPromoterScore.not_in_log().to_string(),
///     "the net promoter score is not in this log: it needs answers of kind nps_survey",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Measure {
    /// [`Nps`](super::Nps) (净推荐值).
    NetPromoterScore,
    /// [`Csat`](super::Csat) (满意度).
    Satisfaction,
    /// [`Ces`](super::Ces) (费力度).
    Effort,
    /// Retention (留存率), churn (流失率) and survival of [contracts](super::ContractHistory).
    Retention,
    /// Renewal (续约率) of [contracts](super::ContractHistory).
    Renewal,
    /// [Repurchase](super::repurchase_rate) (复购率).
    Repurchase,
    /// The [cohort triangle](super::CohortTriangle) (同期群) of purchases.
    Cohorts,
    /// The stated [share of wallet](super::stated_share_of_wallet) (钱包份额).
    ShareOfWallet,
    /// The [price premium](super::PricePremium) tolerated (溢价).
    PricePremium,
    /// The trend of the [cost to serve](super::CostTrend) (服务成本).
    CostToServe,
    /// The [referral rate](super::referral_rate) (推荐率).
    Referral,
    /// [Stickiness](super::stickiness) (黏性).
    Stickiness,
    /// [Response times](super::response_minutes) (响应时间).
    ResponseTime,
    /// The [diversity of channels](super::channel_diversity) (渠道多样性).
    ChannelDiversity,
    /// The [agreement of coders](super::coder_agreement) (编码一致性).
    CoderAgreement,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::NetPromoterScore,
        Self::Satisfaction,
        Self::Effort,
        Self::Retention,
        Self::Renewal,
        Self::Repurchase,
        Self::Cohorts,
        Self::ShareOfWallet,
        Self::PricePremium,
        Self::CostToServe,
        Self::Referral,
        Self::Stickiness,
        Self::ResponseTime,
        Self::ChannelDiversity,
        Self::CoderAgreement,
    ];

    /// Its name, with its article.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    /// What a log must hold for it.
    #[must_use]
    pub const fn needs(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NetPromoterScore => ("the net promoter score", "answers of kind nps_survey"),
            Self::Satisfaction => ("the satisfaction score", "answers of kind csat_survey"),
            Self::Effort => ("the effort score", "answers of kind ces_survey"),
            Self::Retention => (
                "the retention of contracts",
                "signed, renewed, cancelled or expired contracts",
            ),
            Self::Renewal => (
                "the renewal rate",
                "contracts that are renewed, expire or have a stated term",
            ),
            Self::Repurchase => ("the repurchase rate", "purchases"),
            Self::Cohorts => ("the cohort triangle", "purchases"),
            Self::ShareOfWallet => (
                "the stated share of wallet",
                "survey items on share_of_wallet",
            ),
            Self::PricePremium => (
                "the price premium tolerated",
                "quotes that were won or lost, with their price_gap",
            ),
            Self::CostToServe => ("the cost to serve", "costs to serve above 0"),
            Self::Referral => ("the referral rate", "interactions of kind referral_made"),
            Self::Stickiness => ("the stickiness", "interactions begun by customers"),
            Self::ResponseTime => ("the response time", "contacts with response_minutes"),
            Self::ChannelDiversity => (
                "the diversity of channels",
                "interactions with a stated channel",
            ),
            Self::CoderAgreement => (
                "the agreement of coders",
                "notes of one episode, or of one customer and instant, by two coders",
            ),
        }
    }

    /// The error of a log that does not support it.
    #[must_use]
    pub const fn not_in_log(self) -> MetricError {
        let (metric, needs) = self.words();
        MetricError::NotInLog { metric, needs }
    }

    /// The measures that a log supports, in the order of [`ALL`](Self::ALL): it holds at least one
    /// interaction of the kind up to the instant, as known. Whether that is enough for an interval
    /// is for the measure to say.
    ///
    /// For [`CoderAgreement`](Self::CoderAgreement) it looks for notes of two coders; whether they
    /// coded the same is told when it is asked for.
    #[must_use]
    pub fn supported<'a>(log: impl IntoIterator<Item = &'a Interaction>, as_of: AsOf) -> Vec<Self> {
        let mut found = [false; Self::ALL.len()];
        let mut coders: [Option<&str>; 2] = [None; 2];
        for interaction in super::window::known(log, as_of) {
            for (measure, found) in Self::ALL.into_iter().zip(&mut found) {
                *found = *found || measure.is_fed_by(interaction);
            }
            if let Kind::QualitativeNote(note) = interaction.kind() {
                match (coders, note.coder()) {
                    ([None, _], Some(coder)) => coders[0] = Some(coder),
                    ([Some(first), None], Some(coder)) if coder != first => coders[1] = Some(coder),
                    _ => {}
                }
            }
        }
        Self::ALL
            .into_iter()
            .zip(found)
            .filter(|&(measure, found)| {
                found || (measure == Self::CoderAgreement && coders[1].is_some())
            })
            .map(|(measure, _)| measure)
            .collect()
    }

    /// Whether an interaction feeds it, so that the customers it rests on can be counted and
    /// [small groups](super::SmallGroups) of them suppressed.
    ///
    /// Never of [`CoderAgreement`](Self::CoderAgreement), which takes two notes together.
    #[must_use]
    pub fn is_fed_by(self, interaction: &Interaction) -> bool {
        let kind = interaction.kind();
        match self {
            Self::NetPromoterScore => matches!(kind, Kind::NpsSurvey(_)),
            Self::Satisfaction => matches!(kind, Kind::CsatSurvey(_)),
            Self::Effort => matches!(kind, Kind::CesSurvey(_)),
            Self::Retention => matches!(kind, Kind::Contract(_)),
            Self::Renewal => match kind {
                Kind::Contract(contract) => {
                    contract.term().is_some()
                        || matches!(
                            contract.event(),
                            ContractEvent::Renewed | ContractEvent::Expired
                        )
                }
                _ => false,
            },
            Self::Repurchase | Self::Cohorts => matches!(kind, Kind::Purchase(_)),
            Self::ShareOfWallet => match kind {
                Kind::SurveyItem(item) => super::wallet::is_ours(item),
                _ => false,
            },
            Self::PricePremium => match kind {
                Kind::Quote(quote) => {
                    quote.price_gap().is_some()
                        && matches!(quote.event(), QuoteEvent::Won | QuoteEvent::Lost)
                }
                _ => false,
            },
            Self::CostToServe => super::cost_trend::is_a_cost(interaction),
            Self::Referral => matches!(kind, Kind::ReferralMade(_)),
            Self::Stickiness => super::stickiness::is_active(interaction),
            Self::ResponseTime => match kind {
                Kind::Contact(contact) => contact.response_minutes().is_some(),
                _ => false,
            },
            Self::ChannelDiversity => interaction.channel().is_some(),
            Self::CoderAgreement => false, // told by two interactions together
        }
    }
}
