//! What customers buy as shares of categories, and how far two such shares are from each other.
//!
//! Hellinger (1909), "Neue Begründung der Theorie quadratischer Formen von unendlichvielen
//! Veränderlichen", *Journal für die reine und angewandte Mathematik* 136, 210–271.

use std::cmp::Ordering;

use super::SegmentError;
use super::error::checked;

/// The roots of shares, sorted by category; squares sum to 1.
pub(super) type Roots = Vec<(u32, f64)>;

/// `√(½ Σ (√p − √q)²)`, from 0 to 1.
pub(super) fn distance(ours: &[(u32, f64)], theirs: &[(u32, f64)]) -> f64 {
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    let mut sum = 0.0;
    loop {
        let apart = match (ours.peek(), theirs.peek()) {
            (Some((a, p)), Some((b, q))) => match a.cmp(b) {
                Ordering::Less => {
                    ours.next();
                    *p
                }
                Ordering::Greater => {
                    theirs.next();
                    *q
                }
                Ordering::Equal => {
                    let apart = p - q;
                    ours.next();
                    theirs.next();
                    apart
                }
            },
            (Some((_, p)), None) => {
                ours.next();
                *p
            }
            (None, Some((_, q))) => {
                theirs.next();
                *q
            }
            (None, None) => break,
        };
        sum += apart * apart;
    }
    (0.5 * sum).min(1.0).sqrt() // a rounding above 1 at most
}

/// The roots of the shares of amounts at or above 0; `None` if there is nothing.
pub(super) fn roots(amounts: impl Iterator<Item = (u32, f64)>) -> Option<Roots> {
    let mut rows: Roots = amounts.filter(|(_, amount)| *amount > 0.0).collect();
    let most = rows
        .iter()
        .fold(0.0, |most: f64, (_, amount)| most.max(*amount));
    // As shares of the largest, so that no sum leaves the range of numbers.
    let total: f64 = rows.iter().map(|(_, amount)| amount / most).sum();
    if rows.is_empty() || !total.is_finite() {
        return None;
    }
    for (_, amount) in &mut rows {
        *amount = (*amount / most / total).sqrt();
    }
    Some(rows)
}

/// The Hellinger distance of two distributions over the same categories, each given by amounts at or
/// above 0: from 0 where the shares are the same to 1 where they have no category in common.
///
/// Unlike the Euclidean distance of the shares it gives a rare category its weight, and unlike a
/// divergence it is symmetric and finite where one never buys what the other does.
///
/// # Errors
///
/// [`SegmentError::Domain`] for an amount that is below 0 or not finite, without an amount above 0, or
/// if there are not as many of one as of the other.
///
/// # Examples
///
/// ```
/// use guanxi::segment::hellinger_distance;
///
/// assert_eq!(hellinger_distance(&[1.0, 0.0], &[0.0, 5.0])?, 1.0);
/// assert_eq!(hellinger_distance(&[1.0, 3.0], &[2.0, 6.0])?, 0.0); // amounts do not matter
/// let apart = hellinger_distance(&[0.36, 0.48, 0.16], &[0.30, 0.50, 0.20])?;
/// assert!((apart - 0.050_823_997_681).abs() < 1e-12);
/// # Ok::<(), guanxi::segment::SegmentError>(())
/// ```
pub fn hellinger_distance(ours: &[f64], theirs: &[f64]) -> Result<f64, SegmentError> {
    let (what, range) = ("number of categories", "the same of both");
    let many = ours.len() as f64;
    checked(what, range, many..=many, theirs.len() as f64)?;
    let read = |amounts: &[f64]| {
        let (what, range) = ("amount of a category", "a finite number at or above 0");
        for &amount in amounts {
            checked(what, range, 0.0..=f64::MAX, amount)?;
        }
        roots((0..).zip(amounts.iter().copied())).ok_or(SegmentError::Domain {
            quantity: "sum of the amounts",
            expected: "above 0",
            found: 0.0,
        })
    };
    Ok(distance(&read(ours)?, &read(theirs)?))
}
