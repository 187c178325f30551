//! Customers merged by what is known of them: as many rows as there are distinct histories.

use crate::numeric::order;
use crate::quantity::TimeUnit;

use super::{ColumnError, SummaryColumns};

/// The distinct rows of [`SummaryColumns`], how many customers each stands for, and which row each
/// customer's is.
///
/// Rows ascend by frequency, then age, then recency, so that neighbours share all that does not
/// depend on recency. A model is asked about the rows, and [`gather`](Self::gather) hands each
/// customer the answer of its row:
///
/// # Examples
///
/// ```
/// use guanxi::quantity::TimeUnit;
/// use guanxi::summary::SummaryColumns;
///
/// let columns = SummaryColumns::new(
///     TimeUnit::Day,
///     &[1, 0, 1, 0],
///     &[9.0, 0.0, 9.0, 0.0],
///     &[40.0, 40.0, 40.0, 50.0],
/// )?;
/// let distinct = columns.distinct();
/// assert_eq!(distinct.columns().frequency(), [0, 0, 1]);
/// assert_eq!(distinct.columns().age(), [40.0, 50.0, 40.0]);
/// assert_eq!(distinct.weights(), [1.0, 1.0, 2.0]);
///
/// let silence: Vec<f64> = distinct.columns().iter().map(|row| row.silence()).collect();
/// let mut of_customers = [0.0; 4];
/// distinct.gather(&silence, &mut of_customers)?;
/// assert_eq!(of_customers, [31.0, 40.0, 31.0, 50.0]);
/// # Ok::<(), guanxi::summary::ColumnError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "StoredDistinct"))]
pub struct DistinctSummaries {
    unit: TimeUnit,
    frequency: Vec<u32>,
    recency: Vec<f64>,
    age: Vec<f64>,
    /// Counted again when read.
    #[cfg_attr(feature = "serde", serde(skip_serializing))]
    weights: Vec<f64>,
    /// The distinct row of each customer.
    row_of: Vec<u32>,
}

impl DistinctSummaries {
    /// Merges the rows of valid columns.
    pub(super) fn of(columns: &SummaryColumns<'_>) -> Self {
        let mut merged = Self {
            unit: columns.unit(),
            frequency: Vec::new(),
            recency: Vec::new(),
            age: Vec::new(),
            weights: Vec::new(),
            row_of: Vec::new(),
        };
        if let Some((keys, mut row_of)) = merge(columns) {
            let rows = merged.fill(keys.len(), |i| keys[i]);
            for row in &mut row_of {
                *row = rows[*row as usize];
            }
            merged.row_of = row_of;
        } else {
            let (x, t_x, t) = (columns.frequency(), columns.recency(), columns.age());
            merged.row_of = merged.fill(columns.len(), |i| Key::new((x[i], t_x[i], t[i])));
        }
        merged.count();
        merged
    }

    /// How many customers each row stands for.
    fn count(&mut self) {
        self.weights = vec![0.0; self.len()];
        for &row in &self.row_of {
            self.weights[row as usize] += 1.0;
        }
    }

    /// Fills in the distinct ones of so many keys, ascending, and returns the row of each key.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "columns are numbered with 32 bits"
    )]
    fn fill(&mut self, count: usize, key: impl Fn(usize) -> Key) -> Vec<u32> {
        let mut rows = vec![0; count];
        let mut last = None;
        order::ascending(count, key, Key::lead, |key, i| {
            if last != Some(key) {
                self.frequency.push(key.frequency);
                self.age.push(f64::from_bits(key.age));
                self.recency.push(f64::from_bits(key.recency));
                last = Some(key);
            }
            rows[i] = (self.frequency.len() - 1) as u32;
        });
        rows
    }

    /// Number of distinct rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frequency.len()
    }

    /// Whether there is no row, and so no customer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frequency.is_empty()
    }

    /// Number of customers that were merged.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.row_of.len()
    }

    /// The distinct rows, in ascending order of frequency, then age, then recency.
    #[must_use]
    pub fn columns(&self) -> SummaryColumns<'_> {
        SummaryColumns::of_valid(self.unit, &self.frequency, &self.recency, &self.age)
    }

    /// How many customers each row stands for; together they are
    /// [`customers`](Self::customers).
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The row that each customer was merged into, in the order of the columns.
    #[must_use]
    pub fn row_of(&self) -> &[u32] {
        &self.row_of
    }

    /// The first customer of a row.
    pub(crate) fn first_of(&self, row: usize) -> usize {
        // Every row has one.
        let is_of = |&of: &u32| of as usize == row;
        self.row_of.iter().position(is_of).unwrap_or_default()
    }

    /// Writes each customer's answer to `out`, in the order of the columns, from the answers
    /// `by_row` of the distinct rows. It allocates nothing.
    ///
    /// # Errors
    ///
    /// [`ColumnError::Length`] unless `by_row` has as many numbers as there are
    /// [rows](Self::len), and `out` as there are [`customers`](Self::customers).
    pub fn gather(&self, by_row: &[f64], out: &mut [f64]) -> Result<(), ColumnError> {
        ColumnError::check_length("by_row", self.len(), by_row.len())?;
        ColumnError::check_length("out", self.customers(), out.len())?;
        for (answer, &row) in out.iter_mut().zip(&self.row_of) {
            *answer = by_row[row as usize];
        }
        Ok(())
    }
}

/// Distinct rows as they are read, before they are checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "DistinctSummaries")]
struct StoredDistinct {
    unit: TimeUnit,
    frequency: Vec<u32>,
    recency: Vec<f64>,
    age: Vec<f64>,
    row_of: Vec<u32>,
}

#[cfg(feature = "serde")]
impl TryFrom<StoredDistinct> for DistinctSummaries {
    type Error = ColumnError;

    fn try_from(stored: StoredDistinct) -> Result<Self, ColumnError> {
        let refused = |expected, found| Err(ColumnError::Stored { expected, found });
        let StoredDistinct {
            unit,
            frequency,
            recency,
            age,
            row_of,
        } = stored;
        let columns = SummaryColumns::new(unit, &frequency, &recency, &age)?;
        SummaryColumns::check_rows(row_of.len())?;
        let keys: Vec<Key> = columns.rows().map(Key::new).collect();
        let row = |row: usize| {
            let (frequency, recency, age) = (frequency[row], recency[row], age[row]);
            format!("frequency {frequency}, age {age}, recency {recency} in row {row}")
        };
        if let Some(before) = keys.windows(2).position(|pair| pair[0] >= pair[1]) {
            return refused(
                "distinct rows that ascend by frequency, age and recency",
                format!("{} and then {}", row(before), row(before + 1)),
            );
        }
        if let Some(customer) = row_of.iter().position(|&row| row as usize >= keys.len()) {
            return refused(
                "every customer in one of its distinct rows",
                format!(
                    "row {} of {} for customer {customer}",
                    row_of[customer],
                    keys.len()
                ),
            );
        }
        let mut distinct = Self {
            unit,
            frequency,
            recency,
            age,
            weights: Vec::new(),
            row_of,
        };
        distinct.count();
        if let Some(row) = distinct.weights.iter().position(|&weight| weight == 0.0) {
            return refused(
                "a customer in every distinct row",
                format!("none in row {row} of {}", keys.len()),
            );
        }
        Ok(distinct)
    }
}

/// One customer by value, in the order of the rows: bit patterns of numbers that are not negative
/// are in the order of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    frequency: u32,
    age: u64,
    recency: u64,
}

impl Key {
    fn new((frequency, recency, age): (u32, f64, f64)) -> Self {
        Self {
            frequency,
            // −0 becomes 0.
            age: (age + 0.0).to_bits(),
            recency: (recency + 0.0).to_bits(),
        }
    }

    /// A number that never falls where keys ascend.
    fn lead(self) -> u64 {
        order::lead(self.frequency, self.age)
    }

    /// All bits mixed into all bits, by a product of twice the width.
    fn hash(self) -> u64 {
        let frequency = u64::from(self.frequency).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let age = self.age.wrapping_add(frequency) ^ 0x243F_6A88_85A3_08D3;
        let recency = self.recency ^ 0xD1B5_4A32_D192_ED03;
        let product = u128::from(age) * u128::from(recency);
        #[allow(clippy::cast_possible_truncation, reason = "its halves")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        low ^ high
    }
}

/// After so many rows it shows whether rows are alike at all.
const TRIAL: usize = 1 << 16;

/// The distinct keys in the order in which they come, and which of them each row has.
///
/// `None` if it is no use: rows are hardly ever alike, or meet in the table although they are not.
/// Then sorting all of them is cheaper.
#[allow(
    clippy::cast_possible_truncation,
    reason = "columns are numbered with 32 bits"
)]
fn merge(columns: &SummaryColumns<'_>) -> Option<(Vec<Key>, Vec<u32>)> {
    let mut table = Table::new(12);
    let mut keys: Vec<Key> = Vec::new();
    let mut key_of = Vec::with_capacity(columns.len());
    let mut patience = 8 * columns.len() + 1024;
    for row in columns.rows() {
        let key = Key::new(row);
        let hash = key.hash();
        let mut place = table.first(hash);
        let number = loop {
            let slot = table.slots[place];
            if slot.number == FREE {
                table.slots[place] = Slot::new(hash, keys.len());
                keys.push(key);
                if 2 * keys.len() > table.slots.len() {
                    table = Table::of(&keys, table.bits + 1);
                }
                break keys.len() as u32 - 1;
            }
            if slot.tag == hash as u32 && keys[slot.number as usize] == key {
                break slot.number;
            }
            place = table.next(place);
            patience = patience.checked_sub(1)?;
        };
        key_of.push(number);
        if key_of.len() == TRIAL && keys.len() > TRIAL / 2 {
            return None;
        }
    }
    Some((keys, key_of))
}

/// No key.
const FREE: u32 = u32::MAX;

/// The number of a key, and enough of its hash to tell most others from it.
#[derive(Debug, Clone, Copy)]
struct Slot {
    tag: u32,
    number: u32,
}

impl Slot {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a part of the hash; 32-bit numbers"
    )]
    fn new(hash: u64, number: usize) -> Self {
        Self {
            tag: hash as u32,
            number: number as u32,
        }
    }
}

/// A hash table with open addressing, at most half full.
#[derive(Debug)]
struct Table {
    bits: u32,
    slots: Vec<Slot>,
}

impl Table {
    fn new(bits: u32) -> Self {
        Self {
            bits,
            slots: vec![Slot::new(0, FREE as usize); 1 << bits],
        }
    }

    /// A table of distinct keys.
    fn of(keys: &[Key], bits: u32) -> Self {
        let mut table = Self::new(bits);
        for (number, key) in keys.iter().enumerate() {
            let hash = key.hash();
            let mut place = table.first(hash);
            while table.slots[place].number != FREE {
                place = table.next(place);
            }
            table.slots[place] = Slot::new(hash, number);
        }
        table
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "the leading bits, no more than a place has"
    )]
    fn first(&self, hash: u64) -> usize {
        (hash >> (64 - self.bits)) as usize
    }

    fn next(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Merges by the plain definition.
    fn plain(columns: &SummaryColumns<'_>) -> (Vec<Key>, Vec<usize>) {
        let keys: Vec<Key> = columns.rows().map(Key::new).collect();
        let mut distinct = keys.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let row_of = keys
            .iter()
            .map(|key| distinct.partition_point(|other| other < key))
            .collect();
        (distinct, row_of)
    }

    fn is_plain(frequency: &[u32], recency: &[f64], age: &[f64]) {
        let columns = SummaryColumns::new(TimeUnit::Day, frequency, recency, age).unwrap();
        let merged = columns.distinct();
        let (distinct, row_of) = plain(&columns);
        assert!(merged.columns().rows().map(Key::new).eq(distinct));
        assert!(merged.row_of.iter().map(|&row| row as usize).eq(row_of));
        let mut weights = vec![0.0; merged.len()];
        for &row in &merged.row_of {
            weights[row as usize] += 1.0;
        }
        assert_eq!(merged.weights, weights);
    }

    /// Pseudo-random customers; times are multiples of `grain` days.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers from 0 to 2"
    )]
    fn customers(count: u32, grain: f64) -> (Vec<u32>, Vec<f64>, Vec<f64>) {
        let mut state = 1_u64;
        let mut random = move |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            f64::from((state >> 33) as u32) / f64::from(1_u32 << 31) * below as f64
        };
        let times = |length: f64| (length / grain).floor() * grain;
        (0..count)
            .map(|_| {
                let (x, age) = (random(3) as u32, times(random(90) + 1.0));
                (
                    x,
                    if x == 0 {
                        0.0
                    } else {
                        times(random(30)).clamp(grain, age)
                    },
                    age,
                )
            })
            .fold(
                Default::default(),
                |mut all: (Vec<_>, Vec<_>, Vec<_>), row| {
                    all.0.push(row.0);
                    all.1.push(row.1);
                    all.2.push(row.2);
                    all
                },
            )
    }

    #[test]
    fn whole_days_and_instants_merge_as_defined() {
        for (count, grain) in [(3000, 1.0), (200_000, 1.0), (200_000, 1e-9)] {
            let (x, t_x, t) = customers(count, grain);
            is_plain(&x, &t_x, &t);
        }
    }

    #[test]
    fn what_differs_in_the_last_bit_or_the_highest_count_stays_apart() {
        let up = |x: f64| f64::from_bits(x.to_bits() + 1);
        let next = up(40.0);
        is_plain(
            &[70_000, 65_535, 70_000, 0, 0, 70_001, 70_000],
            &[9.0, 9.0, 9.0, 0.0, -0.0, 9.0, up(9.0)],
            &[next, 40.0, 40.0, 40.0, 40.0, 40.0, 40.0],
        );
        // Of the highest counts not all are sorted by age first.
        is_plain(&[65_536, 65_535, 65_534], &[1.0; 3], &[40.0, 50.0, 60.0]);
    }

    #[test]
    fn keys_that_all_meet_in_the_table_are_sorted_instead() {
        // A factor of 0 hides the other one. Here it is made by a frequency and an age.
        let (frequency, age) = (1..=u32::MAX)
            .map(|x| {
                let step = u64::from(x).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                (
                    x,
                    f64::from_bits(0x243F_6A88_85A3_08D3_u64.wrapping_sub(step)),
                )
            })
            .find(|&(_, age)| age > 1.0 && age < 1e16)
            .unwrap();
        let recency: Vec<f64> = (1..3000).map(|i| f64::from(i) / 3000.0).collect();
        let columns = vec![frequency; recency.len()];
        let ages = vec![age; recency.len()];
        let columns = SummaryColumns::new(TimeUnit::Day, &columns, &recency, &ages).unwrap();
        assert!(columns.rows().all(|row| Key::new(row).hash() == 0));
        assert!(merge(&columns).is_none());
        is_plain(columns.frequency(), &recency, &ages);
    }
}
