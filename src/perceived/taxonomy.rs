//! What kinds of value a customer finds: two taxonomies, each a table one can change.
//!
//! - Sheth, Newman & Gross (1991), "Why We Buy What We Buy: A Theory of Consumption Values",
//!   *Journal of Business Research* 22(2), 159–170, <https://doi.org/10.1016/0148-2963(91)90050-8>.
//! - Sweeney & Soutar (2001), "Consumer Perceived Value: The Development of a Multiple Item Scale",
//!   *Journal of Retailing* 77(2), 203–220, <https://doi.org/10.1016/S0022-4359(01)00041-0>.

use std::collections::BTreeMap;

use super::{Benefit, Component, PerceivedError, Sacrifice};
use crate::quantity::Fingerprint;

/// Which component the named items of a survey are about (题项表).
///
/// Items on benefits and items on sacrifices have names of their own, so that "service" may be got
/// and given up. Every component goes by its own [name](Component::name); the default knows some
/// more, which are our choice:
///
/// | component | items |
/// |---|---|
/// | product | `product`, `quality`, `design`, `savings` |
/// | service | `service`, `service_speed`, `one_stop` |
/// | personnel | `personnel` |
/// | image | `image` |
/// | monetary | `monetary`, `price` |
/// | time | `time` |
/// | energy | `energy`, `effort` |
/// | psychic | `psychic`, `risk`, `embarrassment` |
///
/// An item that no table knows counts to no component, and the
/// [score](super::PerceivedValueScore::unmapped) says which those were.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{Benefit, ItemTable};
///
/// let table = ItemTable::default().with_benefit("uptime", Benefit::Product)?;
/// assert_eq!(table.benefit("uptime"), Some(Benefit::Product));
/// assert_eq!(table.benefit("price"), None); // it is a sacrifice
/// # Ok::<(), guanxi::perceived::PerceivedError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ItemTable {
    benefits: BTreeMap<String, Benefit>,
    sacrifices: BTreeMap<String, Sacrifice>,
}

impl Default for ItemTable {
    fn default() -> Self {
        let benefits = [
            ("quality", Benefit::Product),
            ("design", Benefit::Product),
            ("savings", Benefit::Product),
            ("service_speed", Benefit::Service),
            ("one_stop", Benefit::Service),
        ];
        let sacrifices = [
            ("price", Sacrifice::Monetary),
            ("effort", Sacrifice::Energy),
            ("risk", Sacrifice::Psychic),
            ("embarrassment", Sacrifice::Psychic),
        ];
        let mut table = Self::of_components();
        let benefits = benefits.map(|(name, component)| (name.to_owned(), component));
        let sacrifices = sacrifices.map(|(name, component)| (name.to_owned(), component));
        table.benefits.extend(benefits);
        table.sacrifices.extend(sacrifices);
        table
    }
}

impl ItemTable {
    /// A table in which every component goes by its own name, and nothing else.
    #[must_use]
    pub fn of_components() -> Self {
        Self {
            benefits: Benefit::ALL.map(|b| (b.name().to_owned(), b)).into(),
            sacrifices: Sacrifice::ALL.map(|s| (s.name().to_owned(), s)).into(),
        }
    }

    /// The same table with an item on a benefit.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::StatedTwice`] if it is in the table.
    pub fn with_benefit(mut self, item: &str, of: Benefit) -> Result<Self, PerceivedError> {
        match self.benefits.insert(item.to_owned(), of) {
            None => Ok(self),
            Some(_) => Err(twice(item)),
        }
    }

    /// The same table with an item on a sacrifice.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::StatedTwice`] if it is in the table.
    pub fn with_sacrifice(mut self, item: &str, of: Sacrifice) -> Result<Self, PerceivedError> {
        match self.sacrifices.insert(item.to_owned(), of) {
            None => Ok(self),
            Some(_) => Err(twice(item)),
        }
    }

    /// The component that an item on a benefit is about.
    #[must_use]
    pub fn benefit(&self, item: &str) -> Option<Benefit> {
        self.benefits.get(item).copied()
    }

    /// The component that an item on a sacrifice is about.
    #[must_use]
    pub fn sacrifice(&self, item: &str) -> Option<Sacrifice> {
        self.sacrifices.get(item).copied()
    }

    /// The component that an item is about, on the side of the benefits or of the sacrifices.
    pub(super) fn component(&self, item: &str, is_benefit: bool) -> Option<Component> {
        if is_benefit {
            self.benefit(item).map(Component::Benefit)
        } else {
            self.sacrifice(item).map(Component::Sacrifice)
        }
    }

    pub(super) fn fingerprint(&self, mut print: Fingerprint) -> Fingerprint {
        print = print.whole(self.benefits.len() as u64);
        for (item, of) in &self.benefits {
            print = print.text(item).text(of.name());
        }
        for (item, of) in &self.sacrifices {
            print = print.text(item).text(of.name());
        }
        print
    }
}

fn twice(item: &str) -> PerceivedError {
    PerceivedError::StatedTwice {
        what: "the component of an item",
        found: item.to_owned(),
    }
}

/// What a kind of value is measured by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ValueFacet {
    /// A whole component, by all items on it.
    Component(Component),
    /// One item on a benefit, by its name.
    BenefitItem(String),
    /// One item on a sacrifice, by its name.
    SacrificeItem(String),
}

impl ValueFacet {
    fn fingerprint(&self, print: Fingerprint) -> Fingerprint {
        match self {
            Self::Component(component) => print.text("component").text(component.name()),
            Self::BenefitItem(item) => print.text("benefit").text(item),
            Self::SacrificeItem(item) => print.text("sacrifice").text(item),
        }
    }
}

/// A kind of value and what it is measured by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "KindRow", into = "KindRow"))]
pub struct ValueKind {
    name: String,
    facets: Vec<ValueFacet>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "ValueKind")]
struct KindRow {
    name: String,
    facets: Vec<ValueFacet>,
}

#[cfg(feature = "serde")]
impl TryFrom<KindRow> for ValueKind {
    type Error = PerceivedError;

    fn try_from(row: KindRow) -> Result<Self, PerceivedError> {
        Self::new(&row.name, row.facets)
    }
}

#[cfg(feature = "serde")]
impl From<ValueKind> for KindRow {
    fn from(kind: ValueKind) -> Self {
        Self {
            name: kind.name,
            facets: kind.facets,
        }
    }
}

impl ValueKind {
    /// A kind of value that is measured by some facets, in any order.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Empty`] without a facet; [`PerceivedError::StatedTwice`] for one that comes
    /// twice.
    pub fn new(
        name: &str,
        facets: impl IntoIterator<Item = ValueFacet>,
    ) -> Result<Self, PerceivedError> {
        let mut facets: Vec<ValueFacet> = facets.into_iter().collect();
        facets.sort();
        if facets.is_empty() {
            return Err(PerceivedError::Empty {
                expected: "a facet that a kind of value is measured by",
            });
        }
        for (before, after) in facets.iter().zip(facets.iter().skip(1)) {
            if before == after {
                return Err(PerceivedError::StatedTwice {
                    what: "a facet of a kind of value",
                    found: format!("{after:?}"),
                });
            }
        }
        Ok(Self {
            name: name.to_owned(),
            facets,
        })
    }

    /// A kind of one of the tables here, whose rows are known to be valid.
    fn row(name: &str, benefits: &[Benefit], items: &[&str], sacrifices: &[Sacrifice]) -> Self {
        let benefits = benefits.iter().map(|b| ValueFacet::Component((*b).into()));
        let items = items
            .iter()
            .map(|i| ValueFacet::BenefitItem((*i).to_owned()));
        let sacrifices = sacrifices
            .iter()
            .map(|s| ValueFacet::Component((*s).into()));
        let mut facets: Vec<ValueFacet> = benefits.chain(items).chain(sacrifices).collect();
        facets.sort();
        Self {
            name: name.to_owned(),
            facets,
        }
    }

    /// Its name, such as `"functional"`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is measured by.
    #[must_use]
    pub fn facets(&self) -> &[ValueFacet] {
        &self.facets
    }
}

/// A way to tell kinds of value apart (价值分类), each measured by components or single items.
///
/// Kinds may share facets, so their values do not add up to the whole.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{Benefit, Taxonomy, ValueFacet, ValueKind};
///
/// let scale = Taxonomy::perceived_value_scale();
/// let names: Vec<_> = scale.kinds().iter().map(ValueKind::name).collect();
/// assert_eq!(names, ["functional", "social", "emotional", "economic"]);
///
/// let product = ValueFacet::Component(Benefit::Product.into());
/// let own = Taxonomy::new("ours", [ValueKind::new("goods", [product])?])?;
/// assert_eq!(own.kind("goods").map(|kind| kind.facets().len()), Some(1));
/// # Ok::<(), guanxi::perceived::PerceivedError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "TaxonomyRow", into = "TaxonomyRow")
)]
pub struct Taxonomy {
    name: String,
    kinds: Vec<ValueKind>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Taxonomy")]
struct TaxonomyRow {
    name: String,
    kinds: Vec<ValueKind>,
}

#[cfg(feature = "serde")]
impl TryFrom<TaxonomyRow> for Taxonomy {
    type Error = PerceivedError;

    fn try_from(row: TaxonomyRow) -> Result<Self, PerceivedError> {
        Self::new(&row.name, row.kinds)
    }
}

#[cfg(feature = "serde")]
impl From<Taxonomy> for TaxonomyRow {
    fn from(taxonomy: Taxonomy) -> Self {
        Self {
            name: taxonomy.name,
            kinds: taxonomy.kinds,
        }
    }
}

/// Functional value (功能价值).
fn functional() -> ValueKind {
    let benefits = [Benefit::Product, Benefit::Service];
    ValueKind::row("functional", &benefits, &[], &[Sacrifice::Monetary])
}

/// Social value (社会价值).
fn social() -> ValueKind {
    let benefits = [Benefit::Image, Benefit::Personnel];
    ValueKind::row("social", &benefits, &[], &[Sacrifice::Psychic])
}

/// What the experience (体验价值) or the feeling (情感价值) is worth.
fn felt(name: &str) -> ValueKind {
    let benefits = [Benefit::Image, Benefit::Personnel];
    ValueKind::row(name, &benefits, &["design"], &[Sacrifice::Psychic])
}

impl Taxonomy {
    /// Kinds of value under names of their own.
    ///
    /// # Errors
    ///
    /// [`PerceivedError::Empty`] without a kind; [`PerceivedError::StatedTwice`] for a name that
    /// comes twice.
    pub fn new(
        name: &str,
        kinds: impl IntoIterator<Item = ValueKind>,
    ) -> Result<Self, PerceivedError> {
        let kinds: Vec<ValueKind> = kinds.into_iter().collect();
        if kinds.is_empty() {
            return Err(PerceivedError::Empty {
                expected: "a kind of value",
            });
        }
        for (place, kind) in kinds.iter().enumerate() {
            if kinds
                .iter()
                .take(place)
                .any(|other| other.name == kind.name)
            {
                return Err(PerceivedError::StatedTwice {
                    what: "a kind of value",
                    found: kind.name.clone(),
                });
            }
        }
        Ok(Self {
            name: name.to_owned(),
            kinds,
        })
    }

    /// Functional (功能), convenience (便利), social (社会) and experience (体验) value: consumption
    /// values after Sheth, Newman & Gross (1991).
    ///
    /// | value | benefits | sacrifices |
    /// |---|---|---|
    /// | functional | product, service | monetary |
    /// | convenience | the items `service_speed` and `one_stop` | time, energy |
    /// | social | image, personnel | psychic |
    /// | experience | image, personnel, the item design | psychic |
    ///
    /// That there are such kinds is established; which component measures which is our choice.
    #[must_use]
    pub fn consumption_values() -> Self {
        let items = ["service_speed", "one_stop"];
        let costs = [Sacrifice::Time, Sacrifice::Energy];
        Self {
            name: "consumption values".to_owned(),
            kinds: vec![
                functional(),
                ValueKind::row("convenience", &[], &items, &costs),
                social(),
                felt("experience"),
            ],
        }
    }

    /// Functional (功能), social (社会), emotional (情感) and economic (经济) value: the four
    /// dimensions of the scale of Sweeney & Soutar (2001), with price as the economic one.
    ///
    /// | value | benefits | sacrifices |
    /// |---|---|---|
    /// | functional | product, service | monetary |
    /// | social | image, personnel | psychic |
    /// | emotional | image, personnel, the item design | psychic |
    /// | economic | the item savings | monetary |
    ///
    /// That there are such dimensions is established; which component measures which is our choice.
    #[must_use]
    pub fn perceived_value_scale() -> Self {
        let economic = ValueKind::row("economic", &[], &["savings"], &[Sacrifice::Monetary]);
        Self {
            name: "perceived value scale".to_owned(),
            kinds: vec![functional(), social(), felt("emotional"), economic],
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kinds of value, in the order they were stated.
    #[must_use]
    pub fn kinds(&self) -> &[ValueKind] {
        &self.kinds
    }

    /// One kind of value.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&ValueKind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    pub(super) fn fingerprint(&self, print: Fingerprint) -> Fingerprint {
        let mut print = print.text(&self.name).whole(self.kinds.len() as u64);
        for kind in &self.kinds {
            print = print.text(&kind.name).whole(kind.facets.len() as u64);
            for facet in &kind.facets {
                print = facet.fingerprint(print);
            }
        }
        print
    }
}
