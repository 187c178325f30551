//! The rules by which interactions become evidence.

#[cfg(feature = "serde")]
use crate::quantity::stored::read_fraction;
use crate::quantity::{Fingerprint, Fraction, HalfLife, PolicyId, Span};

use super::{ConsentPolicy, Instrument, Instruments};

/// How fast evidence fades, how lateness is judged, how instruments are read and what may be read
/// at all (证据规则).
///
/// What evidence *weighs* is decided when it is scored, by the policy of each dimension. Here is
/// only what must be settled when an event comes in, because a state keeps sums and not events. Two
/// states merge only under equal rules.
///
/// | rule | default | why |
/// |---|---|---|
/// | half-life of trust | 180 days | our choice; simulated customers only |
/// | half-life of feeling | 90 days | our choice; simulated customers only |
/// | half-lives of preferences, slow and fast | 365 and 30 days | our choice |
/// | half-life of feedback | 365 days | our choice |
/// | half-life of contacts | 90 days | our choice |
/// | half-life of purchases at a discount and of offers | 365 days | our choice |
/// | half-life of evidence of partnership | 1 year | our choice; simulated customers only (`tier`) |
/// | half-life of past outcomes of an exchange | 365 days | our choice; simulated customers only |
/// | a late delivery counts half as kept after | 3 days | our choice |
/// | a slow resolution counts half as good after | 7 days | our choice |
/// | a late payment counts half as made after | 15 days | our choice |
/// | instruments | [`Instruments`] | our choice |
/// | arousal of an event of a kind that has none, where its valence was stated | 0.2 | our choice: that of a contact |
/// | a plain purchase tells of feeling | no | a log of purchases says nothing measured of it |
/// | consent | [`ConsentPolicy`] | our choice |
///
/// That evidence fades by half-lives is established (Jøsang & Ismail 2002; West & Harrison 1997);
/// their lengths are not.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{HalfLife, Span};
/// use guanxi::summary::EvidencePolicy;
///
/// let patient = EvidencePolicy::default().with_trust(HalfLife::new(Span::years(2.0)?)?);
/// assert_eq!(patient.trust().span(), Some(Span::years(2.0)?));
/// assert_eq!(patient.affect().span(), Some(Span::days(90.0)?));
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct EvidencePolicy {
    trust: HalfLife,
    affect: HalfLife,
    preference_fast: HalfLife,
    preference_slow: HalfLife,
    feedback: HalfLife,
    engagement: HalfLife,
    offers: HalfLife,
    partnership: HalfLife,
    outcomes: HalfLife,
    late_delivery: HalfLife,
    complaint_latency: HalfLife,
    late_payment: HalfLife,
    instruments: Instruments,
    /// From 0 to 1.
    #[cfg_attr(feature = "serde", serde(deserialize_with = "read_fraction"))]
    unstated_arousal: f64,
    purchase_feeling: bool,
    consent: ConsentPolicy,
}

/// A half-life of days.
fn days(length: f64) -> HalfLife {
    Span::days(length)
        .and_then(HalfLife::new)
        .unwrap_or(HalfLife::NEVER)
}

impl Default for EvidencePolicy {
    fn default() -> Self {
        Self {
            trust: days(180.0),
            affect: days(90.0),
            preference_fast: days(30.0),
            preference_slow: days(365.0),
            feedback: days(365.0),
            engagement: days(90.0),
            offers: days(365.0),
            partnership: days(365.25),
            outcomes: days(365.0),
            late_delivery: days(3.0),
            complaint_latency: days(7.0),
            late_payment: days(15.0),
            instruments: Instruments::default(),
            unstated_arousal: 0.2,
            purchase_feeling: false,
            consent: ConsentPolicy::default(),
        }
    }
}

/// A rule that is a half-life: how it is set and read.
macro_rules! half_lives {
    ($( $(#[$doc:meta])* $name:ident / $with:ident; )*) => {
        impl EvidencePolicy {
            $(
                #[doc = concat!("The same rules with another [`", stringify!($name), "`](Self::", stringify!($name), ").")]
                #[must_use]
                pub fn $with(mut self, $name: HalfLife) -> Self {
                    self.$name = $name;
                    self
                }

                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> HalfLife {
                    self.$name
                }
            )*

            fn half_lives(&self) -> [HalfLife; 12] {
                [$( self.$name ),*]
            }
        }
    };
}

half_lives! {
    /// Half-life of evidence of trust.
    trust / with_trust;
    /// Half-life of evidence of feeling.
    affect / with_affect;
    /// Half-life of the preferences that tell of a change of needs.
    preference_fast / with_preference_fast;
    /// Half-life of the preferences that tell what a customer is like.
    preference_slow / with_preference_slow;
    /// Half-life of feedback.
    feedback / with_feedback;
    /// Half-life of contacts.
    engagement / with_engagement;
    /// Half-life of purchases at a discount and of offers.
    offers / with_offers;
    /// Half-life of evidence of how close a relationship is.
    partnership / with_partnership;
    /// Half-life of past outcomes of an exchange, as a comparison level remembers them.
    outcomes / with_outcomes;
    /// How late a delivery is that counts half as kept.
    late_delivery / with_late_delivery;
    /// How long a resolution takes that counts half as good.
    complaint_latency / with_complaint_latency;
    /// How late a payment is that counts half as made.
    late_payment / with_late_payment;
}

impl EvidencePolicy {
    /// The same rules with other readings of the instruments.
    #[must_use]
    pub fn with_instruments(mut self, instruments: Instruments) -> Self {
        self.instruments = instruments;
        self
    }

    /// The same rules with another arousal for events of a kind that has none, such as a cost, where
    /// their valence was stated.
    ///
    /// The default, 0.2 as of a contact, is our choice; no data speaks for it.
    #[must_use]
    pub fn with_unstated_arousal(mut self, arousal: Fraction) -> Self {
        self.unstated_arousal = arousal.value();
        self
    }

    /// The same rules, where a purchase whose valence was not stated counts as a mildly pleasant
    /// event, or does not count.
    #[must_use]
    pub fn with_purchase_feeling(mut self, counts: bool) -> Self {
        self.purchase_feeling = counts;
        self
    }

    /// The same rules with others on consent.
    #[must_use]
    pub fn with_consent(mut self, consent: ConsentPolicy) -> Self {
        self.consent = consent;
        self
    }

    /// How the instruments are read.
    #[must_use]
    pub fn instruments(&self) -> &Instruments {
        &self.instruments
    }

    /// Arousal of an event of a kind that has none, where its valence was stated: from 0 to 1.
    #[must_use]
    pub fn unstated_arousal(&self) -> f64 {
        self.unstated_arousal
    }

    /// Whether a purchase whose valence was not stated tells of feeling.
    #[must_use]
    pub fn purchase_feeling(&self) -> bool {
        self.purchase_feeling
    }

    /// What may be read.
    #[must_use]
    pub fn consent(&self) -> &ConsentPolicy {
        &self.consent
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let mut print = Fingerprint::of("evidence");
        for half_life in self.half_lives() {
            print = print.half_life(half_life);
        }
        for instrument in Instrument::ALL {
            let calibration = self.instruments.get(instrument);
            print = print
                .number(calibration.intercept())
                .number(calibration.slope())
                .number(calibration.noise_variance());
        }
        print = print.number(self.unstated_arousal);
        print = print.whole(u64::from(self.purchase_feeling));
        self.consent.fingerprint(print).id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Purpose;
    use crate::summary::{Calibration, ConsentRule};

    #[test]
    fn every_rule_changes_the_id() {
        let rules = EvidencePolicy::default();
        let year = days(366.0);
        let noise = Calibration::new(0.0, 1.0, 9.0).unwrap();
        let instruments = Instruments::default().with(Instrument::Note, noise);
        let consent = ConsentPolicy::default().with(Purpose::Sharing, ConsentRule::Duty);
        let changed = [
            rules.clone().with_trust(year),
            rules.clone().with_affect(year),
            rules.clone().with_preference_fast(year),
            rules.clone().with_preference_slow(year),
            rules.clone().with_feedback(year),
            rules.clone().with_engagement(year),
            rules.clone().with_offers(year),
            rules.clone().with_partnership(year),
            rules.clone().with_outcomes(year),
            rules.clone().with_late_delivery(year),
            rules.clone().with_complaint_latency(year),
            rules.clone().with_late_payment(HalfLife::NEVER),
            rules.clone().with_instruments(instruments),
            rules
                .clone()
                .with_unstated_arousal(Fraction::new(0.3).unwrap()),
            rules.clone().with_purchase_feeling(true),
            rules.clone().with_consent(consent),
        ];
        let mut ids: Vec<_> = changed.iter().map(EvidencePolicy::id).collect();
        ids.push(rules.id());
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), changed.len() + 1);
    }
}
