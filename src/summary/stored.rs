//! How states are written down, and the doubts they are read with.
//!
//! A state that was stored is taken for one only if events can lead to it: periods sorted and
//! unique, sums that their events can make up, a currency exactly where there is money. Amounts
//! are written as decimal text, exact to the last digit, because formats turn numbers into binary
//! fractions.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::history::CustomerId;
use crate::quantity::{Currency, PolicyId};

use super::amount::Amount;
use super::evidence::Evidence;
use super::evidence_summary::EvidenceSummary;
use super::ledger::{self, Ledger, Line};
use super::periods::Grid;
use super::tally::{Tallies, Tally};
use super::{
    CustomerBase, CustomerState, CustomerSummary, DedupeUnit, EvidenceKind, EvidencePolicy,
    MoneyAccount, PurchaseState, RfmSummary, SummaryError, SummaryPolicy, Withheld,
};

/// What happened in one period.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TallyRow {
    period: i64,
    events: u32,
    of_nothing: u32,
    amount: Amount,
}

/// What happened in one period on one line of the ledger.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryRow {
    period: i64,
    line: Line,
    events: u32,
    of_nothing: u32,
    amount: Amount,
}

fn rows(tallies: &Tallies) -> Vec<TallyRow> {
    tallies
        .sorted()
        .iter()
        .map(|tally| TallyRow {
            period: tally.key,
            events: tally.events,
            of_nothing: tally.of_nothing,
            amount: Amount(tally.amount),
        })
        .collect()
}

fn tallies(grid: Grid, rows: &[TallyRow]) -> Result<Tallies, SummaryError> {
    let stored = rows.iter().map(|row| {
        Ok(Tally {
            key: reachable(grid, row.period)?,
            events: row.events,
            of_nothing: row.of_nothing,
            amount: row.amount.0,
        })
    });
    Tallies::from_stored(stored.collect::<Result<_, SummaryError>>()?)
}

fn reachable(grid: Grid, period: i64) -> Result<i64, SummaryError> {
    if grid.is_reachable(period) {
        return Ok(period);
    }
    Err(SummaryError::StoredState {
        expected: "periods within 10^13 seconds of the epoch",
        found: period.to_string(),
    })
}

/// The purchases and returns of a customer.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "PurchaseState")]
pub(super) struct PurchaseRow {
    dedupe: DedupeUnit,
    utc_offset_seconds: i32,
    currency: Option<Currency>,
    purchases: Vec<TallyRow>,
    returns: Vec<TallyRow>,
}

impl From<PurchaseState> for PurchaseRow {
    fn from(state: PurchaseState) -> Self {
        Self {
            dedupe: state.grid().unit(),
            utc_offset_seconds: state.grid().utc_offset_seconds(),
            currency: state.currency(),
            purchases: rows(state.purchases()),
            returns: rows(state.returns()),
        }
    }
}

impl TryFrom<PurchaseRow> for PurchaseState {
    type Error = SummaryError;

    fn try_from(row: PurchaseRow) -> Result<Self, SummaryError> {
        let grid = Grid::new(row.dedupe, row.utc_offset_seconds)?;
        let (purchases, returns) = (tallies(grid, &row.purchases)?, tallies(grid, &row.returns)?);
        let has_money = !(purchases.is_empty() && returns.is_empty());
        let currency = currency_of(row.currency, has_money)?;
        Ok(Self::from_parts(grid, currency, purchases, returns))
    }
}

/// The currency of a state, which has one exactly where it has amounts.
fn currency_of(
    currency: Option<Currency>,
    has_money: bool,
) -> Result<Option<Currency>, SummaryError> {
    match (currency, has_money) {
        (None, true) => Err(SummaryError::StoredState {
            expected: "a currency where there are amounts",
            found: String::from("none"),
        }),
        (Some(found), false) => Err(SummaryError::StoredState {
            expected: "amounts where there is a currency",
            found: format!("{found} alone"),
        }),
        _ => Ok(currency),
    }
}

/// Everything observed of one customer.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    currency: Option<Currency>,
    purchases: Vec<TallyRow>,
    returns: Vec<TallyRow>,
    ledger: Vec<EntryRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<Box<Evidence>>,
}

impl Record {
    fn of(state: &CustomerState) -> Self {
        let entries = state.ledger().all();
        Self {
            currency: state.currency(),
            purchases: rows(state.purchases().purchases()),
            returns: rows(state.purchases().returns()),
            ledger: entries
                .into_iter()
                .map(|entry| {
                    let (period, line) = ledger::parts(entry.key);
                    EntryRow {
                        period,
                        line,
                        events: entry.events,
                        of_nothing: entry.of_nothing,
                        amount: Amount(entry.amount),
                    }
                })
                .collect(),
            evidence: state.evidence().cloned().map(Box::new),
        }
    }

    fn into_state(
        self,
        policy: SummaryPolicy,
        rules: &Arc<EvidencePolicy>,
    ) -> Result<CustomerState, SummaryError> {
        let grid = policy.grid();
        let (purchases, returns) = (
            tallies(grid, &self.purchases)?,
            tallies(grid, &self.returns)?,
        );
        let entries = self.entries(grid, &purchases)?;
        let traded = !(purchases.is_empty() && returns.is_empty());
        let spent = self.ledger.iter().any(|entry| entry.line.is_money());
        let currency = currency_of(self.currency, traded || spent)?;
        Ok(CustomerState::from_parts(
            policy,
            Arc::clone(rules),
            PurchaseState::from_parts(grid, currency.filter(|_| traded), purchases, returns),
            Ledger::from_stored(entries, currency),
            self.evidence,
        ))
    }

    /// The ledger's entries, each of which must make sense on its line.
    fn entries(&self, grid: Grid, purchases: &Tallies) -> Result<Tallies, SummaryError> {
        let mut entries = Vec::with_capacity(self.ledger.len());
        for row in &self.ledger {
            if !row.line.is_money() && row.amount.0 != 0 {
                return Err(SummaryError::StoredState {
                    expected: "an amount of 0 for what only counts",
                    found: row.amount.to_string(),
                });
            }
            if row.line == Line::CostOfGoods {
                let bought = purchases.get(row.period).map_or(0, |bought| bought.events);
                if row.events > bought {
                    return Err(SummaryError::StoredState {
                        expected: "at most one cost of goods for a purchase",
                        found: format!("{} for {bought} in period {}", row.events, row.period),
                    });
                }
            }
            entries.push(Tally {
                key: ledger::key(reachable(grid, row.period)?, row.line),
                events: row.events,
                of_nothing: row.of_nothing,
                amount: row.amount.0,
            });
        }
        Tallies::from_stored(entries)
    }
}

/// A customer's state with its policy.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "CustomerState")]
pub(super) struct StateRow {
    policy: SummaryPolicy,
    #[serde(default)]
    rules: EvidencePolicy,
    record: Record,
}

impl From<CustomerState> for StateRow {
    fn from(state: CustomerState) -> Self {
        Self {
            policy: *state.policy(),
            rules: EvidencePolicy::clone(state.rules()),
            record: Record::of(&state),
        }
    }
}

impl TryFrom<StateRow> for CustomerState {
    type Error = SummaryError;

    fn try_from(row: StateRow) -> Result<Self, SummaryError> {
        row.record.into_state(row.policy, &Arc::new(row.rules))
    }
}

/// One customer of a base.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct BaseEntry {
    customer: CustomerId,
    record: Record,
}

/// A base with its policy.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "CustomerBase")]
struct BaseRow {
    policy: SummaryPolicy,
    #[serde(default)]
    rules: EvidencePolicy,
    customers: Vec<BaseEntry>,
}

/// In order of customer ids, one customer in memory at a time.
impl Serialize for CustomerBase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Customers<'a>(&'a CustomerBase);

        impl Serialize for Customers<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.iter().map(|(customer, state)| BaseEntry {
                    customer: customer.clone(),
                    record: Record::of(state),
                }))
            }
        }

        let mut base = serializer.serialize_struct("CustomerBase", 3)?;
        base.serialize_field("policy", self.policy())?;
        base.serialize_field("rules", &**self.rules())?;
        base.serialize_field("customers", &Customers(self))?;
        base.end()
    }
}

impl<'de> Deserialize<'de> for CustomerBase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = BaseRow::deserialize(deserializer)?;
        let rules = Arc::new(row.rules);
        let mut base = Self::with_rules(row.policy, Arc::clone(&rules));
        for BaseEntry { customer, record } in row.customers {
            if base.get(customer.as_str()).is_some() {
                return Err(D::Error::custom(SummaryError::StoredTwice { customer }));
            }
            record
                .into_state(row.policy, &rules)
                .map_err(|error| error.of_customer(&customer))
                .and_then(|state| base.insert(customer, state))
                .map_err(D::Error::custom)?;
        }
        Ok(base)
    }
}

/// A money account.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "MoneyAccount")]
pub(super) struct AccountRow {
    currency: Option<Currency>,
    orders: u64,
    orders_with_cost: u64,
    purchases: Amount,
    returns: Amount,
    cost_of_goods: Amount,
    cost_to_serve: Amount,
    concessions: Amount,
    points_cost: Amount,
    bad_debt: Amount,
    acquisition: Amount,
}

impl From<MoneyAccount> for AccountRow {
    fn from(account: MoneyAccount) -> Self {
        Self {
            currency: account.currency,
            orders: account.orders,
            orders_with_cost: account.orders_with_cost,
            purchases: Amount(account.purchases),
            returns: Amount(account.returns),
            cost_of_goods: Amount(account.cost_of_goods),
            cost_to_serve: Amount(account.cost_to_serve),
            concessions: Amount(account.concessions),
            points_cost: Amount(account.points_cost),
            bad_debt: Amount(account.bad_debt),
            acquisition: Amount(account.acquisition),
        }
    }
}

impl TryFrom<AccountRow> for MoneyAccount {
    type Error = SummaryError;

    fn try_from(row: AccountRow) -> Result<Self, SummaryError> {
        let never_negative = [
            row.purchases,
            row.returns,
            row.cost_of_goods,
            row.cost_to_serve,
            row.concessions,
            row.bad_debt,
            row.acquisition,
        ];
        if let Some(found) = never_negative.into_iter().find(|amount| amount.0 < 0) {
            return Err(SummaryError::StoredState {
                expected: "sums at or above 0",
                found: found.to_string(),
            });
        }
        if row.orders_with_cost > row.orders {
            return Err(SummaryError::StoredState {
                expected: "at most one cost of goods for a purchase",
                found: format!("{} for {}", row.orders_with_cost, row.orders),
            });
        }
        let account = Self {
            currency: row.currency,
            orders: row.orders,
            orders_with_cost: row.orders_with_cost,
            purchases: row.purchases.0,
            returns: row.returns.0,
            cost_of_goods: row.cost_of_goods.0,
            cost_to_serve: row.cost_to_serve.0,
            concessions: row.concessions.0,
            points_cost: row.points_cost.0,
            bad_debt: row.bad_debt.0,
            acquisition: row.acquisition.0,
        };
        if row.currency.is_none() && account != Self::default() {
            return Err(SummaryError::StoredState {
                expected: "a currency where there are amounts",
                found: String::from("none"),
            });
        }
        Ok(account)
    }
}

/// A customer's summary.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "CustomerSummary")]
pub(super) struct SummaryRow {
    customer: CustomerId,
    as_of: Option<DateTime<Utc>>,
    rfm: Option<RfmSummary>,
    money: MoneyAccount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<PolicyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_modelled: Option<Withheld>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<Box<EvidenceSummary>>,
}

impl From<CustomerSummary> for SummaryRow {
    fn from(summary: CustomerSummary) -> Self {
        Self {
            customer: summary.customer().clone(),
            as_of: summary.as_of(),
            rfm: summary.rfm().copied(),
            money: *summary.money(),
            rules: summary.evidence_rules(),
            not_modelled: summary.modelled().err(),
            evidence: summary.evidence().cloned().map(Box::new),
        }
    }
}

impl SummaryRow {
    /// The rule that its parts broke, if they broke one.
    fn fault(&self) -> Option<&'static str> {
        if let Some(withheld) = self.not_modelled {
            let what = EvidenceKind::Composite;
            if (withheld.what, withheld.purpose) != (what, what.purpose()) {
                return Some("the whole as what is not modelled");
            }
        }
        let economic = self.rfm.is_some() || self.money != MoneyAccount::default();
        let evidence = self.evidence.as_ref()?;
        evidence.fault(self.as_of, economic)
    }
}

impl TryFrom<SummaryRow> for CustomerSummary {
    type Error = SummaryError;

    fn try_from(row: SummaryRow) -> Result<Self, SummaryError> {
        if let Some(expected) = row.fault() {
            return Err(SummaryError::StoredState {
                expected,
                found: String::from("others"),
            }
            .of_customer(&row.customer));
        }
        let spend = row.rfm.and_then(|rfm| rfm.spend().copied());
        match (row.money.currency(), spend) {
            (Some(expected), Some(spend)) if spend.currency() != expected => {
                Err(SummaryError::CurrencyMismatch {
                    field: "mean spend",
                    expected,
                    found: spend.currency(),
                }
                .of_customer(&row.customer))
            }
            _ => Ok(Self::from_parts(
                row.customer,
                row.as_of,
                row.rfm,
                row.money,
                (row.rules, row.not_modelled),
                row.evidence,
            )),
        }
    }
}
