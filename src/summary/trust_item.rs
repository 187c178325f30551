//! What an interaction says about trust: the one reading that states and explanations share.

use chrono::{DateTime, Utc};

use super::EvidencePolicy;
use super::decay::age_seconds;
use crate::history::{
    Consent, Construct, ContractEvent, Delivery, InfoDepth, InfoFlow, Initiator, Interaction,
    InvestmentPurpose, Kind, Partnership, Payment, PaymentEvent, Promise, PromiseEvent, Promiser,
    Return, ReturnOutcome, ReturnReason, TrustFacet,
};
use crate::quantity::Fraction;

/// Who trusts whom.
///
/// The two are never mixed: a customer who pays on time earns the firm's trust and says nothing
/// about their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum TrustDirection {
    /// The customer's trust in the firm: the dimension of relationship value.
    CustomerInFirm,
    /// The firm's trust in the customer: payment and conduct, for credit and tiers.
    FirmInCustomer,
}

impl TrustDirection {
    /// Both directions.
    pub const ALL: [Self; 2] = [Self::CustomerInFirm, Self::FirmInCustomer];

    /// Its name, as it is written when serialised.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerInFirm => "customer_in_firm",
            Self::FirmInCustomer => "firm_in_customer",
        }
    }
}

/// Defines [`TrustSource`] from one table. Each row: variant, name when serialised, the directions
/// it tells of, whether it can speak for trust, and whether against.
macro_rules! sources {
    ($(
        $(#[$doc:meta])*
        $source:ident $name:literal $directions:ident $for:literal $against:literal;
    )*) => {
        /// What tells about trust (信任证据来源).
        ///
        /// Which interaction feeds which source, and with what outcome, is in [`TrustItem`]; what a
        /// source weighs is in [`TrustPolicy`](crate::dimension::TrustPolicy).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
        #[non_exhaustive]
        pub enum TrustSource {
            $( $(#[$doc])* $source, )*
        }

        impl TrustSource {
            /// Every source.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$source),*];

            /// Its name, as it is written when serialised.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $( Self::$source => $name, )*
                }
            }

            /// Whose trust it tells of.
            #[must_use]
            pub fn directions(self) -> &'static [TrustDirection] {
                match self {
                    $( Self::$source => $directions, )*
                }
            }

            /// Whether it can speak for trust.
            #[must_use]
            pub fn can_build(self) -> bool {
                match self {
                    $( Self::$source => $for, )*
                }
            }

            /// Whether it can speak against trust.
            #[must_use]
            pub fn can_break(self) -> bool {
                match self {
                    $( Self::$source => $against, )*
                }
            }
        }
    };
}

const OF_CUSTOMER: &[TrustDirection] = &[TrustDirection::CustomerInFirm];
const OF_FIRM: &[TrustDirection] = &[TrustDirection::FirmInCustomer];
const OF_BOTH: &[TrustDirection] = &TrustDirection::ALL;

sources! {
    /// A promise of the firm, kept or broken.
    Promise "promise" OF_CUSTOMER true true;
    /// A delivery, on time, late or defective.
    Delivery "delivery" OF_CUSTOMER true true;
    /// A complaint.
    Complaint "complaint" OF_CUSTOMER false true;
    /// The settlement of a complaint.
    Resolution "resolution" OF_CUSTOMER true true;
    /// Money back, given or refused.
    Refund "refund" OF_CUSTOMER true true;
    /// Goods that came back because they were defective.
    DefectReturn "defect_return" OF_CUSTOMER false true;
    /// An answer that came later than promised.
    LateReply "late_reply" OF_CUSTOMER false true;
    /// A contract, renewed or cancelled by the customer: trust revealed.
    Contract "contract" OF_CUSTOMER true true;
    /// A recommendation: trust revealed.
    Referral "referral" OF_CUSTOMER true false;
    /// Consent to the use of data, given or withdrawn.
    Consent "consent" OF_CUSTOMER true true;
    /// A field of the profile that the customer disclosed.
    Disclosure "disclosure" OF_CUSTOMER true false;
    /// An answer to a question about trust.
    Survey "survey" OF_CUSTOMER true true;
    /// An investment of the firm in the relationship.
    Investment "investment" OF_CUSTOMER true false;
    /// A payment of the customer, on time, late or never.
    Payment "payment" OF_FIRM true true;
    /// A payment that the customer disputed or had charged back.
    Dispute "dispute" OF_FIRM false true;
    /// A commitment of the customer to a volume or a term, kept or broken.
    Commitment "commitment" OF_FIRM true true;
    /// Strategic information, shared: trust in who receives it.
    Information "information" OF_BOTH true false;
    /// A comparison of goals.
    GoalReview "goal_review" OF_BOTH true true;
    /// Value created together.
    JointProject "joint_project" OF_BOTH true false;
    /// A tie of ownership or an alliance.
    Alliance "alliance" OF_BOTH true false;
}

impl TrustSource {
    /// Whether an interaction of this source may state which side of trust it touches.
    #[must_use]
    pub fn states_facet(self) -> bool {
        matches!(self, Self::Promise | Self::Commitment | Self::Survey)
    }

    /// Its place in [`ALL`](Self::ALL).
    pub(crate) fn place(self) -> usize {
        self as usize
    }
}

/// One piece of evidence of trust: how well something turned out that trust rests on.
///
/// | interaction | source | outcome |
/// |---|---|---|
/// | promise of the firm kept, broken | promise, by severity | 1, 0 |
/// | delivery | delivery | on time 1; late: halves every 3 days; defective 0, whatever the date |
/// | complaint | complaint, by severity | 0 |
/// | complaint resolved | resolution | its quality, which halves every 7 days it took |
/// | return honoured, refused | refund | 1, 0 |
/// | return for a defect | defect return, besides the refund | 0 |
/// | answer later than promised | late reply | 0 |
/// | contract renewed, cancelled | contract | 1, 0 |
/// | recommendation | referral | 1 |
/// | consent given, withdrawn | consent | 1, 0 |
/// | profile field from the customer | disclosure | 1 |
/// | survey item on trust | survey | its place on its scale |
/// | investment, unless to win the customer | investment | 1 |
/// | payment received, defaulted | payment | on time 1; late: halves every 15 days; default 0 |
/// | payment disputed | dispute | 0 |
/// | promise of the customer kept, broken | commitment, by severity | 1, 0 |
/// | strategic information shared | information: of who shares, or both | 1 |
/// | goals compared | goal review, both directions | how far they agree |
/// | joint project | joint project, both directions | 1 |
/// | equity tie, alliance | alliance, both directions | 1 |
///
/// The rows and their halving times follow the evidence table of this crate, which is our choice.
/// Where an interaction leaves something open, it feeds what it can:
///
/// - A severity that was not stated counts as 1: to state it can only lessen what happened.
/// - A settlement without a quality, a delivery that was promised for no date and is not defective,
///   and a payment that was due at no date say nothing: there is nothing that was kept.
/// - A settlement without a latency counts as immediate.
/// - Making a promise, signing a contract, letting one expire and falling due say nothing; nor does
///   a contract that the firm cancelled, a request to be forgotten, information that is not
///   strategic, or a tie of ownership that was dissolved.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{Interaction, InteractionId, CustomerId, Return, ReturnOutcome, ReturnReason};
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::{EvidencePolicy, TrustItem, TrustSource};
///
/// let refused = Return::new(Money::parse("41.00", Currency::EUR)?)?
///     .with_reason(ReturnReason::Defect)
///     .with_outcome(ReturnOutcome::Refused);
/// let (id, customer) = (InteractionId::new("r-1")?, CustomerId::new("c-17")?);
/// let refused = Interaction::new(id, customer, DateTime::UNIX_EPOCH, refused)?;
///
/// let items: Vec<_> = TrustItem::read(&refused, &EvidencePolicy::default()).collect();
/// assert_eq!(items[0].source(), TrustSource::DefectReturn);
/// assert_eq!((items[1].source(), items[1].outcome()), (TrustSource::Refund, 0.0));
/// # Ok::<(), guanxi::history::HistoryError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrustItem {
    direction: TrustDirection,
    source: TrustSource,
    facet: Option<TrustFacet>,
    multiplier: f64,
    outcome: f64,
}

impl TrustItem {
    /// What an interaction says about trust: nothing, one thing or two.
    pub fn read(interaction: &Interaction, policy: &EvidencePolicy) -> impl Iterator<Item = Self> {
        let items = match interaction.kind() {
            Kind::Promise(promise) => once(of_promise(promise)),
            Kind::Delivery(delivery) => once(of_delivery(delivery, policy)),
            Kind::ComplaintOpened(complaint) => {
                let complaint_item = Self::of(TrustSource::Complaint, 0.0);
                once(complaint_item.weighed(complaint.severity()))
            }
            Kind::ComplaintResolved(resolved) => once(resolved.quality().map(|quality| {
                let minutes = resolved.latency_minutes().map_or(0.0, f64::from);
                let left = policy.complaint_latency().fade(60.0 * minutes);
                Self::of(TrustSource::Resolution, quality.value() * left)
            })),
            Kind::Return(returned) => of_return(returned),
            Kind::Contact(contact) => once(
                (contact.is_late() == Some(true)).then(|| Self::of(TrustSource::LateReply, 0.0)),
            ),
            Kind::Contract(contract) => once(match contract.event() {
                ContractEvent::Renewed => Some(Self::of(TrustSource::Contract, 1.0)),
                ContractEvent::Cancelled
                    if interaction.initiator() == Some(Initiator::Customer) =>
                {
                    Some(Self::of(TrustSource::Contract, 0.0))
                }
                _ => None,
            }),
            Kind::ReferralMade(_) => once(Some(Self::of(TrustSource::Referral, 1.0))),
            Kind::Consent(consent) => once(match consent {
                Consent::Granted { .. } => Some(Self::of(TrustSource::Consent, 1.0)),
                Consent::Withdrawn { .. } => Some(Self::of(TrustSource::Consent, 0.0)),
                Consent::ErasureRequested => None,
            }),
            Kind::ProfileAttribute(_) => once(
                (interaction.initiator() == Some(Initiator::Customer))
                    .then(|| Self::of(TrustSource::Disclosure, 1.0)),
            ),
            Kind::SurveyItem(item)
                if item.construct() == Construct::Trust && item.about().is_none() =>
            {
                let answer = Self::of(TrustSource::Survey, item.share());
                once(Some(answer.on(item.facet())))
            }
            Kind::Investment(investment) => once(
                (investment.purpose() != Some(InvestmentPurpose::Acquisition))
                    .then(|| Self::of(TrustSource::Investment, 1.0)),
            ),
            Kind::Payment(payment) => once(of_payment(payment, interaction.occurred_at(), policy)),
            Kind::InfoShared(shared) if shared.depth() == InfoDepth::Strategic => {
                of_information(shared.flow())
            }
            Kind::Partnership(partnership) => of_partnership(partnership),
            _ => [None; 2],
        };
        items.into_iter().flatten()
    }

    fn of(source: TrustSource, outcome: f64) -> Self {
        let direction = match source.directions() {
            [TrustDirection::FirmInCustomer] => TrustDirection::FirmInCustomer,
            _ => TrustDirection::CustomerInFirm,
        };
        Self {
            direction,
            source,
            facet: None,
            multiplier: 1.0,
            outcome,
        }
    }

    fn on(self, facet: Option<TrustFacet>) -> Self {
        Self { facet, ..self }
    }

    fn towards(self, direction: TrustDirection) -> Self {
        Self { direction, ..self }
    }

    /// By its severity; nothing if nothing hangs on it.
    fn weighed(self, severity: Option<Fraction>) -> Option<Self> {
        let multiplier = severity.map_or(1.0, Fraction::value);
        (multiplier > 0.0).then_some(Self { multiplier, ..self })
    }

    /// One item for each direction.
    fn mutual(self) -> [Option<Self>; 2] {
        TrustDirection::ALL.map(|direction| Some(self.towards(direction)))
    }

    /// Whose trust it tells of.
    #[must_use]
    pub fn direction(&self) -> TrustDirection {
        self.direction
    }

    /// What tells of it.
    #[must_use]
    pub fn source(&self) -> TrustSource {
        self.source
    }

    /// The side of trust it touches, if that was stated; else it is split over all three as the
    /// source says.
    #[must_use]
    pub fn facet(&self) -> Option<TrustFacet> {
        self.facet
    }

    /// How much of the source's weight this event has: its severity; above 0, at most 1.
    #[must_use]
    pub fn multiplier(&self) -> f64 {
        self.multiplier
    }

    /// How well it turned out, from 0 (broken) to 1 (kept).
    #[must_use]
    pub fn outcome(&self) -> f64 {
        self.outcome
    }
}

fn once(item: Option<TrustItem>) -> [Option<TrustItem>; 2] {
    [item, None]
}

fn of_promise(promise: &Promise) -> Option<TrustItem> {
    let outcome = match promise.event() {
        PromiseEvent::Made => return None,
        PromiseEvent::Kept => 1.0,
        PromiseEvent::Broken => 0.0,
    };
    let source = match promise.by() {
        Promiser::Firm => TrustSource::Promise,
        Promiser::Customer => TrustSource::Commitment,
    };
    let item = TrustItem::of(source, outcome);
    item.on(promise.facet()).weighed(promise.severity())
}

fn of_delivery(delivery: &Delivery, policy: &EvidencePolicy) -> Option<TrustItem> {
    if delivery.defect() == Some(true) {
        return Some(TrustItem::of(TrustSource::Delivery, 0.0));
    }
    let late = age_seconds(delivery.promised_at()?, delivery.delivered_at());
    Some(TrustItem::of(
        TrustSource::Delivery,
        policy.late_delivery().fade(late),
    ))
}

fn of_return(returned: &Return) -> [Option<TrustItem>; 2] {
    let is_defect = returned.reason() == ReturnReason::Defect;
    let defect = is_defect.then(|| TrustItem::of(TrustSource::DefectReturn, 0.0));
    let refund = TrustItem::of(
        TrustSource::Refund,
        match returned.outcome() {
            ReturnOutcome::Honoured => 1.0,
            ReturnOutcome::Refused => 0.0,
        },
    );
    [defect, Some(refund)]
}

fn of_payment(
    payment: &Payment,
    occurred_at: DateTime<Utc>,
    policy: &EvidencePolicy,
) -> Option<TrustItem> {
    match payment.event() {
        PaymentEvent::Due => None,
        PaymentEvent::Received => {
            let paid_at = payment.paid_at().unwrap_or(occurred_at);
            let late = age_seconds(payment.due_at()?, paid_at);
            Some(TrustItem::of(
                TrustSource::Payment,
                policy.late_payment().fade(late),
            ))
        }
        PaymentEvent::Defaulted => Some(TrustItem::of(TrustSource::Payment, 0.0)),
        PaymentEvent::Disputed => Some(TrustItem::of(TrustSource::Dispute, 0.0)),
    }
}

/// Who discloses something shows trust in who receives it, as with a profile.
fn of_information(flow: InfoFlow) -> [Option<TrustItem>; 2] {
    let shared = TrustItem::of(TrustSource::Information, 1.0);
    match flow {
        InfoFlow::ToFirm => once(Some(shared.towards(TrustDirection::CustomerInFirm))),
        InfoFlow::ToCustomer => once(Some(shared.towards(TrustDirection::FirmInCustomer))),
        InfoFlow::Mutual => shared.mutual(),
    }
}

fn of_partnership(partnership: &Partnership) -> [Option<TrustItem>; 2] {
    match partnership {
        Partnership::GoalReview(review) => {
            TrustItem::of(TrustSource::GoalReview, review.alignment().value()).mutual()
        }
        Partnership::JointProject(_) => TrustItem::of(TrustSource::JointProject, 1.0).mutual(),
        Partnership::EquityTie { fraction } if fraction.value() <= 0.0 => [None; 2],
        Partnership::EquityTie { .. } | Partnership::AllianceAgreement { .. } => {
            TrustItem::of(TrustSource::Alliance, 1.0).mutual()
        }
    }
}
