//! Half-lives (半衰期): how fast evidence about a customer goes out of date.

use super::{QuantityError, Span, TimeUnit};

/// The time after which a piece of evidence counts half.
///
/// Evidence of age Δ counts 2^(−Δ/h): what a customer did last week says more about today than
/// what they did two years ago. [`NEVER`](Self::NEVER) forgets nothing.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::{HalfLife, Span};
///
/// let quarter = HalfLife::new(Span::days(90.0)?)?;
/// assert_eq!(quarter.decay(Span::days(180.0)?), 0.25);
/// assert_eq!(HalfLife::NEVER.decay(Span::years(30.0)?), 1.0);
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "RawHalfLife", into = "RawHalfLife")
)]
pub struct HalfLife(Option<Span>);

/// How a half-life is written: `{"span": {..}}` or `"never"`.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename = "HalfLife", rename_all = "snake_case")]
enum RawHalfLife {
    Span(Span),
    Never,
}

#[cfg(feature = "serde")]
impl TryFrom<RawHalfLife> for HalfLife {
    type Error = QuantityError;

    fn try_from(raw: RawHalfLife) -> Result<Self, Self::Error> {
        match raw {
            RawHalfLife::Span(span) => Self::new(span),
            RawHalfLife::Never => Ok(Self::NEVER),
        }
    }
}

#[cfg(feature = "serde")]
impl From<HalfLife> for RawHalfLife {
    fn from(half_life: HalfLife) -> Self {
        half_life.0.map_or(Self::Never, Self::Span)
    }
}

impl HalfLife {
    /// No forgetting: evidence of any age counts in full.
    pub const NEVER: Self = Self(None);

    /// A half-life of a length of time.
    ///
    /// # Errors
    ///
    /// [`QuantityError::Domain`] if the length is 0: evidence would be gone as it came.
    pub fn new(span: Span) -> Result<Self, QuantityError> {
        if span.length() > 0.0 {
            Ok(Self(Some(span)))
        } else {
            Err(QuantityError::Domain {
                quantity: "half-life",
                expected: "a length of time above 0",
                found: span.length(),
            })
        }
    }

    /// What evidence of an age still counts: 1 when new, one half after a half-life, and so on
    /// towards 0. `age` may be in any unit.
    #[must_use]
    pub fn decay(self, age: Span) -> f64 {
        // A half-life of next to nothing makes the quotient infinite and the answer 0.
        self.0.map_or(1.0, |span| {
            (-age.in_unit(span.unit()) / span.length()).exp2()
        })
    }

    /// [`decay`](Self::decay) for an age in seconds, at or above 0.
    pub(crate) fn fade(self, seconds: f64) -> f64 {
        // A half-life of next to nothing makes the quotient infinite and the answer 0; but new
        // evidence counts in full whatever the half-life.
        match self.0 {
            Some(span) if seconds > 0.0 => (-seconds / span.in_unit(TimeUnit::Second)).exp2(),
            _ => 1.0,
        }
    }

    /// The length of the half-life, `None` if nothing is ever forgotten.
    #[must_use]
    pub const fn span(self) -> Option<Span> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_life_of_nothing_is_refused() {
        assert!(matches!(
            HalfLife::new(Span::zero(TimeUnit::Day)),
            Err(QuantityError::Domain { .. })
        ));
    }

    #[test]
    fn decay_starts_at_one_and_ends_at_zero() {
        let shortest = HalfLife::new(Span::days(f64::from_bits(1)).unwrap()).unwrap();
        let longest = HalfLife::new(Span::new(1e21, TimeUnit::Second).unwrap()).unwrap();
        let now = Span::zero(TimeUnit::Week);
        let long = Span::years(1e6).unwrap();
        for half_life in [shortest, longest, HalfLife::NEVER] {
            assert_eq!(half_life.decay(now).to_bits(), 1.0_f64.to_bits());
        }
        assert_eq!(shortest.decay(long).to_bits(), 0.0_f64.to_bits());
        assert!((0.999_999..1.0).contains(&longest.decay(long)));
    }

    #[test]
    fn decay_composes_over_time_and_units() {
        let half_life = HalfLife::new(Span::weeks(13.0).unwrap()).unwrap();
        let (a, b) = (Span::weeks(5.0).unwrap(), Span::days(49.0).unwrap());
        let both = Span::weeks(12.0).unwrap();
        let product = half_life.decay(a) * half_life.decay(b);
        assert!((product - half_life.decay(both)).abs() < 1e-15);
        assert_eq!(half_life.span(), Span::weeks(13.0).ok());
        assert_eq!(HalfLife::NEVER.span(), None);
    }
}
