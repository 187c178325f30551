use super::*;

#[test]
fn as_many_customers_are_drawn_as_there_are_and_each_as_often_as_its_weight_says() {
    let weights = [3, 0, 1, 96];
    let mut sums = [0.0; 4];
    let mut squares = [0.0; 4];
    for stream in 0..2000 {
        let counts = drawn_counts(&weights, &mut RandomStream::new(5, stream));
        let total: f64 = counts.iter().sum();
        assert!((total - 100.0).abs() < 1e-12);
        for (i, count) in counts.iter().enumerate() {
            sums[i] += count;
            squares[i] += count * count;
        }
    }
    for (i, &weight) in weights.iter().enumerate() {
        let n = f64::from(u32::try_from(weight).unwrap());
        let variance = n * (1.0 - n / 100.0);
        let (mean, found) = (
            sums[i] / 2000.0,
            squares[i] / 2000.0 - (sums[i] / 2000.0).powi(2),
        );
        let error = 4.0 * (variance / 2000.0).sqrt();
        assert!((mean - n).abs() <= error, "{i}: mean {mean}");
        assert!(
            (found - variance).abs() <= 0.25 * variance,
            "{i}: variance {found}"
        );
    }
}

#[test]
fn a_part_of_a_customer_cannot_be_drawn() {
    assert_eq!(
        whole(&[1.0, 2.5]),
        Err(BootstrapError::FractionalWeight { found: 2.5 })
    );
    assert!(matches!(
        whole(&[1e16]),
        Err(BootstrapError::TooManyCustomers { .. })
    ));
}
