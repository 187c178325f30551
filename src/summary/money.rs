//! What one customer brought in and cost so far, account by account and exact.
//!
//! Customer profitability accounting: contribution is what is left of the customer's own revenue
//! after the costs that would not have been there without the customer.

use crate::history::{
    Interaction, InvestmentPurpose, Kind, LoyaltyEvent, PaymentEvent, ReturnOutcome,
};
use crate::quantity::{Currency, Money};

use super::SummaryError;
use super::ledger::{self, Line};
use super::purchase::{add, checked, one_currency, subtract};
use super::tally::Tally;

/// The money account of one customer (客户账户): sums by account in one currency.
///
/// ```text
/// net_revenue  = purchases − returns
/// contribution = net_revenue − cost_of_goods − cost_to_serve − concessions − points_cost − bad_debt
/// margin_rate  = (net_revenue − cost_of_goods) / net_revenue
/// ```
///
/// The cost of winning the customer, [`acquisition`](Self::acquisition), is kept apart: it is no
/// part of what the customer contributes. Sums are of integers, so that neither the order of
/// events nor their sharding changes a digit.
///
/// # What feeds which account
///
/// | kind of interaction | account |
/// |---|---|
/// | purchase | `purchases`, and `cost_of_goods` where a cost is stated |
/// | return, honoured | `returns` |
/// | cost to serve | `cost_to_serve` |
/// | contact, service request, complaint resolved or offer with a stated cost | `cost_to_serve` |
/// | concession (not what is in the price already) | `concessions` |
/// | loyalty points with a stated cost | `points_cost`; expired ones are taken off it |
/// | payment given up, with a stated amount | `bad_debt` |
/// | investment in winning the customer, gift or service before a sale | `acquisition` |
/// | any other investment | `cost_to_serve` |
/// | everything else, refused returns among it | none |
///
/// Every cost that is stated counts: state what an event cost with the event or as a cost to serve,
/// not both. A lower price is in the purchase already and is no cost of an offer.
///
/// # Examples
///
/// ```
/// use chrono::DateTime;
/// use guanxi::history::{CostToServe, CustomerId, Interaction, InteractionId, Kind, Purchase};
/// use guanxi::quantity::{Currency, Money};
/// use guanxi::summary::MoneyAccount;
///
/// let eur = |text| Money::parse(text, Currency::EUR);
/// let event = |id: &str, kind: Kind| {
///     let (id, customer) = (InteractionId::new(id)?, CustomerId::new("c-17")?);
///     Interaction::new(id, customer, DateTime::UNIX_EPOCH, kind)
/// };
/// let mut account = MoneyAccount::default();
/// account.observe(&event("o-1", Purchase::new(eur("41.00")?)?.with_cost(eur("30.75")?)?.into())?)?;
/// account.observe(&event("s-1", CostToServe::new(eur("0.25")?)?.into())?)?;
///
/// assert_eq!(account.contribution()?, eur("10.00")?);
/// assert_eq!(account.margin_rate(), Some(0.25));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        try_from = "super::stored::AccountRow",
        into = "super::stored::AccountRow"
    )
)]
pub struct MoneyAccount {
    pub(super) currency: Option<Currency>,
    /// Purchases, and how many of them had a stated cost.
    pub(super) orders: u64,
    pub(super) orders_with_cost: u64,
    /// Sums in billionths, at or above 0 but for the cost of points.
    pub(super) purchases: i128,
    pub(super) returns: i128,
    pub(super) cost_of_goods: i128,
    pub(super) cost_to_serve: i128,
    pub(super) concessions: i128,
    pub(super) points_cost: i128,
    pub(super) bad_debt: i128,
    pub(super) acquisition: i128,
}

/// What an interaction means to purchases and money.
#[derive(Debug, Clone, Copy)]
pub(super) enum Feed {
    Purchase { amount: Money, cost: Option<Money> },
    Return(Money),
    Cost(Line, Money),
    Count(Line),
}

impl Feed {
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Purchase(purchase) => Self::Purchase {
                amount: purchase.amount(),
                cost: purchase.cost(),
            },
            Kind::Return(back) => match back.outcome() {
                ReturnOutcome::Honoured => Self::Return(back.amount()),
                ReturnOutcome::Refused => Self::Count(Line::ReturnRefused),
            },
            Kind::CostToServe(cost) => Self::Cost(Line::CostToServe, cost.amount()),
            Kind::Contact(contact) => Self::served(contact.cost()),
            Kind::ServiceRequest(request) => Self::served(request.cost()),
            Kind::ComplaintResolved(settled) => Self::served(settled.cost()),
            Kind::Offer(offer) => Self::served(offer.cost()),
            Kind::Concession(concession) => Self::Cost(Line::Concessions, concession.amount()),
            Kind::Investment(investment) => {
                let line = match investment.purpose() {
                    Some(
                        InvestmentPurpose::Acquisition
                        | InvestmentPurpose::PreSaleGift
                        | InvestmentPurpose::PreSaleService,
                    ) => Line::Acquisition,
                    _ => Line::CostToServe,
                };
                Self::Cost(line, investment.amount())
            }
            Kind::Payment(payment) => match (payment.event(), payment.amount()) {
                (PaymentEvent::Defaulted, Some(amount)) => Self::Cost(Line::BadDebt, amount),
                _ => Self::Count(Line::Other),
            },
            Kind::Loyalty(loyalty) => match (loyalty.event(), loyalty.cost()) {
                (_, None) => Self::Count(Line::Other),
                (LoyaltyEvent::PointsExpired, Some(cost)) => Self::Cost(Line::PointsReleased, cost),
                (_, Some(cost)) => Self::Cost(Line::PointsCost, cost),
            },
            _ => Self::Count(Line::Other),
        }
    }

    /// What an event of another purpose cost, if that was stated.
    fn served(cost: Option<Money>) -> Self {
        cost.map_or(Self::Count(Line::Other), |cost| {
            Self::Cost(Line::CostToServe, cost)
        })
    }
}

impl MoneyAccount {
    /// Takes in what an interaction says about money; most kinds say nothing.
    ///
    /// # Errors
    ///
    /// [`SummaryError::Customer`], naming the customer, around [`SummaryError::CurrencyMismatch`]
    /// if earlier amounts are in another currency, or [`SummaryError::Quantity`] if a sum leaves
    /// 128 bits. The account is then as it was.
    pub fn observe(&mut self, interaction: &Interaction) -> Result<(), SummaryError> {
        self.with(Feed::of(interaction.kind()))
            .map(|account| *self = account)
            .map_err(|error| error.of_customer(interaction.customer()))
    }

    fn with(mut self, feed: Feed) -> Result<Self, SummaryError> {
        match feed {
            Feed::Purchase { amount, cost } => {
                self.currency = Some(checked(self.currency, "purchase", amount)?);
                self.orders = self.orders.checked_add(1).ok_or(TOO_MANY_ORDERS)?;
                self.purchases = add(self.purchases, amount.nano_units())?;
                if let Some(cost) = cost {
                    checked(self.currency, "cost of the purchase", cost)?;
                    self.orders_with_cost += 1; // at most the orders
                    self.cost_of_goods = add(self.cost_of_goods, cost.nano_units())?;
                }
            }
            Feed::Return(amount) => {
                self.currency = Some(checked(self.currency, "return", amount)?);
                self.returns = add(self.returns, amount.nano_units())?;
            }
            Feed::Cost(line, amount) => {
                self.currency = Some(checked(self.currency, line.words(), amount)?);
                self.add_to(line, amount.nano_units())?;
            }
            Feed::Count(_) => {}
        }
        Ok(self)
    }

    /// The account of purchases, returns and ledger entries up to some period.
    pub(super) fn of_tallies(
        currency: Option<Currency>,
        purchases: &[Tally],
        returns: &[Tally],
        entries: &[Tally],
    ) -> Result<Self, SummaryError> {
        let mut account = Self::default();
        for bought in purchases {
            account.orders += u64::from(bought.events);
            account.purchases = add(account.purchases, bought.amount)?;
        }
        for back in returns {
            account.returns = add(account.returns, back.amount)?;
        }
        let mut has_money = !(purchases.is_empty() && returns.is_empty());
        for entry in entries {
            let (_, line) = ledger::parts(entry.key);
            has_money |= line.is_money();
            if line == Line::CostOfGoods {
                account.orders_with_cost += u64::from(entry.events);
            }
            account.add_to(line, entry.amount)?;
        }
        account.currency = currency.filter(|_| has_money);
        Ok(account)
    }

    fn add_to(&mut self, line: Line, amount: i128) -> Result<(), SummaryError> {
        let sum = match line {
            Line::CostOfGoods => &mut self.cost_of_goods,
            Line::CostToServe => &mut self.cost_to_serve,
            Line::Concessions => &mut self.concessions,
            Line::PointsCost | Line::PointsReleased => &mut self.points_cost,
            Line::BadDebt => &mut self.bad_debt,
            Line::Acquisition => &mut self.acquisition,
            Line::ReturnRefused | Line::Other => return Ok(()),
        };
        *sum = match line {
            Line::PointsReleased => subtract(*sum, amount)?,
            _ => add(*sum, amount)?,
        };
        Ok(())
    }

    /// Adds another account's sums: other events of the same customer, or another customer's to a
    /// total of many.
    ///
    /// # Errors
    ///
    /// [`SummaryError::CurrencyMismatch`] if the accounts are in two currencies, or
    /// [`SummaryError::Quantity`] if a sum leaves 128 bits. The account is then as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), SummaryError> {
        let orders = self
            .orders
            .checked_add(other.orders)
            .ok_or(TOO_MANY_ORDERS)?;
        *self = Self {
            currency: one_currency(self.currency, "merged account", other.currency)?,
            orders,
            orders_with_cost: self.orders_with_cost + other.orders_with_cost, // at most the orders
            purchases: add(self.purchases, other.purchases)?,
            returns: add(self.returns, other.returns)?,
            cost_of_goods: add(self.cost_of_goods, other.cost_of_goods)?,
            cost_to_serve: add(self.cost_to_serve, other.cost_to_serve)?,
            concessions: add(self.concessions, other.concessions)?,
            points_cost: add(self.points_cost, other.points_cost)?,
            bad_debt: add(self.bad_debt, other.bad_debt)?,
            acquisition: add(self.acquisition, other.acquisition)?,
        };
        Ok(())
    }

    /// Currency of the sums; `None` before the first amount.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// How many purchases the account holds.
    #[must_use]
    pub fn orders(&self) -> u64 {
        self.orders
    }

    /// How many of them came without a cost of goods. A cost that was not stated is not a cost of
    /// 0: while there are any, [`contribution`](Self::contribution) is an upper limit and
    /// [`margin_rate`](Self::margin_rate) is not known.
    #[must_use]
    pub fn orders_without_cost(&self) -> u64 {
        self.orders - self.orders_with_cost
    }

    /// Sum of all purchases.
    ///
    /// # Errors
    ///
    /// As every sum of this account: [`SummaryError::Empty`] before the first amount, when there
    /// is no currency yet, and [`SummaryError::Quantity`] if the sum is larger than [`Money`]
    /// holds.
    pub fn purchases(&self) -> Result<Money, SummaryError> {
        self.money(self.purchases)
    }

    /// Sum of all honoured returns, at or above 0.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn returns(&self) -> Result<Money, SummaryError> {
        self.money(self.returns)
    }

    /// Sum of the stated costs of the goods bought. A return does not give it back: where goods
    /// return to the shelf, state a lower cost by a correction of the purchase.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn cost_of_goods(&self) -> Result<Money, SummaryError> {
        self.money(self.cost_of_goods)
    }

    /// Sum of the costs to serve; what contacts, requests, complaints, offers and investments in the
    /// running relationship cost is among them.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn cost_to_serve(&self) -> Result<Money, SummaryError> {
        self.money(self.cost_to_serve)
    }

    /// Sum of what the firm gave up.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn concessions(&self) -> Result<Money, SummaryError> {
        self.money(self.concessions)
    }

    /// Sum of the costs of loyalty points: booked when they are earned at what they are expected to
    /// cost, raised by what a redemption cost beyond that, and lowered by what was booked for
    /// points that expired. Below 0 only if more expired than was booked.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn points_cost(&self) -> Result<Money, SummaryError> {
        self.money(self.points_cost)
    }

    /// Sum of the debts given up.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn bad_debt(&self) -> Result<Money, SummaryError> {
        self.money(self.bad_debt)
    }

    /// Sum of what it cost to win the customer; no part of [`contribution`](Self::contribution).
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn acquisition(&self) -> Result<Money, SummaryError> {
        self.money(self.acquisition)
    }

    /// Purchases less returns; below 0 if more was given back than bought.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn net_revenue(&self) -> Result<Money, SummaryError> {
        self.money(self.nano_net_revenue()?)
    }

    /// Past contribution (历史贡献): net revenue less every cost but that of acquisition.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn contribution(&self) -> Result<Money, SummaryError> {
        self.money(self.nano_contribution()?)
    }

    /// Contribution less the cost of acquisition: what the relationship brought in so far.
    ///
    /// # Errors
    ///
    /// As [`purchases`](Self::purchases).
    pub fn value_since_acquisition(&self) -> Result<Money, SummaryError> {
        let value = subtract(self.nano_contribution()?, self.acquisition)?;
        self.money(value)
    }

    /// Share of net revenue left after the cost of goods, as a fraction; below 0 where goods went
    /// below cost.
    ///
    /// `None` if net revenue is not above 0, or if a purchase came without a stated cost.
    #[must_use]
    pub fn margin_rate(&self) -> Option<f64> {
        let net_revenue = self.nano_net_revenue().ok()?;
        if net_revenue <= 0 || self.orders_without_cost() > 0 {
            return None;
        }
        let left = subtract(net_revenue, self.cost_of_goods).ok()?;
        Some(left as f64 / net_revenue as f64)
    }

    fn nano_net_revenue(&self) -> Result<i128, SummaryError> {
        subtract(self.purchases, self.returns)
    }

    fn nano_contribution(&self) -> Result<i128, SummaryError> {
        [
            self.cost_of_goods,
            self.cost_to_serve,
            self.concessions,
            self.points_cost,
            self.bad_debt,
        ]
        .into_iter()
        .try_fold(self.nano_net_revenue()?, subtract)
    }

    fn money(&self, nano_units: i128) -> Result<Money, SummaryError> {
        let currency = self.currency.ok_or(SummaryError::Empty {
            expected: "a money account with at least one amount",
        })?;
        Ok(Money::from_nano_units(nano_units, currency)?)
    }
}

const TOO_MANY_ORDERS: SummaryError = SummaryError::Overflow {
    quantity: "orders in a money account",
    limit: u64::MAX,
};
