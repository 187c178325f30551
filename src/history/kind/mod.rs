//! What kinds of things happen between a firm and a customer, with the facts of each.

mod advocacy;
mod commerce;
mod firm;
mod information;
mod other;
mod payload;
mod relationship;
mod service;
mod survey;

pub use advocacy::{
    Community, CommunityEvent, InfluenceAttributed, Loyalty, LoyaltyEvent, ReferralConverted,
    ReferralMade,
};
pub use commerce::{
    Contract, ContractEvent, Offer, OfferEvent, Payment, PaymentEvent, Purchase, Quote, QuoteEvent,
    Return, ReturnOutcome, ReturnReason,
};
pub use firm::{
    Concession, CostToServe, Investment, InvestmentPurpose, Promise, PromiseEvent, Promiser,
};
pub use information::{
    Consent, Feedback, InfoDepth, InfoFlow, InfoShared, PreferenceObserved, ProfileAttribute,
    TrustFacet,
};
pub use other::OtherKind;
pub use relationship::{
    AgreementForm, ExecutiveContact, GoalHorizon, GoalReview, JointProject, Partnership,
    RelationshipChange, RelationshipEvent,
};
pub use service::{
    ComplaintOpened, ComplaintResolved, Contact, Delivery, Direction, Minutes, ServiceRequest,
};
pub use survey::{
    CesSurvey, Construct, CsatSurvey, NpsSurvey, QualitativeNote, Review, Scale, SurveyItem,
};

use chrono::{DateTime, Utc};

use super::channel::Initiator;
use crate::quantity::{Fraction, Valence};

const CUSTOMER: Initiator = Initiator::Customer;
const FIRM: Initiator = Initiator::Firm;
const THIRD: Initiator = Initiator::Third;
const ANYONE: Option<Initiator> = None;
const NOTHING: Option<f64> = None;

/// What a rule of the table says about a payload; some rules always have an answer.
fn ask<P, R: Into<Option<T>>, T>(payload: &P, rule: impl Fn(&P) -> R) -> Option<T> {
    rule(payload).into()
}

/// Defines [`Kind`] from one table. Each row: number, variant and payload, name when serialised,
/// who begins it, default valence, default arousal.
macro_rules! kinds {
    ($(
        $(#[$doc:meta])*
        $number:literal $kind:ident($payload:ty) $name:literal
            by $by:expr, feeling $feeling:expr, arousal $arousal:expr;
    )*) => {
        /// What kind of thing happened, with the facts of that kind.
        ///
        /// Serialised, a kind is a map from its name to its payload, `{"nps_survey": {"score":
        /// 9}}`. A payload that lacks what it needs, breaks a range or holds an unknown field is an
        /// error. A kind of an unknown name is kept verbatim as [`Kind::Other`] and feeds nothing. A
        /// name alone, `"service_request"`, stands for a payload in which nothing is stated. Formats
        /// must be self-describing, as JSON, CBOR and YAML are.
        ///
        /// # Examples
        ///
        /// ```
        /// use guanxi::history::{ComplaintOpened, Kind};
        /// use guanxi::quantity::Fraction;
        ///
        /// let complaint = Kind::from(ComplaintOpened::new().with_severity(Fraction::new(0.4)?));
        /// assert_eq!((complaint.name(), complaint.number()), ("complaint_opened", Some(6)));
        /// assert!(complaint.default_valence().is_some_and(|v| v.value() == -0.5)); // −0.3 − 0.5·0.4
        /// # Ok::<(), guanxi::quantity::QuantityError>(())
        /// ```
        ///
        #[doc = include_str!("kinds.md")]
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Kind {
            $( $(#[$doc])* $kind($payload), )*
            /// A kind this version does not know.
            Other(OtherKind),
        }

        impl Kind {
            /// The names of all known kinds, in the order of their numbers.
            pub const ALL_NAMES: [&'static str; [$($number),*].len()] = [$($name),*];

            /// The number of the kind in the catalogue, from 1; `None` for an unknown one.
            #[must_use]
            pub fn number(&self) -> Option<u8> {
                match self {
                    $( Self::$kind(_) => Some($number), )*
                    Self::Other(_) => None,
                }
            }

            pub(super) fn known_name(&self) -> Option<&'static str> {
                match self {
                    $( Self::$kind(_) => Some($name), )*
                    Self::Other(_) => None,
                }
            }

            /// Who begins an interaction of this kind, unless stated; `None` where anyone may.
            #[must_use]
            pub fn default_initiator(&self) -> Option<Initiator> {
                match self {
                    $( Self::$kind(payload) =>  ask(payload, $by), )*
                    Self::Other(_) => None,
                }
            }

            fn feeling(&self) -> Option<f64> {
                match self {
                    $( Self::$kind(payload) =>  ask(payload, $feeling), )*
                    Self::Other(_) => None,
                }
            }

            fn excitement(&self) -> Option<f64> {
                match self {
                    $( Self::$kind(_) => $arousal, )*
                    Self::Other(_) => None,
                }
            }
        }

        $(
            impl From<$payload> for Kind {
                fn from(payload: $payload) -> Self {
                    Self::$kind(payload)
                }
            }
        )*

        #[cfg(feature = "serde")]
        impl serde::Serialize for Kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $( Self::$kind(payload) => serializer.collect_map([($name, payload)]), )*
                    Self::Other(other) => {
                        serializer.collect_map([(other.name(), other.payload())])
                    }
                }
            }
        }

        #[cfg(feature = "serde")]
        impl Kind {
            /// Reads the payload that belongs to a name.
            fn read<'de, P: Payload<'de>>(name: &str, payload: P) -> Result<Self, P::Error> {
                match name {
                    $( $name => payload.read::<$payload>().map(Self::$kind), )*
                    _ => {
                        let payload = payload.read()?;
                        OtherKind::new(name, payload)
                            .map(Self::Other)
                            .map_err(serde::de::Error::custom)
                    }
                }
            }
        }
    };
}

// The defaults are conventions of this crate. A valence of `None` says that the kind, or this
// payload of it, tells nothing about feeling. Surveys count in full, so their arousal is 1.
kinds! {
    /// The customer bought something.
    1 Purchase(Purchase) "purchase"
        by |_| CUSTOMER, feeling |_| 0.1, arousal Some(0.2);
    /// The customer brought something back, or asked for money back.
    2 Return(Return) "return"
        by |_| CUSTOMER, feeling |_| -0.2, arousal Some(0.4);
    /// A step of a quote.
    3 Quote(Quote) "quote"
        by Quote::by, feeling Quote::feeling, arousal Some(0.2);
    /// Firm and customer were in touch.
    4 Contact(Contact) "contact"
        by Contact::by, feeling |_| 0.0, arousal Some(0.2);
    /// The customer asked for service.
    5 ServiceRequest(ServiceRequest) "service_request"
        by |_| CUSTOMER, feeling |_| -0.05, arousal Some(0.3);
    /// The customer complained.
    6 ComplaintOpened(ComplaintOpened) "complaint_opened"
        by |_| CUSTOMER, feeling ComplaintOpened::feeling, arousal Some(0.8);
    /// The firm settled a complaint.
    7 ComplaintResolved(ComplaintResolved) "complaint_resolved"
        by |_| FIRM, feeling ComplaintResolved::feeling, arousal Some(0.7);
    /// Would the customer recommend the firm?
    8 NpsSurvey(NpsSurvey) "nps_survey"
        by |_| CUSTOMER, feeling NpsSurvey::feeling, arousal Some(1.0);
    /// How satisfied is the customer?
    9 CsatSurvey(CsatSurvey) "csat_survey"
        by |_| CUSTOMER, feeling CsatSurvey::feeling, arousal Some(1.0);
    /// How easy was it for the customer?
    10 CesSurvey(CesSurvey) "ces_survey"
        by |_| CUSTOMER, feeling CesSurvey::feeling, arousal Some(1.0);
    /// One item of a survey, on a scale of its own.
    11 SurveyItem(SurveyItem) "survey_item"
        by |_| CUSTOMER, feeling SurveyItem::feeling, arousal Some(1.0);
    /// The customer judged the firm or its goods in public.
    12 Review(Review) "review"
        by |_| CUSTOMER, feeling Review::feeling, arousal Some(1.0);
    /// A note coded from an interview or a focus group.
    13 QualitativeNote(QualitativeNote) "qualitative_note"
        by |_| FIRM, feeling QualitativeNote::feeling, arousal Some(0.5);
    /// The customer recommended the firm to somebody.
    14 ReferralMade(ReferralMade) "referral_made"
        by |_| CUSTOMER, feeling |_| 0.8, arousal Some(0.6);
    /// Somebody the customer had recommended the firm to became a customer.
    15 ReferralConverted(ReferralConverted) "referral_converted"
        by |_| THIRD, feeling |_| 0.3, arousal Some(0.3);
    /// Margin earned from others was attributed to the customer's influence.
    16 InfluenceAttributed(InfluenceAttributed) "influence_attributed"
        by |_| THIRD, feeling |_| 0.0, arousal Some(0.0);
    /// Something happened in a loyalty programme.
    17 Loyalty(Loyalty) "loyalty"
        by Loyalty::by, feeling Loyalty::feeling, arousal Some(0.3);
    /// A field of the customer's profile became known.
    18 ProfileAttribute(ProfileAttribute) "profile_attribute"
        by |_| ANYONE, feeling |_| 0.0, arousal Some(0.1);
    /// The customer showed a liking without buying.
    19 PreferenceObserved(PreferenceObserved) "preference_observed"
        by |_| CUSTOMER, feeling |_| 0.0, arousal Some(0.1);
    /// The customer told the firm how to do better, or what to make.
    20 Feedback(Feedback) "feedback"
        by |_| CUSTOMER, feeling |_| 0.1, arousal Some(0.4);
    /// One side shared information with the other.
    21 InfoShared(InfoShared) "info_shared"
        by InfoShared::by, feeling |_| 0.05, arousal Some(0.2);
    /// A step in the life of a contract.
    22 Contract(Contract) "contract"
        by |_| CUSTOMER, feeling Contract::feeling, arousal Some(0.5);
    /// Serving the customer cost money.
    23 CostToServe(CostToServe) "cost_to_serve"
        by |_| FIRM, feeling |_| NOTHING, arousal None;
    /// The firm gave something up for the relationship.
    24 Concession(Concession) "concession"
        by |_| FIRM, feeling |_| 0.1, arousal Some(0.3);
    /// The firm invested in the relationship.
    25 Investment(Investment) "investment"
        by |_| FIRM, feeling |_| 0.15, arousal Some(0.3);
    /// A promise and what became of it.
    26 Promise(Promise) "promise"
        by Promise::initiator, feeling Promise::feeling, arousal Some(0.7);
    /// Goods or a service came to the customer.
    27 Delivery(Delivery) "delivery"
        by |_| FIRM, feeling Delivery::feeling, arousal Some(0.4);
    /// A step in the life of a debt of the customer.
    28 Payment(Payment) "payment"
        by |_| CUSTOMER, feeling |_| NOTHING, arousal None;
    /// Leaders of both sides met.
    29 ExecutiveContact(ExecutiveContact) "executive_contact"
        by |_| ANYONE, feeling |_| 0.1, arousal Some(0.4);
    /// A step of a partnership or an alliance.
    30 Partnership(Partnership) "partnership"
        by |_| ANYONE, feeling Partnership::feeling, arousal Some(0.4);
    /// The customer said what data may be used for.
    31 Consent(Consent) "consent"
        by |_| CUSTOMER, feeling |consent| consent.feeling(), arousal Some(0.2);
    /// The customer took part in a community.
    32 Community(Community) "community"
        by |_| CUSTOMER, feeling |_| 0.2, arousal Some(0.4);
    /// An offer the firm made of itself.
    33 Offer(Offer) "offer"
        by |_| FIRM, feeling |_| 0.0, arousal Some(0.1);
    /// The relationship ended, or was won back.
    34 Relationship(RelationshipChange) "relationship"
        by |_| ANYONE, feeling RelationshipChange::feeling, arousal Some(0.6);
}

impl Kind {
    /// The name of the kind, as it is written when serialised.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Other(other) => other.name(),
            known => known.known_name().unwrap_or_default(),
        }
    }

    /// How an interaction of this kind feels to the customer, unless stated; `None` where it says
    /// nothing about feeling.
    #[must_use]
    pub fn default_valence(&self) -> Option<Valence> {
        self.feeling()
            .and_then(|feeling| Valence::new(feeling).ok())
    }

    /// How much an interaction of this kind moves the customer, unless stated.
    #[must_use]
    pub fn default_arousal(&self) -> Option<Fraction> {
        self.excitement()
            .and_then(|arousal| Fraction::new(arousal).ok())
    }

    /// The latest instant of which the payload tells as past, with its field.
    pub(super) fn latest_told(&self) -> Option<(&'static str, DateTime<Utc>)> {
        match self {
            Self::Delivery(delivery) => Some(("delivered_at", delivery.delivered_at())),
            Self::Payment(payment) => payment.paid_at().map(|at| ("paid_at", at)),
            _ => None,
        }
    }
}

impl From<OtherKind> for Kind {
    fn from(other: OtherKind) -> Self {
        Self::Other(other)
    }
}

/// Something a payload of any type can be read from.
#[cfg(feature = "serde")]
trait Payload<'de> {
    /// Why it could not be read.
    type Error: serde::de::Error;

    /// Reads it.
    fn read<T: serde::Deserialize<'de>>(self) -> Result<T, Self::Error>;
}

#[cfg(feature = "serde")]
mod serde_impls {
    use super::{Kind, OtherKind, Payload};
    use crate::history::value::Value;
    use serde::de::value::MapDeserializer;
    use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
    use std::fmt;
    use std::marker::PhantomData;

    struct Entry<'a, A>(&'a mut A);

    impl<'de, A: MapAccess<'de>> Payload<'de> for Entry<'_, A> {
        type Error = A::Error;

        fn read<T: Deserialize<'de>>(self) -> Result<T, A::Error> {
            self.0.next_value()
        }
    }

    /// The payload of a kind that came as its name alone.
    struct Absent<E>(PhantomData<E>);

    impl<'de, E: Error> Payload<'de> for Absent<E> {
        type Error = E;

        fn read<T: Deserialize<'de>>(self) -> Result<T, E> {
            let fields = std::iter::empty::<((), ())>();
            T::deserialize(MapDeserializer::<_, E>::new(fields))
        }
    }

    struct Named;

    impl<'de> Visitor<'de> for Named {
        type Value = Kind;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map from the name of one kind to its payload")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<Kind, E> {
            if Kind::ALL_NAMES.contains(&name) {
                return Kind::read(name, Absent(PhantomData));
            }
            let other = OtherKind::new(name, Value::Null).map_err(E::custom)?;
            Ok(Kind::Other(other))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
            let Some(name) = map.next_key::<String>()? else {
                return Err(Error::invalid_length(0, &self));
            };
            let kind = Kind::read(&name, Entry(&mut map))?;
            match map.next_key::<IgnoredAny>()? {
                None => Ok(kind),
                Some(_) => Err(Error::invalid_length(2, &self)),
            }
        }
    }

    impl<'de> Deserialize<'de> for Kind {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Named)
        }
    }
}
