//! Who stayed, by the contracts of a log (留存, 流失, 续约).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::window::{after, known, order};
use super::{Measure, MetricError, Observed, Share, Window};
use crate::history::{Contract, ContractEvent, CustomerId, Interaction, Kind, RelationshipEvent};
use crate::quantity::{QuantityError, Span, TimeUnit};

/// One stretch of time under contract.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spell {
    /// When it began; `None` if before everything that is known.
    start: Option<DateTime<Utc>>,
    /// When the term runs out; `None` if no end was stated.
    due: Option<DateTime<Utc>>,
    /// When it ended, if it did.
    end: Option<DateTime<Utc>>,
}

impl Spell {
    fn covers(&self, at: DateTime<Utc>) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at < end)
    }
}

/// The contracts of the customers of a log, as of the end of a window.
///
/// # What counts
///
/// - A contract begins when it is signed, or when the relationship is won back, and goes on when it
///   is renewed, on time or late. It ends when it is cancelled or expires, when the relationship
///   ends, or with its stated term if nothing is known to have followed.
/// - Contracts are told apart by their [names](Contract::name); those without a name are one. The
///   customer stays while any of them is known to run, and each comes to a decision of its own. A
///   relationship that ends, ends them all.
/// - Somebody whose first known event is a renewal or an end was a customer before, since when is
///   not known.
///
/// A log of purchases has no contracts: who left without a word cannot be told from who is yet to
/// buy. Ask a [purchase model](crate::model) for the probability that they are alive, or the
/// [repurchase rate](super::repurchase_rate).
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{
///     AsOf, Contract, ContractEvent, CustomerId, Interaction, InteractionId,
/// };
/// use guanxi::metric::{ContractHistory, KaplanMeier, Window};
/// use guanxi::quantity::TimeUnit;
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let step = |id: &str, who: &str, n, event| {
///     let (id, who) = (InteractionId::new(id)?, CustomerId::new(who)?);
///     Interaction::new(id, who, day(n), Contract::new(event))
/// };
/// let log = [
///     step("1", "stays", 0, ContractEvent::Signed)?,
///     step("2", "leaves", 5, ContractEvent::Signed)?,
///     step("3", "leaves", 40, ContractEvent::Cancelled)?,
///     step("4", "is new", 31, ContractEvent::Signed)?, // not among those at the start
/// ];
/// let window = Window::new(day(30), AsOf::at(day(60)))?;
/// let contracts = ContractHistory::from_interactions(&log, &window)?;
/// assert_eq!(contracts.retention().value(), Some(0.5));
/// assert_eq!(contracts.churn().value(), Some(0.5));
/// let curve = KaplanMeier::new(contracts.observed(TimeUnit::Day)?)?;
/// assert_eq!(curve.survival(35.0), Some(0.5)); // two of age 35 at most, one of whom left then
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ContractHistory {
    window: Window,
    /// When each customer was under any contract.
    stays: BTreeMap<CustomerId, Vec<Spell>>,
    /// Contracts that ended in the window.
    ended: u64,
    renewed: u64,
    tells_of_renewal: bool,
}

impl ContractHistory {
    /// The contracts of a log, as known at the end of the window; events before the window say who
    /// was a customer when it began.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if the log holds no contract.
    pub fn from_interactions<'a>(
        log: impl IntoIterator<Item = &'a Interaction>,
        window: &Window,
    ) -> Result<Self, MetricError> {
        let (mut is_in_log, mut tells_of_renewal, mut renewed) = (false, false, 0_u64);
        let mut steps: BTreeMap<&CustomerId, Vec<&Interaction>> = BTreeMap::new();
        for interaction in known(log, window.as_of()) {
            match interaction.kind() {
                Kind::Contract(contract) => {
                    is_in_log = true;
                    let is_renewal = contract.event() == ContractEvent::Renewed;
                    renewed += u64::from(is_renewal && window.includes(interaction));
                    tells_of_renewal |= is_renewal
                        || contract.term().is_some()
                        || contract.event() == ContractEvent::Expired;
                }
                Kind::Relationship(_) => {}
                _ => continue,
            }
            let of_customer = steps.entry(interaction.customer()).or_default();
            of_customer.push(interaction);
        }
        if !is_in_log {
            return Err(Measure::Retention.not_in_log());
        }
        let (mut stays, mut ended) = (BTreeMap::new(), 0);
        for (customer, mut steps) in steps {
            // Those without a contract are in no measure of contracts.
            if steps.iter().any(|i| matches!(i.kind(), Kind::Contract(_))) {
                steps.sort_by_key(|&i| order(i));
                let contracts = spells_of(&steps, window.end());
                let ends = contracts.iter().filter_map(|spell| spell.end);
                ended += ends.filter(|&end| window.contains(end)).count() as u64;
                stays.insert(customer.clone(), union(contracts));
            }
        }
        Ok(Self {
            window: *window,
            stays,
            ended,
            renewed,
            tells_of_renewal,
        })
    }

    /// Retention (留存率): of the customers at the start of the window, those who are customers at
    /// its end; who joined between is in neither.
    #[must_use]
    #[doc(alias = "retention_rate")]
    pub fn retention(&self) -> Share {
        let at_start = |spells: &&Vec<Spell>| covered(spells, self.window.start());
        let before = self.stays.values().filter(at_start);
        Share::holding(before.map(|spells| covered(spells, self.window.end())))
    }

    /// Churn (流失率): 1 − retention.
    #[must_use]
    #[doc(alias = "churn_rate")]
    pub fn churn(&self) -> Share {
        self.retention().complement()
    }

    /// Renewal (续约率): of the contracts that came to a decision in the window, those renewed.
    ///
    /// A contract comes to a decision when it is renewed, and when it ends: cancelled, expired, or
    /// its term over without a word. Counting a cancellation as a renewal refused is our choice.
    ///
    /// # Errors
    ///
    /// [`MetricError::NotInLog`] if contracts have no term and none was renewed or expired.
    pub fn renewal(&self) -> Result<Share, MetricError> {
        if !self.tells_of_renewal {
            return Err(Measure::Renewal.not_in_log());
        }
        Share::new(self.renewed, self.renewed.saturating_add(self.ended))
    }

    /// How many customers are under contract at the end of the window.
    #[must_use]
    pub fn customers(&self) -> u64 {
        let now = |spells: &&Vec<Spell>| covered(spells, self.window.end());
        self.stays.values().filter(now).count() as u64
    }

    /// How long each customer stayed, as far as the window shows it, for
    /// [`KaplanMeier`](super::KaplanMeier): those who were there before it are observed from its
    /// start on (left truncation), those who are there at its end are censored.
    ///
    /// Who left and came back is observed twice. Left out are stays that ended before the window,
    /// which nobody watched, and those whose start is not known; [`unknown_starts`](Self::unknown_starts) counts the latter.
    ///
    /// # Errors
    ///
    /// [`QuantityError`], which no valid log leads to.
    pub fn observed(&self, unit: TimeUnit) -> Result<Vec<Observed>, QuantityError> {
        let mut rows = Vec::new();
        for spell in self.stays.values().flatten() {
            let Some(start) = spell.start else { continue };
            if !self.shows(spell) {
                continue;
            }
            let since = |at| Span::between(start, at, unit).map(Span::length);
            let row = match spell.end {
                Some(end) => Observed::event_at(since(end)?),
                None => Observed::censored_at(since(self.window.end())?),
            };
            let entry = if start < self.window.start() {
                since(self.window.start())?
            } else {
                0.0
            };
            rows.push(row.with_entry(entry));
        }
        Ok(rows)
    }

    /// How many customers were under contract in the window since when is not known.
    #[must_use]
    pub fn unknown_starts(&self) -> u64 {
        let unknown = |spell: &&Spell| spell.start.is_none() && self.shows(spell);
        self.stays.values().flatten().filter(unknown).count() as u64
    }

    /// Whether a stay reaches into the window.
    fn shows(&self, spell: &Spell) -> bool {
        spell.end.is_none_or(|end| self.window.start() < end)
    }
}

fn covered(spells: &[Spell], at: DateTime<Utc>) -> bool {
    spells.iter().any(|spell| spell.covers(at))
}

/// The stretches of each contract of one customer, from steps in order.
fn spells_of(steps: &[&Interaction], now: DateTime<Utc>) -> Vec<Spell> {
    let mut contracts: BTreeMap<Option<&str>, Spells> = BTreeMap::new();
    for step in steps {
        let at = step.occurred_at();
        match step.kind() {
            Kind::Contract(contract) => {
                let due = due(contract, at);
                let spells = contracts.entry(contract.name()).or_default();
                match contract.event() {
                    ContractEvent::Signed => spells.sign(at, due),
                    ContractEvent::Renewed => spells.renew(at, due),
                    ContractEvent::Cancelled | ContractEvent::Expired => spells.end(at),
                }
            }
            Kind::Relationship(change) => match change.event() {
                RelationshipEvent::WonBack => contracts.entry(None).or_default().sign(at, None),
                RelationshipEvent::Ended if contracts.is_empty() => {
                    contracts.entry(None).or_default().end(at);
                }
                RelationshipEvent::Ended => {
                    let running = contracts.values_mut().filter(|c| c.running.is_some());
                    running.for_each(|spells| spells.end(at));
                }
            },
            _ => {}
        }
    }
    let settled = contracts.into_values().flat_map(|mut spells| {
        spells.lapse(now);
        spells.done.extend(spells.running);
        spells.done
    });
    settled.collect()
}

/// When any of some contracts ran.
fn union(mut spells: Vec<Spell>) -> Vec<Spell> {
    spells.sort_by_key(|spell| spell.start); // those of unknown start first
    let mut stays: Vec<Spell> = Vec::with_capacity(spells.len());
    for spell in spells {
        match stays.last_mut() {
            Some(stay) if meets(stay.end, spell.start) => {
                stay.end = stay.end.zip(spell.end).map(|(a, b)| a.max(b));
            }
            _ => stays.push(spell),
        }
    }
    stays
}

/// Whether what ends goes on with what starts then; without an end it goes on, and what has always
/// been there needs no start.
fn meets(end: Option<DateTime<Utc>>, start: Option<DateTime<Utc>>) -> bool {
    end.zip(start).is_none_or(|(end, start)| start <= end)
}

/// When the term of a contract runs out.
fn due(contract: &Contract, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    // A term beyond the calendar has no end.
    after(at, contract.term()?.in_unit(TimeUnit::Second))
}

#[derive(Default)]
struct Spells {
    done: Vec<Spell>,
    running: Option<Spell>,
}

impl Spells {
    /// Ends a contract whose term was over by an instant.
    fn lapse(&mut self, at: DateTime<Utc>) {
        if let Some(due) = self.running.and_then(|spell| spell.due) {
            if due <= at {
                self.end(due);
            }
        }
    }

    fn sign(&mut self, at: DateTime<Utc>, due: Option<DateTime<Utc>>) {
        // A contract signed at the very end of another goes on from it.
        if let Some(running) = &mut self.running {
            if running.due.is_none_or(|end| at <= end) {
                running.due = match (running.due, due) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
                return;
            }
        }
        self.lapse(at);
        self.running = Some(Spell {
            start: Some(at),
            due,
            end: None,
        });
    }

    fn renew(&mut self, at: DateTime<Utc>, due: Option<DateTime<Utc>>) {
        match &mut self.running {
            Some(running) => running.due = due,
            None => {
                self.running = Some(Spell {
                    start: (!self.done.is_empty()).then_some(at),
                    due,
                    end: None,
                });
            }
        }
    }

    fn end(&mut self, at: DateTime<Utc>) {
        let unknown = Spell {
            start: None,
            due: None,
            end: None,
        };
        let Some(mut spell) = self
            .running
            .take()
            .or_else(|| self.done.is_empty().then_some(unknown))
        else {
            return; // it had ended already
        };
        spell.end = Some(spell.due.map_or(at, |due| due.min(at)));
        self.done.push(spell);
    }
}
