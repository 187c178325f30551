//! The segments that customers are in, and those that cannot be told.

use std::collections::BTreeMap;

use guanxi::metric::{Reported, SmallGroups};
use guanxi::model::{GammaGamma, LifetimeValue, PurchaseModel};
use guanxi::portfolio::Portfolio;
use guanxi::scorer::{ScoreError, Scorer};
use guanxi::segment::{
    Lifecycle, LifecyclePolicy, LifecycleScorer, LifecycleStage, NeedsAssignment,
    NeedsClusterPolicy, NeedsClusters, PriceClass, PriceFrame, PricePolicy, PriceSensitivity,
    RelationClass, RelationMeasure, RelationMembership, RelationPolicy, RelationScorer, RfmFrame,
    RfmPolicy, RfmScores, SegmentError, Segmented, TierShares, ValueCell, ValueMatrixScorer,
    ValueQuadrant, ValueTier,
};
use guanxi::summary::CustomerSummary;

use crate::{Events, Order};

/// The scores that count as high: the upper two fifths.
const HIGH: u8 = 4;

/// The ways in which customers are grouped, and the segments of those shown.
pub(crate) struct Segments {
    /// Customers who permit segments.
    pub(crate) modelled: u64,
    /// Customers who do not.
    pub(crate) not_modelled: u64,
    pub(crate) ways: Vec<Grouping>,
    /// Silhouette of the segments by needs.
    pub(crate) silhouette: Option<f64>,
    /// What each customer shown is, by the key of the way.
    pub(crate) shown: Vec<(String, BTreeMap<&'static str, Place>)>,
}

impl Segments {
    /// The name of a segment by needs.
    pub(crate) fn needs_name(&self, segment: usize) -> &str {
        let way = self.ways.iter().find(|way| way.key == "needs");
        let names = way.and_then(|way| way.groups.as_ref().ok());
        let name = names.and_then(|groups| groups.names.get(segment));
        name.map_or("", String::as_str)
    }
}

/// One way to group customers.
pub(crate) struct Grouping {
    pub(crate) key: &'static str,
    /// It in words.
    pub(crate) name: &'static str,
    /// The groups, or why they cannot be told.
    pub(crate) groups: Result<Groups, String>,
}

/// Groups with how many are in them, and their share of the value to come.
pub(crate) struct Groups {
    /// Customers in them and in none.
    pub(crate) customers: u64,
    pub(crate) names: Vec<String>,
    pub(crate) rows: Vec<Reported<(u64, Option<f64>)>>,
    /// Those who are in none, if there are any: too little is known of them, or they never bought.
    pub(crate) undecided: Option<Reported<u64>>,
}

impl Groups {
    /// Of groups with how many they hold and what these are worth, and of those who are in none, what
    /// may be shown: all are groups of one table, as the total of all customers is shown.
    fn new(names: Vec<String>, groups: &[(u64, f64)], undecided: u64, small: SmallGroups) -> Self {
        let counts = groups.iter().map(|group| group.0);
        let counts = counts.chain((undecided > 0).then_some(undecided));
        let table = small.table(counts.clone().map(|n| (n, ())));
        let (shown, rest) = table.groups().split_at(groups.len());
        let hidden = groups.iter().zip(shown);
        let hidden = hidden.filter(|(_, shown)| shown.shown().is_none());
        let hidden: Vec<u64> = hidden.map(|(group, _)| group.0).collect();
        // The shares of the others would tell that of one group, or of few customers.
        let few = hidden.len() == 1 || hidden.iter().sum::<u64>() < small.smallest();
        let told = hidden.is_empty() || !few;
        let all: f64 = groups.iter().map(|group| group.1).sum();
        let share = |value: f64| (told && all > 0.0).then(|| value / all);
        let rows = groups.iter().zip(shown);
        let rows = rows.map(|((count, value), shown)| shown.map(|()| (*count, share(*value))));
        Self {
            customers: counts.sum(),
            names,
            rows: rows.collect(),
            undecided: rest.first().map(|rest| rest.map(|()| undecided)),
        }
    }
}

/// Where a customer is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Relation(RelationMembership),
    Stage(Lifecycle),
    Tier(ValueCell),
    Matrix(ValueCell),
    Rfm(RfmScores),
    Price(PriceSensitivity),
    Needs(NeedsAssignment),
}

impl Place {
    /// The number of its group.
    fn group(&self) -> Option<usize> {
        match self {
            Self::Relation(member) => position(&RELATION, &member.class()),
            Self::Stage(life) => position(&STAGES, &(life.stage, life.lapsed)),
            Self::Tier(cell) => position(&TIERS, &cell.potential),
            Self::Matrix(cell) => position(&QUADRANTS, &cell.quadrant()),
            Self::Rfm(scores) => {
                let (recent, frequent) = (scores.recency >= HIGH, scores.frequency >= HIGH);
                position(&RFM, &(recent, frequent))
            }
            Self::Price(price) => position(&PRICES, &price.class?),
            Self::Needs(needs) => Some(needs.segment),
        }
    }
}

fn position<T: PartialEq>(all: &[T], one: &T) -> Option<usize> {
    all.iter().position(|other| other == one)
}

const RELATION: [RelationClass; 3] = [
    RelationClass::Relational,
    RelationClass::Selective,
    RelationClass::Transactional,
];
const STAGES: [(LifecycleStage, bool); 6] = [
    (LifecycleStage::Current, false),
    (LifecycleStage::Target, false),
    (LifecycleStage::Target, true),
    (LifecycleStage::Potential, false),
    (LifecycleStage::Potential, true),
    (LifecycleStage::Excluded, false),
];
const TIERS: [ValueTier; 5] = [
    ValueTier::Platinum,
    ValueTier::Gold,
    ValueTier::Iron,
    ValueTier::Lead,
    ValueTier::LossMaking,
];
const QUADRANTS: [ValueQuadrant; 4] = [
    ValueQuadrant::Keep,
    ValueQuadrant::Develop,
    ValueQuadrant::Maintain,
    ValueQuadrant::Economise,
];
/// Whether recent, and whether frequent.
const RFM: [(bool, bool); 4] = [(true, true), (true, false), (false, true), (false, false)];
const PRICES: [PriceClass; 2] = [PriceClass::Sensitive, PriceClass::NotShown];

type Judged = Result<Segmented<Option<Place>>, ScoreError>;
type Judge<'a> = Box<dyn Fn(&CustomerSummary) -> Judged + 'a>;

/// A scorer as something that finds places.
fn judge<'a, T: 'a, S: Scorer<Score = Segmented<T>> + 'a>(
    scorer: S,
    place: impl Fn(T) -> Option<Place> + 'a,
) -> Judge<'a> {
    Box::new(move |customer| {
        Ok(match scorer.score(customer)? {
            Segmented::Modelled(found) => Segmented::Modelled(place(found)),
            Segmented::NotModelled(withheld) => Segmented::NotModelled(withheld),
        })
    })
}

/// One way, before anybody is judged.
struct Way<'a> {
    key: &'static str,
    name: &'static str,
    groups: Vec<String>,
    /// Whether anybody can be in the group of this number.
    possible: fn(usize) -> bool,
    judge: Result<Judge<'a>, String>,
}

impl<'a> Way<'a> {
    fn new<T: ToString>(
        (key, name): (&'static str, &'static str),
        groups: impl IntoIterator<Item = T>,
        judge: Result<Judge<'a>, SegmentError>,
    ) -> Self {
        Self {
            key,
            name,
            groups: groups.into_iter().map(|group| group.to_string()).collect(),
            possible: |_| true,
            judge: judge.map_err(|error| error.to_string()),
        }
    }

    /// The same without groups that nobody can be in.
    fn limited(self, limited: bool, possible: fn(usize) -> bool) -> Self {
        let possible = if limited { possible } else { self.possible };
        Self { possible, ..self }
    }

    /// Counts who is in which group, and notes where the members shown are.
    fn count(
        self,
        summaries: &[CustomerSummary],
        values: &BTreeMap<&str, &LifetimeValue>,
        members: &mut [(String, BTreeMap<&'static str, Place>)],
        small: SmallGroups,
    ) -> Result<Result<Groups, String>, ScoreError> {
        let judge = match self.judge {
            Ok(judge) => judge,
            Err(why) => return Ok(Err(why)),
        };
        let mut counted = vec![(0, 0.0); self.groups.len()];
        let mut undecided = 0;
        for customer in summaries {
            let name = customer.customer().as_str();
            // Who cannot be judged has not bought, or may not be read.
            let place = match judge(customer) {
                Ok(Segmented::Modelled(place)) => place,
                Ok(Segmented::NotModelled(_)) => continue,
                Err(ScoreError::NoPurchase { .. } | ScoreError::Unreadable { .. }) => None,
                Err(error) => return Err(error),
            };
            let member = members.iter_mut().find(|(member, _)| member == name);
            if let (Some((_, places)), Some(place)) = (member, place) {
                places.insert(self.key, place);
            }
            let group = place.and_then(|place| counted.get_mut(place.group()?));
            let Some((count, value)) = group else {
                undecided += 1;
                continue;
            };
            *count += 1;
            *value += values.get(name).map_or(0.0, |value| value.value());
        }
        let groups = self.groups.into_iter().zip(counted).enumerate();
        let there = |place, count| count > 0 || (self.possible)(place);
        let (names, rows): (Vec<_>, Vec<_>) = groups
            .filter(|(place, (_, (count, _)))| there(*place, *count))
            .map(|(_, named)| named)
            .unzip();
        Ok(Ok(Groups::new(names, &rows, undecided, small)))
    }

    fn unknown((key, name): (&'static str, &'static str), why: &str) -> Self {
        Self {
            key,
            name,
            groups: Vec::new(),
            possible: |_| true,
            judge: Err(why.to_owned()),
        }
    }
}

/// The values that were found already, looked up.
struct Known<'a>(&'a BTreeMap<&'a str, &'a LifetimeValue>);

impl Scorer for Known<'_> {
    type Score = LifetimeValue;

    fn score(&self, customer: &CustomerSummary) -> Result<LifetimeValue, ScoreError> {
        let known = self.0.get(customer.customer().as_str());
        known
            .map(|value| (*value).clone())
            .ok_or_else(|| ScoreError::NoPurchase {
                customer: customer.customer().clone(),
            })
    }
}

/// Puts everybody into segments, and keeps those of the customers shown.
pub(crate) fn segment<P: PurchaseModel + Clone>(
    order: &Order,
    summaries: &[CustomerSummary],
    models: Result<(&P, &GammaGamma, &Portfolio), &str>,
    shown: &[String],
) -> Result<Segments, ScoreError> {
    let portfolio = models.ok().map(|(.., portfolio)| portfolio);
    let ranked = portfolio.into_iter().flat_map(Portfolio::ranked);
    let values: BTreeMap<&str, &LifetimeValue> = ranked
        .map(|valued| (valued.customer().as_str(), valued.value()))
        .collect();
    let mut ways = ways(order, summaries, models, &values);
    let (needs, silhouette) = needs(summaries);
    ways.push(needs);
    let mut members: Vec<(String, BTreeMap<&'static str, Place>)> = shown
        .iter()
        .map(|name| (name.clone(), BTreeMap::new()))
        .collect();
    let ways = ways
        .into_iter()
        .map(|way| {
            Ok(Grouping {
                key: way.key,
                name: way.name,
                groups: way.count(summaries, &values, &mut members, order.small)?,
            })
        })
        .collect::<Result<_, ScoreError>>()?;
    let modelled = summaries.iter().filter(|c| c.modelled().is_ok());
    let modelled = modelled.count() as u64;
    Ok(Segments {
        modelled,
        not_modelled: summaries.len() as u64 - modelled,
        ways,
        silhouette,
        shown: members,
    })
}

/// Every way but that by needs.
fn ways<'a, P: PurchaseModel + Clone + 'a>(
    order: &Order,
    summaries: &'a [CustomerSummary],
    models: Result<(&P, &GammaGamma, &Portfolio), &str>,
    values: &'a BTreeMap<&'a str, &'a LifetimeValue>,
) -> Vec<Way<'a>> {
    let relation = ("relation", "relationship");
    let (tier, matrix) = (
        ("value_tier", "value to come"),
        ("value_matrix", "value now, to come"),
    );
    let mut ways = match models {
        Ok((purchases, spend, _)) => {
            let policy = RelationPolicy::default();
            let measure = RelationMeasure::new(purchases.clone(), *spend, policy);
            let scorer = RelationScorer::of(measure, summaries);
            let cell = || ValueMatrixScorer::of(Known(values), TierShares::default(), summaries);
            vec![
                Way::new(
                    relation,
                    RELATION,
                    scorer.map(|scorer| judge(scorer, |m| Some(Place::Relation(m)))),
                ),
                Way::new(
                    tier,
                    TIERS.map(|tier| tier.name().replace('_', " ")),
                    cell().map(|scorer| judge(scorer, |c| Some(Place::Tier(c)))),
                )
                // Without a cost nobody is worth less than nothing.
                .limited(order.terms.cost_to_serve().is_none(), |n| {
                    n + 1 < TIERS.len()
                }),
                Way::new(
                    matrix,
                    [
                        "keep: much now, much to come",
                        "develop: little now, much to come",
                        "maintain: much now, little to come",
                        "economise: little of both",
                    ],
                    cell().map(|scorer| judge(scorer, |c| Some(Place::Matrix(c)))),
                ),
            ]
        }
        Err(why) => [relation, tier, matrix]
            .map(|way| Way::unknown(way, why))
            .into(),
    };
    let stages = LifecyclePolicy::of(summaries).map(|policy| match models {
        Ok((purchases, ..)) => {
            let scorer = LifecycleScorer::new(purchases.clone(), policy);
            judge(scorer, |life| Some(Place::Stage(life)))
        }
        Err(_) => judge(LifecycleScorer::new((), policy), |life| {
            Some(Place::Stage(life))
        }),
    });
    let named = |(stage, lapsed): (LifecycleStage, bool)| {
        format!("{stage}{}", if lapsed { ", lapsed" } else { "" })
    };
    let lifecycle = Way::new(("lifecycle", "stage of life"), STAGES.map(named), stages);
    let bought_alone = matches!(order.events, Events::Transactions(_));
    // Current, or lapsed: without a contact nobody is a target.
    ways.push(lifecycle.limited(bought_alone, |n| n == 0 || n == 4));
    let rfm = RfmFrame::of(RfmPolicy::default(), summaries);
    ways.push(Way::new(
        ("rfm", "recency, frequency"),
        [
            "recent and frequent",
            "recent, not frequent",
            "frequent, not recent",
            "neither",
        ],
        rfm.map(|frame| judge(frame, |scores| Some(Place::Rfm(scores)))),
    ));
    let price = PriceFrame::of(PricePolicy::default(), summaries);
    let price = price.map(|frame| judge(frame, |price| Some(Place::Price(price))));
    let key = ("price", "price sensitivity");
    ways.push(match price {
        Err(SegmentError::NotIdentified { found: 0, .. }) => Way::unknown(
            key,
            "needs purchases with their list_price or discount, and offers shown",
        ),
        Err(SegmentError::Domain { found, .. }) if found >= 1.0 => Way::unknown(
            key,
            "needs purchases at full price that say so: all that state a price were at a discount",
        ),
        price => Way::new(key, ["sensitive", "not shown to be"], price),
    });
    ways
}

/// The way by needs, and how distinct its segments are.
fn needs(summaries: &[CustomerSummary]) -> (Way<'_>, Option<f64>) {
    let key = ("needs", "needs");
    match NeedsClusters::fit(summaries, &NeedsClusterPolicy::default()) {
        Ok(clusters) => {
            let most = |segment| {
                let shares = clusters.shares(segment);
                let most = shares.max_by(|a, b| a.1.total_cmp(&b.1));
                most.map_or(String::new(), |(category, share)| {
                    format!("{category} {:.0} %", share * 100.0)
                })
            };
            let names: Vec<String> = (0..clusters.segments().len()).map(most).collect();
            let silhouette = clusters.silhouette();
            let judged = judge(clusters, |needs| needs.map(Place::Needs));
            (Way::new(key, names, Ok(judged)), silhouette)
        }
        Err(SegmentError::NotIdentified { found: 0, .. }) => {
            let why = "needs purchases, or preferences observed, with their category";
            (Way::unknown(key, why), None)
        }
        Err(error) => (Way::new::<&str>(key, [], Err(error)), None),
    }
}
