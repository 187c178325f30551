//! The rules by which segments by needs are found.

use crate::quantity::{Fingerprint, PolicyId};
use crate::segment::SegmentError;
use crate::segment::error::checked;

/// How segments by needs are found (需求细分规则).
///
/// | rule | default | why |
/// |---|---|---|
/// | segments | 4 | our choice; compare by silhouette |
/// | fewest customers of a segment | 10 | our choice: who is one of few can be recognised |
/// | distinct customers that are compared all with all | 1000 | our choice; at least 40 and two a segment is established (Kaufman & Rousseeuw 1990) |
/// | samples of larger populations | 5 | established (Kaufman & Rousseeuw 1990) |
/// | seed | 0 | |
///
/// Validated against synthetic customers of three kinds, who are found again.
///
/// # Examples
///
/// ```
/// use guanxi::segment::NeedsClusterPolicy;
///
/// let policy = NeedsClusterPolicy::default().with_segments(6)?.with_seed(1);
/// assert_eq!((policy.segments(), policy.least_customers()), (6, 10));
/// // Of 50 customers no six segments are told.
/// assert!(policy.with_sample(50).is_err());
/// # Ok::<(), guanxi::segment::SegmentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "PolicyRow", into = "PolicyRow"))]
pub struct NeedsClusterPolicy {
    segments: usize,
    least_customers: u64,
    sample: usize,
    samples: usize,
    seed: u64,
}

impl Default for NeedsClusterPolicy {
    fn default() -> Self {
        Self {
            segments: 4,
            least_customers: 10,
            sample: 1000,
            samples: 5,
            seed: 0,
        }
    }
}

impl NeedsClusterPolicy {
    fn checked(self) -> Result<Self, SegmentError> {
        let (what, range) = ("number of segments", "between 1 and 100");
        checked(what, range, 1.0..=100.0, self.segments as f64)?;
        let (what, range) = ("fewest customers of a segment", "between 1 and 1e15");
        checked(what, range, 1.0..=1e15, self.least_customers as f64)?;
        let least = 40.0 + 2.0 * self.segments as f64;
        let (what, range) = (
            "sample of customers",
            "at least 40 and two a segment, and at most 5000",
        );
        checked(what, range, least..=5000.0, self.sample as f64)?;
        let (what, range) = ("number of samples", "between 1 and 100");
        checked(what, range, 1.0..=100.0, self.samples as f64)?;
        Ok(self)
    }

    /// Looks for another number of segments.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 1 and 100, and the
    /// [sample](Self::with_sample) is large enough for it.
    pub fn with_segments(self, segments: usize) -> Result<Self, SegmentError> {
        Self { segments, ..self }.checked()
    }

    /// Asks for another number of customers that a segment must have.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 1 and 1e15.
    pub fn with_least_customers(self, least_customers: u64) -> Result<Self, SegmentError> {
        Self {
            least_customers,
            ..self
        }
        .checked()
    }

    /// Compares another number of distinct customers all with all: 8 bytes a pair.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless there are at least 40 and two a segment, and at most 5000.
    pub fn with_sample(self, sample: usize) -> Result<Self, SegmentError> {
        Self { sample, ..self }.checked()
    }

    /// Draws another number of samples of a larger population.
    ///
    /// # Errors
    ///
    /// [`SegmentError::Domain`] unless it lies between 1 and 100.
    pub fn with_samples(self, samples: usize) -> Result<Self, SegmentError> {
        Self { samples, ..self }.checked()
    }

    /// Draws by another seed; the same one gives the same segments.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How many segments are looked for.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.segments
    }

    /// The fewest customers a segment may have.
    #[must_use]
    pub fn least_customers(&self) -> u64 {
        self.least_customers
    }

    /// How many distinct customers are compared all with all.
    #[must_use]
    pub fn sample(&self) -> usize {
        self.sample
    }

    /// How many samples are drawn of a larger population.
    #[must_use]
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// What samples are drawn by.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The name these rules have by their content.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        let print = Fingerprint::of("needs policy").whole(self.segments as u64);
        let print = print.whole(self.least_customers).whole(self.sample as u64);
        print.whole(self.samples as u64).whole(self.seed).id()
    }
}

/// What is not stated is as in the default policy.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename = "NeedsClusterPolicy")]
struct PolicyRow {
    segments: usize,
    least_customers: u64,
    sample: usize,
    samples: usize,
    seed: u64,
}

#[cfg(feature = "serde")]
impl Default for PolicyRow {
    fn default() -> Self {
        NeedsClusterPolicy::default().into()
    }
}

#[cfg(feature = "serde")]
impl From<NeedsClusterPolicy> for PolicyRow {
    fn from(policy: NeedsClusterPolicy) -> Self {
        let NeedsClusterPolicy {
            segments,
            least_customers,
            sample,
            samples,
            seed,
        } = policy;
        Self {
            segments,
            least_customers,
            sample,
            samples,
            seed,
        }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<PolicyRow> for NeedsClusterPolicy {
    type Error = SegmentError;

    fn try_from(row: PolicyRow) -> Result<Self, SegmentError> {
        let PolicyRow {
            segments,
            least_customers,
            sample,
            samples,
            seed,
        } = row;
        Self {
            segments,
            least_customers,
            sample,
            samples,
            seed,
        }
        .checked()
    }
}
