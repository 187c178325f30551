use super::*;

#[test]
fn half_of_the_mixture_is_at_zero() {
    // χ²₁ exceeds 3.841458820694124 with probability 0.05, χ²₂ 5.991464547107979.
    let at = |law, df, statistic| p_value(law, df, statistic);
    assert!((at(NullLaw::ChiSquare, 1, 3.841_458_820_694_124) - 0.05).abs() < 1e-12);
    assert!((at(NullLaw::HalfAndHalf, 1, 3.841_458_820_694_124) - 0.025).abs() < 1e-12);
    assert!((at(NullLaw::AtMostChiSquare, 2, 5.991_464_547_107_979) - 0.05).abs() < 1e-12);
    let mixed = at(NullLaw::HalfAndHalf, 2, 5.991_464_547_107_979);
    assert!(
        (mixed - 0.5 * (0.05 + 0.014_375_262_4)).abs() < 1e-9,
        "{mixed}"
    );
    for law in [
        NullLaw::ChiSquare,
        NullLaw::HalfAndHalf,
        NullLaw::Indicative,
    ] {
        assert!((at(law, 1, 0.0) - 1.0).abs() < 1e-15);
    }
}
