//! The integral over one silent piece by the cheapest rule that is exact.

use crate::numeric::special::ln_one_plus;
use crate::numeric::stretch::Stretch;

use super::super::clock::{Clock, Law};
use super::super::posterior::dropout;

/// The integral over a silent piece.
///
/// Most pieces are short to most customers. By the bound on the ellipse with the sum of semi-axes 8
/// about a piece (50 for the shortest rule, 4 for the longest), the error stays below 1e-11.
pub(in super::super) fn gone(law: &Law, shape: f64, clock: Clock, len: f64) -> Stretch {
    let (by_alpha, by_beta, raced) = (len / clock.alpha, len / clock.beta, law.b * len);
    let reach = by_alpha.max(by_beta).max(raced);
    let change = shape * by_alpha + (law.s + 1.0) * by_beta + raced;
    if reach <= 0.03 && change <= 0.1 {
        few(law, shape, clock, len, &FOUR)
    } else if reach <= 0.35 && change <= 2.0 {
        few(law, shape, clock, len, &EIGHT)
    } else if reach <= 1.0 && change <= 8.0 {
        few(law, shape, clock, len, &SIXTEEN)
    } else {
        dropout(law, shape, clock).stretch(len)
    }
}

/// Nodes of the Gauss–Legendre rule with four nodes on `[0, 1]`, and their weights.
const FOUR: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_92),
    (0.330_009_478_207_571_9, 0.326_072_577_431_273_1),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_1),
    (0.930_568_155_797_026_2, 0.173_927_422_568_726_92),
];
/// The same with eight.
const EIGHT: [(f64, f64); 8] = [
    (0.019_855_071_751_231_884, 0.050_614_268_145_188_13),
    (0.101_666_761_293_186_64, 0.111_190_517_226_687_24),
    (0.237_233_795_041_835_5, 0.156_853_322_938_943_63),
    (0.408_282_678_752_175_1, 0.181_341_891_689_181),
    (0.591_717_321_247_825, 0.181_341_891_689_181),
    (0.762_766_204_958_164_5, 0.156_853_322_938_943_63),
    (0.898_333_238_706_813_4, 0.111_190_517_226_687_24),
    (0.980_144_928_248_768_1, 0.050_614_268_145_188_13),
];

/// The same with sixteen.
const SIXTEEN: [(f64, f64); 16] = [
    (0.005_299_532_504_175_033, 0.013_576_229_705_877_048),
    (0.027_712_488_463_383_71, 0.031_126_761_969_323_947),
    (0.067_184_398_806_084_12, 0.047_579_255_841_246_39),
    (0.122_297_795_822_498_49, 0.062_314_485_627_766_94),
    (0.191_061_877_798_678_11, 0.074_797_994_408_288_37),
    (0.270_991_611_171_386_3, 0.084_578_259_697_501_27),
    (0.359_198_224_610_370_54, 0.091_301_707_522_461_79),
    (0.452_493_745_081_181_3, 0.094_725_305_227_534_25),
    (0.547_506_254_918_818_8, 0.094_725_305_227_534_25),
    (0.640_801_775_389_629_5, 0.091_301_707_522_461_79),
    (0.729_008_388_828_613_7, 0.084_578_259_697_501_27),
    (0.808_938_122_201_321_9, 0.074_797_994_408_288_37),
    (0.877_702_204_177_501_6, 0.062_314_485_627_766_94),
    (0.932_815_601_193_915_8, 0.047_579_255_841_246_39),
    (0.972_287_511_536_616_3, 0.031_126_761_969_323_947),
    (0.994_700_467_495_825, 0.013_576_229_705_877_048),
];

/// The integral by a rule of few nodes.
fn few(law: &Law, shape: f64, clock: Clock, len: f64, rule: &[(f64, f64)]) -> Stretch {
    let b = law.b;
    let mut sum = 0.0;
    let mut means = [0.0; 8];
    for &(node, weight) in rule {
        let time = node * len;
        let x = b * time;
        let growth = if b > 0.0 { x.exp_m1() } else { 0.0 };
        let raced = if b > 0.0 { growth / b } else { time };
        let (by_alpha, by_beta) = (time / clock.alpha, raced / clock.beta);
        let (ln_alpha, ln_beta) = (ln_one_plus(by_alpha), ln_one_plus(by_beta));
        let part = weight * (x - shape * ln_alpha - (law.s + 1.0) * ln_beta).exp();
        let (alpha_share, beta_share) = (1.0 / (1.0 + by_alpha), 1.0 / (1.0 + by_beta));
        let by_b = if b > 0.0 {
            time * time * bend(x, growth) * beta_share / clock.beta
        } else {
            0.0
        };
        let values = [
            ln_alpha,
            alpha_share,
            by_alpha * alpha_share,
            ln_beta,
            beta_share,
            by_beta * beta_share,
            time,
            by_b,
        ];
        sum += part;
        for (mean, value) in means.iter_mut().zip(values) {
            *mean += part * value;
        }
    }
    let [
        ln_alpha,
        alpha_share,
        alpha_risen,
        ln_beta,
        beta_share,
        beta_risen,
        time,
        by_b,
    ] = means.map(|mean| mean / sum);
    Stretch {
        ln: len.ln() + sum.ln(),
        ln_alpha,
        alpha_share,
        alpha_risen,
        ln_beta,
        beta_share,
        beta_risen,
        time,
        by_b,
    }
}

/// `(x·e^x − (e^x − 1))/x²` from `x ≥ 0` and `e^x − 1`.
fn bend(x: f64, raced: f64) -> f64 {
    if x > 0.05 {
        return (x * (1.0 + raced) - raced) / (x * x);
    }
    // (x − 1 + e^−x)/x².
    let mut term = 0.5;
    let mut sum = term;
    for n in 3..10_u8 {
        term *= -x / f64::from(n);
        sum += term;
    }
    sum * (1.0 + raced)
}
