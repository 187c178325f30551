//! The relationship of each customer shown, in four dimensions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use guanxi::chrono::{DateTime, Utc};
use guanxi::dimension::{CategoryPrior, DimensionError, DimensionRules, ReferenceFrame};
use guanxi::history::{AsOf, CustomerId, Interaction, InteractionId, Kind, Purchase, Return};
use guanxi::model::{Clv, ClvTerms, Draws, FitError, Fitted, GammaGamma, LifetimeValue};
use guanxi::model::{Parametric, PurchaseModel};
use guanxi::portfolio::Portfolio;
use guanxi::quantity::{Money, PolicyId};
use guanxi::relationship::{
    Composite, CompositionPolicy, Explanation, RelationshipChange, RelationshipScorer,
    RelationshipValue,
};
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::summary::{CustomerSummary, LiveBase, SummaryError};

use crate::appraisal::SHOWN;
use crate::support::Failure;
use crate::{Events, Order};

/// Events named of each customer.
pub(crate) const EVENTS: usize = 3;

/// Draws where only the mean is asked for, which does not depend on them.
const FEW: usize = 10;

/// What is added to the count of each category, after Krichevsky and Trofimov.
const SMOOTHING: f64 = 0.5;

/// A row of a log of transactions: number, instant and amount, below 0 for a return.
pub(crate) type Row = (u64, DateTime<Utc>, Money);

/// Rows of a log of transactions by customer.
pub(crate) type Rows = BTreeMap<String, Vec<Row>>;

/// Keeps a row.
pub(crate) fn row(rows: &mut Rows, customer: &str, row: Row) {
    match rows.get_mut(customer) {
        Some(known) => known.push(row),
        None => {
            rows.insert(customer.to_owned(), vec![row]);
        }
    }
}

/// The same lifetime value, made with more or fewer draws.
pub(crate) struct Values<V> {
    /// None: the value alone.
    plain: V,
    /// A few, for what rests on the mean.
    few: V,
    /// Enough for an interval.
    pub(crate) drawn: V,
}

impl<P: PurchaseModel + Parametric> Values<Clv<P, GammaGamma>> {
    pub(crate) fn new(
        purchases: &Fitted<P>,
        spend: &Fitted<GammaGamma>,
        terms: ClvTerms,
    ) -> Result<Self, FitError> {
        let draws = Draws::default();
        let few = Draws {
            count: FEW,
            ..draws
        };
        Ok(Self {
            plain: Clv::new(purchases.model().clone(), *spend.model(), terms)?,
            few: Clv::fitted(purchases, spend, terms, few)?,
            drawn: Clv::fitted(purchases, spend, terms, draws)?,
        })
    }
}

/// The relationships, and by which rules they were judged.
pub(crate) struct Relationships {
    pub(crate) frame: Arc<ReferenceFrame>,
    pub(crate) policy: CompositionPolicy,
    /// The rules by which interactions became evidence.
    pub(crate) evidence: PolicyId,
    pub(crate) shown: Vec<Shown>,
    /// Every customer of a log of interactions in order of name; nobody of a log of transactions,
    /// who all stand alike.
    pub(crate) everyone: Vec<RelationshipValue>,
}

impl Relationships {
    /// The customers shown.
    pub(crate) fn names(&self) -> Vec<String> {
        let shown = self.shown.iter().map(|shown| shown.explanation.value());
        shown.map(|value| value.customer().to_string()).collect()
    }
}

/// A customer shown.
pub(crate) struct Shown {
    pub(crate) explanation: Explanation,
    pub(crate) change: Option<RelationshipChange>,
}

/// Judges the customers to be shown, by a frame taken of all customers.
pub(crate) fn judge<V: Scorer<Score = LifetimeValue>>(
    order: &Order,
    values: Option<Values<V>>,
    portfolio: Option<&Portfolio>,
    summaries: &[CustomerSummary],
) -> Result<Relationships, Failure> {
    let log = &order.log;
    let policy = CompositionPolicy::default();
    let rules = rules(summaries).map_err(|error| log.refused(error))?;
    let (label, at) = (order.file_name(), order.as_of);
    let judgeable = |customer: &&CustomerSummary| match &values {
        Some(values) => can_be_valued(&values.plain.score(customer)),
        None => true,
    };
    let judged: Vec<&CustomerSummary> = summaries.iter().filter(judgeable).collect();
    let frame = match &values {
        Some(values) => ReferenceFrame::of(rules, label, at, &values.plain, judged.iter().copied()),
        None => ReferenceFrame::without_value(rules, label, at, judged.iter().copied()),
    };
    let frame = Arc::new(frame.map_err(|error| log.refused(error))?);
    // Where nobody is worth anything there is no median to compare with.
    if let Some(values) = values.filter(|_| frame.median_value().is_some()) {
        let scorer = |value| {
            RelationshipScorer::new(value, Arc::clone(&frame), policy)
                .map_err(|error| log.refused(error))
        };
        let (few, drawn) = (scorer(values.few)?, scorer(values.drawn)?);
        show(order, &few, &drawn, portfolio, &judged)
    } else {
        let scorer = RelationshipScorer::without_value(frame, policy);
        let scorer = scorer.map_err(|error| log.refused(error))?;
        show(order, &scorer, &scorer, None, &judged)
    }
}

/// The default rules, and what the customers buy as what is expected of anyone.
fn rules(summaries: &[CustomerSummary]) -> Result<DimensionRules, DimensionError> {
    let read = summaries.iter().filter_map(|c| c.preferences().ok()?);
    let categories = CategoryPrior::from_customers(read, SMOOTHING)?;
    Ok(DimensionRules::default().with_categories(categories))
}

/// Whether a customer has a value, or has none for a reason that a relationship can state.
fn can_be_valued(value: &Result<LifetimeValue, ScoreError>) -> bool {
    use ScoreError::{NoPurchase, Unreadable};
    matches!(value, Ok(_) | Err(NoPurchase { .. } | Unreadable { .. }))
}

fn show<V: Scorer<Score = LifetimeValue>>(
    order: &Order,
    few: &RelationshipScorer<V>,
    drawn: &RelationshipScorer<V>,
    portfolio: Option<&Portfolio>,
    judged: &[&CustomerSummary],
) -> Result<Relationships, Failure> {
    let log = &order.log;
    let everyone = match &order.events {
        Events::Transactions(_) => Vec::new(),
        Events::Interactions(_) => judged
            .iter()
            .map(|customer| few.score(customer))
            .collect::<Result<_, _>>()
            .map_err(|error| log.refused(error))?,
    };
    let names: Vec<String> = match (&order.customer, portfolio) {
        (Some(name), _) => vec![name.clone()],
        (None, Some(portfolio)) if everyone.is_empty() => {
            let ranked = portfolio.ranked().iter().take(SHOWN);
            ranked.map(|c| c.customer().to_string()).collect()
        }
        (None, _) => ranked(&everyone)
            .take(SHOWN)
            .map(CustomerId::to_string)
            .collect(),
    };
    let live = live(order, &names).map_err(|error| log.refused(error))?;
    let mut shown = Vec::new();
    for name in &names {
        let to = AsOf::at(order.as_of);
        let explanation = drawn.explain(&live, name, to);
        let change = order
            .changed_since
            .map(|since| few.change(&live, name, AsOf::at(since), to));
        shown.push(Shown {
            explanation: explanation.map_err(|error| log.refused(error))?,
            change: change.transpose().map_err(|error| log.refused(error))?,
        });
    }
    Ok(Relationships {
        frame: Arc::clone(drawn.frame()),
        policy: *drawn.policy(),
        evidence: live.rules().id(),
        shown,
        everyone,
    })
}

/// Customers with the highest composite first, then those without one by value.
fn ranked(everyone: &[RelationshipValue]) -> impl Iterator<Item = &CustomerId> {
    let key = |value: &RelationshipValue| {
        let composite = value.composite().composite().map(Composite::value);
        (
            composite,
            value.economic().native().map(LifetimeValue::value),
        )
    };
    let mut order: Vec<&RelationshipValue> = everyone.iter().collect();
    // None is below every number, and no number here is NaN.
    order.sort_by(|a, b| {
        key(b)
            .partial_cmp(&key(a))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    order.into_iter().map(RelationshipValue::customer)
}

/// A live base that holds the customers to be shown, if not all.
fn live<'a>(order: &'a Order, names: &[String]) -> Result<Cow<'a, LiveBase>, SummaryError> {
    let rows = match &order.events {
        Events::Interactions(log) => return Ok(Cow::Borrowed(&log.live)),
        Events::Transactions(rows) => rows,
    };
    let rules = Arc::clone(order.log.base.rules());
    let mut live = LiveBase::with_rules(*order.log.base.policy(), rules);
    for name in names {
        let customer = CustomerId::new(name)?;
        for &row in rows.get(name).into_iter().flatten() {
            live.observe(interaction(customer.clone(), row)?)?;
        }
    }
    Ok(Cow::Owned(live))
}

/// A row of a log of transactions as what it records.
pub(crate) fn interaction(customer: CustomerId, row: Row) -> Result<Interaction, SummaryError> {
    let (number, at, amount) = row;
    let kind: Kind = if amount.is_negative() {
        Return::new(amount.negate())?.into()
    } else {
        Purchase::new(amount)?.into()
    };
    let id = InteractionId::new(format!("row {number}"))?;
    Ok(Interaction::new(id, customer, at, kind)?)
}
