//! Sums over many rows, taken in parts of one size that are added in their order, so that the bits do
//! not depend on who computes which part.

/// How many rows make a part.
const ROWS: usize = 8_192;

/// Several sums at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sums<const N: usize>(pub(crate) [f64; N]);

/// The sums of `part` over all rows.
pub(crate) fn sum<T: Sync, const N: usize>(
    rows: &[T],
    part: impl Fn(&[T]) -> Sums<N> + Sync,
) -> Sums<N> {
    let mut total = Sums([0.0; N]);
    for sums in rows.chunks(ROWS).map(part) {
        for (total, sum) in total.0.iter_mut().zip(sums.0) {
            *total += sum;
        }
    }
    total
}
