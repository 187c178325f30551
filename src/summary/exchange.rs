//! Evidence of the exchange (交换): what the customer perceives to get and to give up, and what there
//! is instead.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::EvidencePolicy;
use super::decay::Decayed;
use crate::history::{Construct, Interaction, InteractionId, Kind, Scale};

/// One answer to a survey item, with its instant.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ExchangeAnswer {
    at: DateTime<Utc>,
    id: InteractionId,
    value: f64,
    scale: Scale,
}

impl ExchangeAnswer {
    /// When it was given.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// In which interaction.
    #[must_use]
    pub fn id(&self) -> &InteractionId {
        &self.id
    }

    /// The answer, on its scale.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The scale it was given on.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Where it lies on its scale, from 0 (lowest) to 1 (highest).
    #[must_use]
    pub fn share(&self) -> f64 {
        (self.value - self.scale.lowest()) / (self.scale.highest() - self.scale.lowest())
    }

    /// What decides which of two answers is the later: instant, id and then, for one id told in
    /// two ways, what it says.
    fn order(&self, other: &Self) -> Ordering {
        let content = |a: &Self| [a.value, a.scale.lowest(), a.scale.highest()].map(f64::to_bits);
        (self.at, &self.id, content(self)).cmp(&(other.at, &other.id, content(other)))
    }
}

/// Earlier answers to a survey item, faded: what a comparison level is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PastAnswers {
    /// How many answers' worth is left, above 0.
    pub weight: f64,
    /// Fading sum of the answers, each from 0 to 1.
    pub sum: f64,
    /// Sum of the squares of their weights.
    pub squared_weight: f64,
}

/// All that was answered to one survey item.
#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeItem {
    construct: Construct,
    about: Option<SmolStr>,
    item: Option<SmolStr>,
    latest: ExchangeAnswer,
    /// Weight, weighted answers, squared weights.
    past: Decayed<3>,
}

impl ExchangeItem {
    /// What the item measures.
    #[must_use]
    pub fn construct(&self) -> Construct {
        self.construct
    }

    /// The rival it is about; `None` if it is about the firm.
    #[must_use]
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// Its name; `None` if it asks for the construct as a whole.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        self.item.as_deref()
    }

    /// The latest answer.
    #[must_use]
    pub fn latest(&self) -> &ExchangeAnswer {
        &self.latest
    }

    /// What is left of the answers before the latest one or, of an item about a rival, of all
    /// answers; `None` if nothing is.
    ///
    /// What the firm's customers compare today's outcome with came before it. What they hear of a
    /// rival is no outcome of theirs, so all of it is something to compare with.
    #[must_use]
    pub fn past(&self) -> Option<PastAnswers> {
        let [weight, sum, squared_weight] = self.past.sums();
        (weight > 0.0).then_some(PastAnswers {
            weight,
            sum,
            squared_weight,
        })
    }

    fn key(&self) -> (Construct, Option<&str>, Option<&str>) {
        (self.construct, self.about(), self.item())
    }

    /// Puts an answer among those to compare with.
    fn remember(&mut self, answer: &ExchangeAnswer, policy: &EvidencePolicy) {
        self.past
            .add(answer.at, [1.0, answer.share(), 1.0], fade(policy));
    }

    /// Takes in all that was answered to the same item.
    fn take(&mut self, other: &Self, policy: &EvidencePolicy) {
        let mut earlier = other.latest.clone();
        if self.latest.order(&earlier).is_lt() {
            std::mem::swap(&mut self.latest, &mut earlier);
        }
        if self.about.is_none() {
            self.remember(&earlier, policy);
        }
        self.past.merge(&other.past, fade(policy));
    }

    fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        Self {
            past: self.past.faded_to(as_of, fade(policy)),
            ..self.clone()
        }
    }

    fn instant(&self) -> DateTime<Utc> {
        self.past
            .latest()
            .map_or(self.latest.at, |at| at.max(self.latest.at))
    }

    /// What an interaction answers.
    fn reading(interaction: &Interaction, policy: &EvidencePolicy) -> Option<Self> {
        let Kind::SurveyItem(answer) = interaction.kind() else {
            return None;
        };
        if !is_kept(answer.construct()) {
            return None;
        }
        let mut read = Self {
            construct: answer.construct(),
            about: answer.about().map(SmolStr::from),
            item: answer.item().map(SmolStr::from),
            latest: ExchangeAnswer {
                at: interaction.occurred_at(),
                id: interaction.id().clone(),
                value: answer.value() + 0.0, // −0 + 0 is +0
                scale: answer.scale(),
            },
            past: Decayed::EMPTY,
        };
        if read.about.is_some() {
            read.remember(&read.latest.clone(), policy);
        }
        Some(read)
    }
}

/// Whether answers about a construct are kept here: all but trust and feeling, which have states of
/// their own.
fn is_kept(construct: Construct) -> bool {
    match construct {
        Construct::Trust | Construct::Affect => false,
        Construct::PerceivedBenefit
        | Construct::PerceivedSacrifice
        | Construct::ShareOfWallet
        | Construct::Importance
        | Construct::Alternatives
        | Construct::SwitchingCost => true,
    }
}

/// The square of a faded weight fades twice as fast.
fn fade(policy: &EvidencePolicy) -> impl Fn(f64) -> [f64; 3] {
    let half_life = policy.outcomes();
    move |seconds| {
        let left = half_life.fade(seconds);
        [left, left, left * left]
    }
}

/// What a customer said of the exchange with the firm: perceived benefits and sacrifices (感知利得与
/// 感知利失), share of wallet, importance, alternatives and switching cost.
///
/// Of each item, by construct, by whom it is about and by name, it keeps the latest answer (of one
/// instant the one with the larger id) and a fading sum of those before, from which comes the level
/// that a customer compares today's outcome with
/// ([`SocialExchange`](crate::perceived::SocialExchange)). Takes events in any order and merges,
/// but for the last digits of the sums. Empty, it takes 8 bytes.
///
/// # Examples
///
/// ```
/// use chrono::{DateTime, Days};
/// use guanxi::history::{Construct, CustomerId, Interaction, InteractionId, Scale, SurveyItem};
/// use guanxi::summary::{EvidencePolicy, ExchangeEvidence};
///
/// let day = |n| DateTime::UNIX_EPOCH + Days::new(n);
/// let told = |id: &str, n, value| {
///     let item = SurveyItem::new(Construct::PerceivedBenefit, value, Scale::new(0.0, 10.0)?)?;
///     let (id, who) = (InteractionId::new(id)?, CustomerId::new("c-1")?);
///     Interaction::new(id, who, day(n), item.with_item("service"))
/// };
/// let log = [told("s-1", 0, 4.0)?, told("s-2", 365, 8.0)?];
/// let said = ExchangeEvidence::from_interactions(&log, day(365), &EvidencePolicy::default());
/// let service = said.get(Construct::PerceivedBenefit, None, Some("service")).ok_or("told")?;
/// assert_eq!(service.latest().share(), 0.8);
/// assert_eq!(service.past().map(|past| past.weight), Some(0.5)); // a year counts half
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "stored::ExchangeRow", into = "stored::ExchangeRow")
)]
pub struct ExchangeEvidence(Option<Box<Items>>);

/// At least one item, sorted by construct, whom it is about, and name.
#[derive(Debug, Clone, PartialEq, Default)]
struct Items(Vec<ExchangeItem>);

impl Items {
    fn take(&mut self, item: &ExchangeItem, policy: &EvidencePolicy) {
        match self.0.binary_search_by(|own| own.key().cmp(&item.key())) {
            Err(place) => self.0.insert(place, item.clone()),
            Ok(place) => {
                if let Some(own) = self.0.get_mut(place) {
                    own.take(item, policy);
                }
            }
        }
    }
}

impl ExchangeEvidence {
    /// Nothing said; nothing allocated.
    pub const EMPTY: Self = Self(None);

    /// Takes in one interaction; kinds other than [`Kind::SurveyItem`], and items on trust and
    /// feeling, change nothing.
    pub(super) fn observe(&mut self, interaction: &Interaction, policy: &EvidencePolicy) {
        if let Some(item) = ExchangeItem::reading(interaction, policy) {
            self.0.get_or_insert_default().take(&item, policy);
        }
    }

    /// Takes in what another state observed of other events. Associative and commutative, but for
    /// the last digits.
    pub(super) fn merge(&mut self, other: &Self, policy: &EvidencePolicy) {
        for item in other.items() {
            self.0.get_or_insert_default().take(item, policy);
        }
    }

    /// The state as of an instant that is not before the latest answer.
    pub(super) fn faded_to(&self, as_of: DateTime<Utc>, policy: &EvidencePolicy) -> Self {
        let as_of = self.latest().map_or(as_of, |latest| latest.max(as_of));
        let faded = |items: &Items| {
            let items = items.0.iter().map(|item| item.faded_to(as_of, policy));
            Box::new(Items(items.collect()))
        };
        Self(self.0.as_deref().map(faded))
    }

    /// Whether nothing was said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The instant of the latest answer, or a later one that the state is as of; `None` without any.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.items().iter().map(ExchangeItem::instant).max()
    }

    /// Every item that was answered, by construct, whom it is about, and name.
    #[must_use]
    pub fn items(&self) -> &[ExchangeItem] {
        self.0.as_deref().map_or(&[], |items| &items.0)
    }

    /// What was answered to one item; `about` is the rival it is about, `None` for the firm.
    #[must_use]
    pub fn get(
        &self,
        construct: Construct,
        about: Option<&str>,
        item: Option<&str>,
    ) -> Option<&ExchangeItem> {
        let items = self.items();
        let key = (construct, about, item);
        let place = items.binary_search_by(|own| own.key().cmp(&key)).ok()?;
        items.get(place)
    }

    /// The items on one construct of the firm, or of a rival.
    pub fn of<'a>(
        &'a self,
        construct: Construct,
        about: Option<&'a str>,
    ) -> impl Iterator<Item = &'a ExchangeItem> {
        let wanted =
            move |item: &&ExchangeItem| item.construct == construct && item.about() == about;
        self.items().iter().filter(wanted)
    }
}

#[cfg(feature = "serde")]
mod stored {
    //! How the state is written down, and the doubts it is read with.

    use chrono::{DateTime, Utc};
    use smol_str::SmolStr;

    use super::{Decayed, ExchangeAnswer, ExchangeEvidence, ExchangeItem, Items, is_kept};
    use crate::history::Construct;
    use crate::summary::SummaryError;

    /// No log leads to more answers.
    const MOST: f64 = 9_007_199_254_740_992.0;

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct PastRow {
        at: DateTime<Utc>,
        weight: f64,
        sum: f64,
        squared_weight: f64,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct ItemRow {
        construct: Construct,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        latest: ExchangeAnswer,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        past: Option<PastRow>,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(deny_unknown_fields, rename = "ExchangeEvidence")]
    pub(super) struct ExchangeRow {
        items: Vec<ItemRow>,
    }

    impl From<ExchangeItem> for ItemRow {
        fn from(item: ExchangeItem) -> Self {
            let [weight, sum, squared_weight] = item.past.sums();
            Self {
                construct: item.construct,
                about: item.about.map(String::from),
                item: item.item.map(String::from),
                latest: item.latest,
                past: item.past.latest().map(|at| PastRow {
                    at,
                    weight,
                    sum,
                    squared_weight,
                }),
            }
        }
    }

    impl From<ExchangeEvidence> for ExchangeRow {
        fn from(state: ExchangeEvidence) -> Self {
            let items = state.0.map_or_else(Vec::new, |items| items.0);
            Self {
                items: items.into_iter().map(ItemRow::from).collect(),
            }
        }
    }

    fn refused(expected: &'static str, found: String) -> SummaryError {
        SummaryError::StoredState { expected, found }
    }

    impl TryFrom<ItemRow> for ExchangeItem {
        type Error = SummaryError;

        fn try_from(row: ItemRow) -> Result<Self, SummaryError> {
            if !is_kept(row.construct) {
                let found = format!("one on {:?}", row.construct);
                return Err(refused("no item on trust or feeling", found));
            }
            let (value, scale) = (row.latest.value, row.latest.scale);
            if !(scale.lowest()..=scale.highest()).contains(&value) {
                return Err(refused("answers on their scales", format!("{value:?}")));
            }
            if row.about.is_some() && row.past.is_none() {
                let expected = "all answers of an item about a rival";
                return Err(refused(expected, "none".to_owned()));
            }
            let past = match row.past {
                None => Decayed::EMPTY,
                Some(past) => {
                    let (weight, rounding) = (past.weight, 1.0 + 1e-9);
                    let fits = (0.0..=MOST).contains(&weight)
                        && (0.0..=weight * rounding).contains(&past.sum)
                        && (0.0..=weight * rounding).contains(&past.squared_weight);
                    if !fits {
                        let found = format!(
                            "{weight:?} answers, their sum {:?}, squares {:?}",
                            past.sum, past.squared_weight
                        );
                        return Err(refused("fading sums of answers from 0 to 1", found));
                    }
                    let first = row.latest.at;
                    if row.about.is_some() && past.at < first {
                        return Err(refused("sums up to the latest answer", past.at.to_string()));
                    }
                    Decayed::from_stored(past.at, [weight, past.sum, past.squared_weight])
                }
            };
            Ok(Self {
                construct: row.construct,
                about: row.about.map(SmolStr::from),
                item: row.item.map(SmolStr::from),
                latest: row.latest,
                past,
            })
        }
    }

    impl TryFrom<ExchangeRow> for ExchangeEvidence {
        type Error = SummaryError;

        fn try_from(row: ExchangeRow) -> Result<Self, SummaryError> {
            let items = row.items.into_iter().map(ExchangeItem::try_from);
            let items = items.collect::<Result<Vec<_>, _>>()?;
            if !items.is_sorted_by(|a, b| a.key() < b.key()) {
                return Err(refused(
                    "items by construct, whom they are about, and name, each once",
                    "others".to_owned(),
                ));
            }
            Ok(Self((!items.is_empty()).then(|| Box::new(Items(items)))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_a_customer_who_was_never_asked_takes_8_bytes() {
        assert_eq!(size_of::<ExchangeEvidence>(), 8);
    }
}
