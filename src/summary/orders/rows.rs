//! Rows put together by customer: a radix sort that looks at no more digits than it needs.
//!
//! A log is split by the leading digits of its customers' numbers into parts that fit into a
//! processor's cache, and each part is counted apart where its numbers lie close together, or split
//! again where they do not. So dense numbers, sparse ones and hashes all take a time in proportion to
//! the rows, whatever their order and however many orders one customer has.

/// Rows in a part: twice over, and with a counter for each customer, they stay within a cache of the
/// second level.
const PART: usize = 16_384;

/// The most parts of one split, each of which is written to at its own place at once.
const MOST_PARTS: usize = 2_048;

/// Rows so few that they are sorted by comparing.
const FEW: usize = 24;

/// How many bits of a row are for its period and for its amount; the ones above are the customer's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packing {
    pub(super) period: u32,
    pub(super) amount: u32,
}

/// One order: whose it is and in which period, both counted from the first of the log, and its amount.
/// Rows sort by customer and then by period.
pub(super) trait Row: Copy + Ord + Default {
    /// A row of numbers that take up no more than their bits.
    fn new(packing: Packing, customer: u64, period: u64, amount: u64) -> Self;

    fn customer(self, packing: Packing) -> u64;

    fn period(self, packing: Packing) -> u64;

    fn amount(self, packing: Packing) -> u64;
}

/// All in one number of fewer than 64 bits, as nearly every log allows.
impl Row for u64 {
    fn new(packing: Packing, customer: u64, period: u64, amount: u64) -> Self {
        (customer << packing.period | period) << packing.amount | amount
    }

    fn customer(self, packing: Packing) -> u64 {
        self >> (packing.period + packing.amount)
    }

    fn period(self, packing: Packing) -> u64 {
        (self >> packing.amount) & ((1 << packing.period) - 1)
    }

    fn amount(self, packing: Packing) -> u64 {
        self & ((1 << packing.amount) - 1)
    }
}

/// A row that takes more bits, such as that of a customer whose number is a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Wide {
    customer: u64,
    period: u64,
    amount: u64,
}

impl Row for Wide {
    fn new(_: Packing, customer: u64, period: u64, amount: u64) -> Self {
        Self {
            customer,
            period,
            amount,
        }
    }

    fn customer(self, _: Packing) -> u64 {
        self.customer
    }

    fn period(self, _: Packing) -> u64 {
        self.period
    }

    fn amount(self, _: Packing) -> u64 {
        self.amount
    }
}

/// How many bits a number takes up.
pub(super) fn bits(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

/// Into how many parts rows are split, by which bits of the customer's number.
#[derive(Debug, Clone, Copy)]
struct Split {
    shift: u32,
    parts: usize,
}

impl Split {
    /// Into some `wanted` parts of equal ranges, for customers with numbers from 0 to `last`.
    fn of(wanted: usize, last: u64) -> Self {
        let wanted = wanted.clamp(1, MOST_PARTS).next_power_of_two();
        let shift = bits(last).saturating_sub(wanted.trailing_zeros());
        let shift = shift.min(u64::BITS - 1);
        Self {
            shift,
            parts: index(last >> shift) + 1,
        }
    }

    fn part(self, customer: u64) -> usize {
        index(customer >> self.shift)
    }

    /// The first number of a part and how many come after it, if all are from `low` to `high`.
    fn of_part(self, part: usize, low: u64, high: u64) -> (u64, u64) {
        let first = low + ((part as u64) << self.shift);
        let range = (high - first).min((1 << self.shift) - 1);
        (first, range)
    }
}

/// A number that is known to be small.
fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Puts the rows of each customer together and in order of time, and visits the customers in order of
/// number.
///
/// There are fewer than 2³² rows; the customers' numbers are from 0 to `last`. `orders` are as many as
/// `customers` and of the same ones.
///
/// # Errors
///
/// The first of `visit`.
pub(super) fn by_customer<R: Row, E>(
    customers: impl ExactSizeIterator<Item = u64>,
    orders: impl Iterator<Item = (u64, R)>,
    last: u64,
    packing: Packing,
    visit: impl FnMut(u64, &[R]) -> Result<(), E>,
) -> Result<(), E> {
    let split = Split::of(customers.len() / PART, last);
    let mut rows = vec![R::default(); customers.len()];
    let mut ends = vec![0; split.parts];
    for customer in customers {
        ends[split.part(customer)] += 1;
    }
    let largest = ends.iter().copied().max().unwrap_or(0);
    starts(&mut ends);
    for (customer, row) in orders {
        let end = &mut ends[split.part(customer)];
        rows[*end as usize] = row;
        *end += 1;
    }
    let mut parts = Parts {
        packing,
        counts: Vec::new(),
        visit,
    };
    let mut spare = vec![R::default(); largest as usize];
    let mut from = 0;
    for (part, end) in ends.into_iter().enumerate() {
        let to = end as usize;
        let (first, range) = split.of_part(part, 0, last);
        parts.group(&mut rows[from..to], &mut spare[..to - from], first, range)?;
        from = to;
    }
    Ok(())
}

/// Turns counts into the places where each begins.
fn starts(counts: &mut [u32]) {
    let mut total = 0;
    for count in counts {
        total += std::mem::replace(count, total);
    }
}

/// What the parts of a log share.
struct Parts<V> {
    packing: Packing,
    counts: Vec<u32>,
    visit: V,
}

impl<V> Parts<V> {
    /// Visits the customers of one part, whose numbers are from `first` to `first + range`, with room
    /// for as many rows again.
    fn group<R: Row, E>(
        &mut self,
        rows: &mut [R],
        spare: &mut [R],
        first: u64,
        range: u64,
    ) -> Result<(), E>
    where
        V: FnMut(u64, &[R]) -> Result<(), E>,
    {
        if rows.len() <= FEW {
            rows.sort_unstable();
            return self.visit_runs(rows);
        }
        if is_dense(range, rows.len()) {
            return self.count(rows, spare, first, range);
        }
        let packing = self.packing;
        let (mut low, mut high) = (u64::MAX, 0);
        for row in &*rows {
            let customer = row.customer(packing);
            low = low.min(customer);
            high = high.max(customer);
        }
        let (first, range) = (low, high - low);
        if is_dense(range, rows.len()) {
            return self.count(rows, spare, first, range);
        }
        // Two parts or more, and neither is empty: so it comes to an end.
        let split = Split::of((rows.len() / (FEW / 2)).max(2), range);
        let mut ends = vec![0; split.parts];
        deal(rows, spare, &mut ends, |row| {
            split.part(row.customer(packing) - first)
        });
        let mut from = 0;
        for (part, end) in ends.into_iter().enumerate() {
            let to = end as usize;
            let (first, range) = split.of_part(part, first, high);
            self.group(&mut spare[from..to], &mut rows[from..to], first, range)?;
            from = to;
        }
        Ok(())
    }

    /// Visits the customers of a part in which their numbers lie close together.
    fn count<R: Row, E>(
        &mut self,
        rows: &mut [R],
        spare: &mut [R],
        first: u64,
        range: u64,
    ) -> Result<(), E>
    where
        V: FnMut(u64, &[R]) -> Result<(), E>,
    {
        if range == 0 {
            return self.visit_one(first, rows);
        }
        let packing = self.packing;
        let mut ends = std::mem::take(&mut self.counts);
        ends.clear();
        ends.resize(index(range) + 1, 0);
        deal(rows, spare, &mut ends, |row| {
            index(row.customer(packing) - first)
        });
        let mut from = 0;
        for (customer, &end) in (first..=first + range).zip(&ends) {
            let to = end as usize;
            if to > from {
                self.visit_one(customer, &mut spare[from..to])?;
            }
            from = to;
        }
        self.counts = ends; // to be used again
        Ok(())
    }

    /// Visits the customers of sorted rows.
    fn visit_runs<R: Row, E>(&mut self, rows: &[R]) -> Result<(), E>
    where
        V: FnMut(u64, &[R]) -> Result<(), E>,
    {
        let packing = self.packing;
        for run in rows.chunk_by(|a, b| a.customer(packing) == b.customer(packing)) {
            (self.visit)(run[0].customer(packing), run)?;
        }
        Ok(())
    }

    /// Visits one customer, whose rows come in any order.
    fn visit_one<R: Row, E>(&mut self, customer: u64, rows: &mut [R]) -> Result<(), E>
    where
        V: FnMut(u64, &[R]) -> Result<(), E>,
    {
        if !rows.is_sorted() {
            rows.sort_unstable();
        }
        (self.visit)(customer, rows)
    }
}

/// Whether customers with numbers in a range are better counted than split further.
fn is_dense(range: u64, rows: usize) -> bool {
    range / 4 <= rows as u64
}

/// Deals rows out to parts, each in its order; `ends` of as many zeros becomes where each part ends.
fn deal<R: Row>(rows: &[R], to: &mut [R], ends: &mut [u32], part: impl Fn(R) -> usize) {
    for &row in rows {
        ends[part(row)] += 1;
    }
    starts(ends);
    for &row in rows {
        let end = &mut ends[part(row)];
        to[*end as usize] = row;
        *end += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// Periods and amounts of each customer, in their order.
    type Visited = BTreeMap<u64, Vec<(u64, u64)>>;

    const PACKING: Packing = Packing {
        period: 3,
        amount: 5,
    };

    fn expected(customers: &[u64]) -> Visited {
        let mut visited = Visited::new();
        for (row, &customer) in customers.iter().enumerate() {
            visited.entry(customer).or_default().push(order(row));
        }
        for orders in visited.values_mut() {
            orders.sort_unstable();
        }
        visited
    }

    /// Any period and amount, the same ones now and then.
    fn order(row: usize) -> (u64, u64) {
        let mixed = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
        (mixed >> PACKING.amount, mixed % (1 << PACKING.amount))
    }

    fn visited<R: Row>(customers: &[u64], last: u64) -> Visited {
        let mut visited = Visited::new();
        let rows = customers.iter().enumerate().map(|(row, &customer)| {
            let (period, amount) = order(row);
            (customer, R::new(PACKING, customer, period, amount))
        });
        let numbers = customers.iter().copied();
        by_customer(numbers, rows, last, PACKING, |customer, rows: &[R]| {
            let orders = rows.iter().map(|row| {
                assert_eq!(row.customer(PACKING), customer);
                (row.period(PACKING), row.amount(PACKING))
            });
            if let Some((&before, _)) = visited.last_key_value() {
                assert!(before < customer);
            }
            visited.insert(customer, orders.collect());
            Ok::<(), Infallible>(())
        })
        .unwrap();
        visited
    }

    /// Customers in bunches here and there, up to the last number of all.
    fn bunches() -> impl Strategy<Value = Vec<u64>> {
        let middle = prop_oneof![
            Just(0),
            Just(u64::MAX),
            any::<u64>(),
            (0..64_u32).prop_map(|bit| 1 << bit),
        ];
        let bunch = (middle, 0..64_u32, 1..600_usize, any::<u64>());
        prop::collection::vec(bunch, 1..6).prop_map(|bunches| {
            let numbers = bunches
                .into_iter()
                .flat_map(|(middle, spread, size, seed)| {
                    (0..size as u64).map(move |i| {
                        let far = (seed ^ i).wrapping_mul(0xd1b5_4a32_d192_ed03);
                        let far = (far ^ (far >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> spread;
                        if middle > u64::MAX / 2 {
                            middle.saturating_sub(far)
                        } else {
                            middle.saturating_add(far)
                        }
                    })
                });
            numbers.collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(20_260_102),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// Wherever their numbers lie, and whether or not a row fits into 64 bits.
        #[test]
        fn every_customer_is_visited_once_in_order_with_all_orders(mut customers in bunches()) {
            let last = customers.iter().copied().max().unwrap_or(0);
            prop_assert_eq!(visited::<Wide>(&customers, last), expected(&customers));
            let shift = PACKING.period + PACKING.amount + 1;
            for customer in &mut customers {
                *customer >>= shift;
            }
            prop_assert_eq!(visited::<u64>(&customers, last >> shift), expected(&customers));
        }
    }
}
