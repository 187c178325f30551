//! Rows by name: sorted in one piece while there are few, in a tree when there are many.

use std::collections::BTreeMap;

use smol_str::SmolStr;

/// How many rows lie in one piece: moving fewer aside costs less than a tree.
const FEW: usize = 64;

/// Rows by name, each once and read in the order of the names.
///
/// Most customers have a handful, which lie beside each other; a row more moves those after it
/// aside. Beyond 64 they go to a tree, where every row costs the logarithm of their number. Rows are
/// never removed, so equal rows are kept in one way.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ByName<V> {
    Few(Vec<(SmolStr, V)>),
    Many(BTreeMap<SmolStr, V>),
}

impl<V> ByName<V> {
    /// No rows; nothing allocated.
    pub(super) const EMPTY: Self = Self::Few(Vec::new());

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Few(rows) => rows.is_empty(),
            Self::Many(rows) => rows.is_empty(),
        }
    }

    /// The rows, in the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&SmolStr, &V)> {
        let (few, many) = match self {
            Self::Few(rows) => (Some(rows), None),
            Self::Many(rows) => (None, Some(rows)),
        };
        let few = few.into_iter().flatten().map(|(name, row)| (name, row));
        few.chain(many.into_iter().flatten())
    }

    /// The row of a name, changed; or a new one, made if there is none.
    pub(super) fn change(
        &mut self,
        name: &str,
        new: impl FnOnce() -> V,
        change: impl FnOnce(&mut V),
    ) {
        match self {
            Self::Few(rows) => match rows.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
                Ok(place) => {
                    if let Some((_, row)) = rows.get_mut(place) {
                        change(row);
                    }
                }
                Err(place) => {
                    let mut row = new();
                    change(&mut row);
                    rows.insert(place, (SmolStr::new(name), row));
                    if rows.len() > FEW {
                        *self = Self::Many(std::mem::take(rows).into_iter().collect());
                    }
                }
            },
            Self::Many(rows) => {
                if let Some(row) = rows.get_mut(name) {
                    change(row);
                } else {
                    let mut row = new();
                    change(&mut row);
                    rows.insert(SmolStr::new(name), row);
                }
            }
        }
    }

    /// The same names with rows made of theirs.
    pub(super) fn map<W>(&self, mut of: impl FnMut(&V) -> W) -> ByName<W> {
        let rows = self.iter().map(|(name, row)| (name.clone(), of(row)));
        match self {
            Self::Few(_) => ByName::Few(rows.collect()),
            Self::Many(_) => ByName::Many(rows.collect()),
        }
    }

    /// Rows in the order of their names; `None` unless each name comes after the one before.
    #[cfg(feature = "serde")]
    pub(super) fn from_sorted(rows: Vec<(SmolStr, V)>) -> Option<Self> {
        let sorted = rows.is_sorted_by(|(name, _), (next, _)| name < next);
        sorted.then(|| {
            if rows.len() > FEW {
                Self::Many(rows.into_iter().collect())
            } else {
                Self::Few(rows)
            }
        })
    }
}

impl<V> Default for ByName<V> {
    fn default() -> Self {
        Self::EMPTY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(names: impl IntoIterator<Item = u32>) -> ByName<u32> {
        let mut rows = ByName::EMPTY;
        for n in names {
            let name = format!("{n:05}");
            rows.change(&name, || 0, |row| *row += n + 1);
        }
        rows
    }

    #[test]
    fn few_and_many_rows_stand_in_the_order_of_their_names() {
        for count in [0, 1, 63, 64, 65, 66, 1_000] {
            let rows = counted((0..count).rev().chain(0..count));
            assert_eq!(rows, counted((0..count).chain(0..count)));
            assert!(
                rows.iter()
                    .map(|(_, row)| *row)
                    .eq((0..count).map(|n| 2 * n + 2))
            );
            assert_eq!(rows.is_empty(), count == 0);
            assert_eq!(rows.map(|row| row / 2), counted(0..count));
        }
    }
}
