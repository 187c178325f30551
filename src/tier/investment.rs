//! How much closeness pays (适度投入): the rung that leaves most, and whether the current one is
//! extravagant.

use super::{InvestmentError, InvestmentPolicy, NetValue, NetValues, Tier};
use crate::quantity::{PolicyId, Probability};

/// Whether what goes into a relationship is fitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Appropriateness {
    /// It pays, as far as is known (适度).
    Fitting,
    /// It is as likely as not that it does not (需关注).
    Watch,
    /// More goes in than comes out, or a lower rung would leave more (奢侈).
    Extravagant,
}

/// Which rung a relationship should be kept at, and what to do next (层级建议).
///
/// The target is the rung with the highest expected net value among those that are known and not above
/// the ceiling; of two that leave the same, the lower. A relationship moves one rung at a time.
///
/// No target is named, and nothing is to change, where no rung up to the ceiling has a known net
/// value, or where the current one is up to the ceiling and has none: there is nothing to hold the
/// others against. What is above the ceiling goes down in any case.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{Currency, Estimate};
/// use guanxi::tier::{Appropriateness, ByTier, InvestmentPolicy, NetValues, Tier};
///
/// let known = |net| Estimate::new(net, 0.0, 5.0).map(Some);
/// let net = NetValues::stated(Currency::EUR, ByTier {
///     transaction: known(8.0)?,
///     preferred: known(20.0)?,
///     partnership: known(25.0)?,
///     alliance: known(-5.0)?,
/// })?;
/// let policy = InvestmentPolicy::default();
/// let advice = policy.advise(Tier::Transaction, Tier::Partnership, &net)?;
/// assert_eq!((advice.target(), advice.next()), (Some(Tier::Partnership), Tier::Preferred));
/// let alliance = policy.advise(Tier::Alliance, Tier::Alliance, &net)?;
/// assert_eq!(alliance.appropriateness(), Some(Appropriateness::Extravagant));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "AdviceRow", into = "AdviceRow"))]
pub struct InvestmentAdvice {
    current: Tier,
    ceiling: Tier,
    net_values: Option<NetValues>,
    policy: InvestmentPolicy,
    target: Option<Tier>,
    next: Tier,
    better: Option<Probability>,
    loss: Option<Probability>,
    better_below: Option<(Tier, Probability)>,
}

/// How advice is written down.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "InvestmentAdvice")]
struct AdviceRow {
    current: Tier,
    ceiling: Tier,
    net_values: Option<NetValues>,
    policy: InvestmentPolicy,
    target: Option<Tier>,
    next: Tier,
    appropriateness: Option<Appropriateness>,
    probability_better: Option<Probability>,
    probability_of_loss: Option<Probability>,
    better_below: Option<(Tier, Probability)>,
}

#[cfg(feature = "serde")]
impl From<InvestmentAdvice> for AdviceRow {
    fn from(advice: InvestmentAdvice) -> Self {
        Self {
            current: advice.current,
            ceiling: advice.ceiling,
            net_values: advice.net_values,
            policy: advice.policy,
            target: advice.target,
            next: advice.next,
            appropriateness: advice.appropriateness(),
            probability_better: advice.better,
            probability_of_loss: advice.loss,
            better_below: advice.better_below,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<AdviceRow> for InvestmentAdvice {
    type Error = InvestmentError;

    fn try_from(row: AdviceRow) -> Result<Self, InvestmentError> {
        let advice = Self::of(
            row.current,
            row.ceiling,
            row.net_values.as_ref(),
            row.policy,
        )?;
        let near = |found: Option<Probability>, stored: Option<Probability>| match (found, stored) {
            (Some(found), Some(stored)) => (found.value() - stored.value()).abs() <= 1e-9,
            (found, stored) => found == stored,
        };
        let below = |pair: Option<(Tier, Probability)>| (pair.map(|p| p.0), pair.map(|p| p.1));
        let (tier, better) = below(advice.better_below);
        let (stored_tier, stored_better) = below(row.better_below);
        if advice.target == row.target
            && advice.next == row.next
            && advice.appropriateness() == row.appropriateness
            && near(advice.better, row.probability_better)
            && near(advice.loss, row.probability_of_loss)
            && tier == stored_tier
            && near(better, stored_better)
        {
            Ok(advice)
        } else {
            Err(InvestmentError::Disagrees {
                what: "advice on a rung",
            })
        }
    }
}

impl InvestmentAdvice {
    pub(super) fn of(
        current: Tier,
        ceiling: Tier,
        net_values: Option<&NetValues>,
        policy: InvestmentPolicy,
    ) -> Result<Self, InvestmentError> {
        if ceiling == Tier::NoTransaction {
            return Err(InvestmentError::NoRung {
                what: "a fitting ceiling",
                found: ceiling,
            });
        }
        let at = |tier| net_values.and_then(|net_values| net_values.at(tier));
        let target = target(current, ceiling, at);
        let here = at(current);
        let (mut better, mut better_below) = (None, None);
        let loss = here.map(NetValue::probability_of_loss).transpose()?;
        if let Some(here) = here {
            if let Some(there) = target.filter(|&target| target != current).and_then(at) {
                better = Some(there.probability_above(here)?);
            }
            for tier in Tier::RUNGS.into_iter().take_while(|tier| *tier < current) {
                let Some(below) = at(tier) else {
                    continue;
                };
                let chance = below.probability_above(here)?;
                if better_below.is_none_or(|(_, most)| chance > most) {
                    better_below = Some((tier, chance));
                }
            }
        }
        Ok(Self {
            current,
            ceiling,
            net_values: net_values.copied(),
            policy,
            target,
            next: next(current, ceiling, target),
            better,
            loss,
            better_below,
        })
    }

    /// The rung the relationship is kept at.
    #[must_use]
    pub fn current(&self) -> Tier {
        self.current
    }

    /// The highest rung that fits.
    #[must_use]
    pub fn ceiling(&self) -> Tier {
        self.ceiling
    }

    /// The net value at every rung that it rests on, by the year; none where nothing is known of
    /// any, not even the currency.
    #[must_use]
    pub fn net_values(&self) -> Option<&NetValues> {
        self.net_values.as_ref()
    }

    /// The net value at one rung; none where nothing is known.
    #[must_use]
    pub fn net_value(&self, tier: Tier) -> Option<&NetValue> {
        self.net_values.as_ref()?.at(tier)
    }

    /// The rung that leaves most of those whose net value is known, never above the ceiling; none where
    /// that is not known. Where only one rung up to the ceiling has a known net value it is that one,
    /// which says nothing of the others.
    #[must_use]
    pub fn target(&self) -> Option<Tier> {
        self.target
    }

    /// The rung to go to now: at most one from the current. It is above the ceiling only on the way
    /// down from further above.
    #[must_use]
    pub fn next(&self) -> Tier {
        self.next
    }

    /// The probability that the target leaves more than the current rung; none unless both are known,
    /// and where they are one.
    #[must_use]
    pub fn probability_better(&self) -> Option<Probability> {
        self.better
    }

    /// P(V < C) at the current rung; none where its net value is not known.
    #[must_use]
    pub fn probability_of_loss(&self) -> Option<Probability> {
        self.loss
    }

    /// The lower rung that most probably leaves more than the current one, and how probably.
    #[must_use]
    pub fn better_below(&self) -> Option<(Tier, Probability)> {
        self.better_below
    }

    /// Whether what goes in at the current rung is fitting; none where its net value is not known,
    /// and before the first transaction. Lower rungs whose net value is not known are left out.
    #[must_use]
    pub fn appropriateness(&self) -> Option<Appropriateness> {
        let loss = self.loss?.value();
        let below = self.better_below.map_or(0.0, |(_, p)| p.value());
        let worst = loss.max(below);
        Some(if worst >= self.policy.extravagant() {
            Appropriateness::Extravagant
        } else if worst >= self.policy.watch() {
            Appropriateness::Watch
        } else {
            Appropriateness::Fitting
        })
    }

    /// The rungs of which no net value is known.
    #[must_use]
    pub fn unknown(&self) -> Vec<Tier> {
        let mut rungs = Tier::RUNGS.to_vec();
        rungs.retain(|&tier| self.net_value(tier).is_none());
        rungs
    }

    /// The rules by which it was given.
    #[must_use]
    pub fn policy(&self) -> PolicyId {
        self.policy.id()
    }
}

/// The rung up to the ceiling that leaves most.
fn target<'a>(
    current: Tier,
    ceiling: Tier,
    net_value: impl Fn(Tier) -> Option<&'a NetValue>,
) -> Option<Tier> {
    let nothing_to_hold_against =
        current != Tier::NoTransaction && current <= ceiling && net_value(current).is_none();
    if nothing_to_hold_against {
        return None;
    }
    let mut best: Option<(Tier, f64)> = None;
    for tier in Tier::RUNGS.into_iter().take_while(|tier| *tier <= ceiling) {
        if let Some(net) = net_value(tier) {
            let mean = net.estimate().mean();
            if best.is_none_or(|(_, most)| mean > most) {
                best = Some((tier, mean));
            }
        }
    }
    best.map(|(tier, _)| tier)
}

/// One step towards the target, or down to the ceiling.
fn next(current: Tier, ceiling: Tier, target: Option<Tier>) -> Tier {
    let towards = target.unwrap_or(current).min(ceiling);
    let step = match towards.cmp(&current) {
        std::cmp::Ordering::Less => current.below(),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => current.above(),
    };
    step.unwrap_or(current)
}
