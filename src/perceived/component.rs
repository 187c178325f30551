//! What a customer gets and gives up: four benefits and four sacrifices.

/// What a customer gets (顾客总价值): the components of total customer value.
///
/// Kotler, *Marketing Management*, on customer delivered value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Benefit {
    /// What the goods do (产品价值).
    Product,
    /// What comes with them (服务价值).
    Service,
    /// The people one deals with (人员价值).
    Personnel,
    /// What it says about oneself (形象价值).
    Image,
}

/// What a customer gives up (顾客总成本): the components of total customer cost.
///
/// Kotler, *Marketing Management*, on customer delivered value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Sacrifice {
    /// Money (货币成本).
    Monetary,
    /// Time (时间成本).
    Time,
    /// Effort (精力成本).
    Energy,
    /// Risk, worry, embarrassment (心理成本).
    Psychic,
}

impl Benefit {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Product, Self::Service, Self::Personnel, Self::Image];

    /// Its name, such as `"product"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Service => "service",
            Self::Personnel => "personnel",
            Self::Image => "image",
        }
    }
}

impl Sacrifice {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Monetary, Self::Time, Self::Energy, Self::Psychic];

    /// Its name, such as `"monetary"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monetary => "monetary",
            Self::Time => "time",
            Self::Energy => "energy",
            Self::Psychic => "psychic",
        }
    }
}

/// One of the eight components of delivered value (让渡价值).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Component {
    /// Something the customer gets.
    Benefit(Benefit),
    /// Something the customer gives up.
    Sacrifice(Sacrifice),
}

impl Component {
    /// All eight, benefits first.
    pub const ALL: [Self; 8] = [
        Self::Benefit(Benefit::Product),
        Self::Benefit(Benefit::Service),
        Self::Benefit(Benefit::Personnel),
        Self::Benefit(Benefit::Image),
        Self::Sacrifice(Sacrifice::Monetary),
        Self::Sacrifice(Sacrifice::Time),
        Self::Sacrifice(Sacrifice::Energy),
        Self::Sacrifice(Sacrifice::Psychic),
    ];

    /// Its name, such as `"personnel"`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Benefit(benefit) => benefit.name(),
            Self::Sacrifice(sacrifice) => sacrifice.name(),
        }
    }

    /// Whether it is a benefit.
    #[must_use]
    pub const fn is_benefit(self) -> bool {
        matches!(self, Self::Benefit(_))
    }
}

impl From<Benefit> for Component {
    fn from(benefit: Benefit) -> Self {
        Self::Benefit(benefit)
    }
}

impl From<Sacrifice> for Component {
    fn from(sacrifice: Sacrifice) -> Self {
        Self::Sacrifice(sacrifice)
    }
}

/// One thing for each component: eight answers, eight weights, eight gaps.
///
/// # Examples
///
/// ```
/// use guanxi::perceived::{ByComponent, Component, Sacrifice};
///
/// let answers = ByComponent {
///     product: 8.0, service: 6.0, personnel: 7.0, image: 5.0,
///     monetary: 6.0, time: 4.0, energy: 3.0, psychic: 2.0,
/// };
/// assert_eq!(*answers.get(Component::Sacrifice(Sacrifice::Time)), 4.0);
/// assert_eq!(answers.iter().filter(|(component, _)| component.is_benefit()).count(), 4);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ByComponent<T> {
    /// That of [`Benefit::Product`].
    pub product: T,
    /// That of [`Benefit::Service`].
    pub service: T,
    /// That of [`Benefit::Personnel`].
    pub personnel: T,
    /// That of [`Benefit::Image`].
    pub image: T,
    /// That of [`Sacrifice::Monetary`].
    pub monetary: T,
    /// That of [`Sacrifice::Time`].
    pub time: T,
    /// That of [`Sacrifice::Energy`].
    pub energy: T,
    /// That of [`Sacrifice::Psychic`].
    pub psychic: T,
}

impl<T> ByComponent<T> {
    /// What a function says of each component, asked in the order of [`Component::ALL`].
    pub fn from_fn(mut of: impl FnMut(Component) -> T) -> Self {
        Self {
            product: of(Benefit::Product.into()),
            service: of(Benefit::Service.into()),
            personnel: of(Benefit::Personnel.into()),
            image: of(Benefit::Image.into()),
            monetary: of(Sacrifice::Monetary.into()),
            time: of(Sacrifice::Time.into()),
            energy: of(Sacrifice::Energy.into()),
            psychic: of(Sacrifice::Psychic.into()),
        }
    }

    /// What a function says of each component, or the first error.
    ///
    /// # Errors
    ///
    /// What the function fails with.
    pub fn try_from_fn<E>(mut of: impl FnMut(Component) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            product: of(Benefit::Product.into())?,
            service: of(Benefit::Service.into())?,
            personnel: of(Benefit::Personnel.into())?,
            image: of(Benefit::Image.into())?,
            monetary: of(Sacrifice::Monetary.into())?,
            time: of(Sacrifice::Time.into())?,
            energy: of(Sacrifice::Energy.into())?,
            psychic: of(Sacrifice::Psychic.into())?,
        })
    }

    /// The thing that belongs to a component.
    #[must_use]
    pub const fn get(&self, component: Component) -> &T {
        match component {
            Component::Benefit(Benefit::Product) => &self.product,
            Component::Benefit(Benefit::Service) => &self.service,
            Component::Benefit(Benefit::Personnel) => &self.personnel,
            Component::Benefit(Benefit::Image) => &self.image,
            Component::Sacrifice(Sacrifice::Monetary) => &self.monetary,
            Component::Sacrifice(Sacrifice::Time) => &self.time,
            Component::Sacrifice(Sacrifice::Energy) => &self.energy,
            Component::Sacrifice(Sacrifice::Psychic) => &self.psychic,
        }
    }

    /// Each component with its thing, in the order of [`Component::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Component, &T)> {
        Component::ALL.into_iter().map(|c| (c, self.get(c)))
    }

    /// The same for what a function makes of each thing.
    #[must_use]
    pub fn map<U>(&self, mut to: impl FnMut(&T) -> U) -> ByComponent<U> {
        ByComponent::from_fn(|component| to(self.get(component)))
    }
}

impl<T> std::ops::Index<Component> for ByComponent<T> {
    type Output = T;

    fn index(&self, component: Component) -> &T {
        self.get(component)
    }
}
