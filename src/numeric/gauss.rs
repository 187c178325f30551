//! Gauss–Legendre rules of four sizes: smooth panels need few nodes, long ones more.

/// Positive nodes and their weights of the 6-point rule.
pub(super) const GAUSS_6: [(f64, f64); 3] = [
    (0.238_619_186_083_196_9, 0.467_913_934_572_691_05),
    (0.661_209_386_466_264_5, 0.360_761_573_048_138_6),
    (0.932_469_514_203_152, 0.171_324_492_379_170_36),
];
/// Positive nodes and their weights of the 8-point rule.
pub(super) const GAUSS_8: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_27),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_2, 0.101_228_536_290_376_26),
];
/// Positive nodes and their weights of the 12-point rule.
pub(super) const GAUSS_12: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_8),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_5, 0.203_167_426_723_065_92),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_22),
    (0.904_117_256_370_474_9, 0.106_939_325_995_318_43),
    (0.981_560_634_246_719_2, 0.047_175_336_386_511_83),
];
/// Positive nodes and their weights of the 20-point rule.
pub(super) const GAUSS_20: [(f64, f64); 10] = [
    (0.076_526_521_133_497_34, 0.152_753_387_130_725_84),
    (0.227_785_851_141_645_07, 0.149_172_986_472_603_74),
    (0.373_706_088_715_419_55, 0.142_096_109_318_382_04),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_64),
    (0.636_053_680_726_515, 0.118_194_531_961_518_43),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_44),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.912_234_428_251_326, 0.062_672_048_334_109_07),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
];

/// A Gauss–Legendre rule on `[−1, 1]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rule(&'static [(f64, f64)]);

/// For panels over which the logarithm of the integrand changes by no more than about 0.9.
pub(crate) const SHORTEST: Rule = Rule(&GAUSS_6);
/// For changes up to about 2.5.
pub(crate) const SHORT: Rule = Rule(&GAUSS_8);
/// For changes up to about 8.
pub(crate) const MEDIUM: Rule = Rule(&GAUSS_12);
/// For changes up to about 24.
pub(crate) const LONG: Rule = Rule(&GAUSS_20);

impl Rule {
    /// Calls `visit(node, weight)` for every node of the rule on `[from, from + width]`.
    pub(crate) fn visit(self, from: f64, width: f64, mut visit: impl FnMut(f64, f64)) {
        let middle = from + 0.5 * width;
        self.visit_pairs(width, |offset, weight| {
            visit(middle - offset, weight);
            visit(middle + offset, weight);
        });
    }

    /// Calls `visit(offset, weight)` for every pair of nodes, at this offset on either side of the
    /// middle of a panel of this width; the outermost pair comes last.
    pub(crate) fn visit_pairs(self, width: f64, mut visit: impl FnMut(f64, f64)) {
        let half = 0.5 * width;
        for &(node, weight) in self.0 {
            visit(half * node, half * weight);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_exact_for_polynomials_of_its_degree() {
        for (rule, degree) in [(SHORTEST, 10), (SHORT, 14), (MEDIUM, 22), (LONG, 38)] {
            let mut sum = 0.0;
            rule.visit(0.0, 2.0, |x, w| sum += w * x.powi(degree));
            let exact = 2f64.powi(degree + 1) / f64::from(degree + 1);
            assert!((sum / exact - 1.0).abs() < 1e-13, "{degree}: {sum} {exact}");
        }
    }
}
