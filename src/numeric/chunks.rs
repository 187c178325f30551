//! Work cut into chunks of a fixed size, and done by many hands if there are any.
//!
//! What comes of the chunks is put together in their order by the calling thread, whoever did them.
//! So every bit of a result is the same for any number of threads, and the same without the feature
//! `parallel`. With it, the pool that the caller runs in decides how many threads there are.

/// How work is cut, and from how much of it on it is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grain {
    /// Items in a chunk, at least 1. It decides the last bits of sums: a constant.
    pub(crate) chunk: usize,
    /// With fewer items than this the calling thread does all alone.
    pub(crate) alone: usize,
}

/// Below so many rows of some ten nanoseconds each, threads cost more than they gain, above all on
/// a machine that others use too.
pub(crate) const ALONE: usize = 100_000;

/// Rows of some ten nanoseconds that take as long as one with an integral.
pub(crate) const INTEGRAL: usize = 50;

impl Grain {
    /// For rows that take some ten nanoseconds each.
    pub(crate) const fn rows(chunk: usize) -> Self {
        Self {
            chunk,
            alone: ALONE,
        }
    }

    /// For rows that take a microsecond each.
    pub(crate) const INTEGRALS: Self = Self {
        chunk: 256,
        alone: ALONE / INTEGRAL,
    };

    /// Items that each are work for a thread.
    pub(crate) const EACH: Self = Self { chunk: 1, alone: 2 };
}

/// The sum over chunks of rows: `work` on each, put together by `add` from the first to the last.
/// Without rows, what `work` makes of none.
pub(crate) fn fold<T: Sync, S: Send>(
    rows: &[T],
    grain: Grain,
    work: impl Fn(&[T]) -> S + Sync,
    mut add: impl FnMut(&mut S, S),
) -> S {
    let chunk = grain.chunk.max(1);
    let (first, rest) = rows.split_at(chunk.min(rows.len()));
    let is_shared = rows.len() >= grain.alone && !rest.is_empty() && threads() > 1;
    if is_shared {
        let mut parts = together::chunks(rows, chunk, &work).into_iter();
        let mut sum = parts.next().unwrap_or_else(|| work(&[]));
        parts.for_each(|part| add(&mut sum, part));
        return sum;
    }
    let mut sum = work(first);
    for rows in rest.chunks(chunk) {
        add(&mut sum, work(rows));
    }
    sum
}

/// Several sums over rows of some ten nanoseconds each, taken at once.
pub(crate) fn sums<T: Sync, const N: usize>(
    rows: &[T],
    work: impl Fn(&[T]) -> [f64; N] + Sync,
) -> [f64; N] {
    fold(rows, Grain::rows(8_192), work, |sums, more| {
        add_each(sums, &more);
    })
}

/// The same over rows with an integral each, which take a microsecond.
pub(crate) fn sums_of_integrals<T: Sync, const N: usize>(
    rows: &[T],
    work: impl Fn(&[T]) -> [f64; N] + Sync,
) -> [f64; N] {
    fold(rows, Grain::INTEGRALS, work, |sums, more| {
        add_each(sums, &more);
    })
}

/// Adds each of these numbers to its total.
pub(crate) fn add_each(totals: &mut [f64], part: &[f64]) {
    for (total, part) in totals.iter_mut().zip(part) {
        *total += part;
    }
}

/// Fills `out` chunk by chunk: `work` is told where a chunk begins. The first error in the order of
/// the chunks; what `out` holds is then of no use.
pub(crate) fn for_each_mut<T: Send, E: Send>(
    out: &mut [T],
    grain: Grain,
    work: impl Fn(usize, &mut [T]) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let chunk = grain.chunk.max(1);
    if out.len() >= grain.alone && out.len() > chunk && threads() > 1 {
        return together::chunks_mut(out, chunk, &work);
    }
    let mut parts = out.chunks_mut(chunk).enumerate();
    parts.try_for_each(|(i, part)| work(i * chunk, part))
}

/// What `work` makes of each number below `count`, in their order.
pub(crate) fn map<S: Send>(count: usize, grain: Grain, work: impl Fn(usize) -> S + Sync) -> Vec<S> {
    if count >= grain.alone && count > grain.chunk && threads() > 1 {
        together::numbers(count, grain.chunk, &work)
    } else {
        (0..count).map(work).collect()
    }
}

#[cfg(feature = "parallel")]
mod together {
    use rayon::prelude::*;

    pub(super) fn threads() -> usize {
        rayon::current_num_threads()
    }

    pub(super) fn chunks<T: Sync, S: Send>(
        rows: &[T],
        chunk: usize,
        work: &(impl Fn(&[T]) -> S + Sync),
    ) -> Vec<S> {
        rows.par_chunks(chunk).map(work).collect()
    }

    pub(super) fn chunks_mut<T: Send, E: Send>(
        out: &mut [T],
        chunk: usize,
        work: &(impl Fn(usize, &mut [T]) -> Result<(), E> + Sync),
    ) -> Result<(), E> {
        let parts = out.par_chunks_mut(chunk).enumerate();
        let error = parts.find_map_first(|(i, part)| work(i * chunk, part).err());
        error.map_or(Ok(()), Err)
    }

    pub(super) fn numbers<S: Send>(
        count: usize,
        chunk: usize,
        work: &(impl Fn(usize) -> S + Sync),
    ) -> Vec<S> {
        let numbers = (0..count).into_par_iter().with_min_len(chunk);
        numbers.map(work).collect()
    }
}

/// Without other hands: never called with more than one thread.
#[cfg(not(feature = "parallel"))]
mod together {
    pub(super) fn threads() -> usize {
        1
    }

    pub(super) fn chunks<T, S>(rows: &[T], chunk: usize, work: &impl Fn(&[T]) -> S) -> Vec<S> {
        rows.chunks(chunk).map(work).collect()
    }

    pub(super) fn chunks_mut<T, E>(
        out: &mut [T],
        chunk: usize,
        work: &impl Fn(usize, &mut [T]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut parts = out.chunks_mut(chunk).enumerate();
        parts.try_for_each(|(i, part)| work(i * chunk, part))
    }

    pub(super) fn numbers<S>(count: usize, _: usize, work: &impl Fn(usize) -> S) -> Vec<S> {
        (0..count).map(work).collect()
    }
}

/// How many threads there are to share work with, the calling one included.
pub(crate) fn threads() -> usize {
    together::threads()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: Grain = Grain { chunk: 7, alone: 0 };
    const SERIAL: Grain = Grain {
        chunk: 7,
        alone: usize::MAX,
    };

    /// Numbers whose sum depends on the order of adding them.
    fn rows(count: u32) -> Vec<f64> {
        (0..count)
            .map(|i| 1.0 / f64::from(1 + i * i % 997))
            .collect()
    }

    #[test]
    fn a_sum_has_the_same_bits_shared_out_and_alone() {
        for count in [0, 1, 6, 7, 8, 1_000] {
            let rows = rows(count);
            let sum = |grain| {
                fold(
                    &rows,
                    grain,
                    |rows| rows.iter().sum::<f64>(),
                    |a, b| *a += b,
                )
            };
            assert_eq!(sum(SHARED).to_bits(), sum(SERIAL).to_bits());
        }
        let order = fold(&rows(30), SHARED, <[f64]>::to_vec, |all, more| {
            all.extend(more);
        });
        assert_eq!(order, rows(30));
    }

    #[test]
    fn every_chunk_is_filled_from_where_it_begins() {
        for grain in [SHARED, SERIAL] {
            let mut out = [0; 100];
            let filled: Result<(), ()> = for_each_mut(&mut out, grain, |offset, part| {
                for (i, cell) in part.iter_mut().enumerate() {
                    *cell = offset + i;
                }
                Ok(())
            });
            assert_eq!(filled, Ok(()));
            assert_eq!(out.to_vec(), map(100, grain, |i| i));
        }
    }

    #[test]
    fn the_first_error_in_order_is_told() {
        for grain in [SHARED, SERIAL] {
            let mut out = [0; 100];
            let fails = |offset, _: &mut [i32]| if offset >= 35 { Err(offset) } else { Ok(()) };
            assert_eq!(for_each_mut(&mut out, grain, fails), Err(35));
        }
    }
}
