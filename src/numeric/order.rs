//! Putting many keys in order.

/// Hands out the numbers below `count` in ascending order of their keys; where keys are equal, in
/// their own.
///
/// Numbers are sorted by the `lead` of a key, which must never fall where keys ascend, and only the
/// few that share it by the key: twice as fast as by keys alone.
pub(crate) fn ascending<K: Copy + Ord>(
    count: usize,
    key: impl Fn(usize) -> K,
    lead: impl Fn(K) -> u64,
    mut next: impl FnMut(K, usize),
) {
    let mut order: Vec<(u64, usize)> = (0..count).map(|i| (lead(key(i)), i)).collect();
    order.sort_unstable();
    let mut alike = Vec::new();
    for same_lead in order.chunk_by(|a, b| a.0 == b.0) {
        alike.clear();
        alike.extend(same_lead.iter().map(|&(_, i)| (key(i), i)));
        alike.sort_unstable();
        for &(key, i) in &alike {
            next(key, i);
        }
    }
}

/// The lead of keys that ascend by a count and then by the bits of a number that is not negative:
/// the count, and 48 bits of the number, which keep 11 digits. (Its sign, the first bit, tells
/// nothing.) Counts too large for that share one lead.
pub(crate) fn lead(count: u32, number: u64) -> u64 {
    match u16::try_from(count) {
        Ok(count) if count < u16::MAX => u64::from(count) << 48 | number >> 15,
        _ => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ascend_and_equal_ones_stay_in_their_order() {
        let up = |x: f64| f64::from_bits(x.to_bits() + 1);
        let counts = [3, 70_000, 65_535, 0, 70_000, 3, 3, u32::MAX, 65_536];
        let numbers = [up(40.0), 9.0, 1e18, 0.0, 9.0, 40.0, up(40.0), 0.0, 1e-300];
        let key = |i: usize| (counts[i], f64::to_bits(numbers[i]));
        let mut plain: Vec<usize> = (0..counts.len()).collect();
        plain.sort_by_key(|&i| key(i));
        let mut found = Vec::new();
        let by_lead = |(count, bits)| lead(count, bits);
        ascending(counts.len(), key, by_lead, |of, i| {
            assert_eq!(of, key(i));
            found.push(i);
        });
        assert_eq!(found, plain);
        ascending(0, key, by_lead, |_, _| unreachable!());
    }
}
