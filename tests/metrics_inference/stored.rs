//! Measures are read back as they were written, and nothing invalid is read.

use std::fmt::Debug;

use guanxi::history::AsOf;
use guanxi::metric::{
    Answers, Ces, Change, CoderAgreement, CohortTriangle, CostTrend, Csat, Diversity, Measure, Nps,
    NpsMethod, OfSummaries, Percentile, Percentiles, PricePremium, Reported, ReportedTable,
    SampleMean, SampleRatio, Share, SmallGroups, Window,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{LEVEL, day};

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

#[test]
fn measures_are_read_back_as_they_were_written() {
    reads_back(&Share::new(3, 7).unwrap());
    reads_back(&Nps::new(3, 2, 1));
    reads_back(&Csat::new([1, 2, 3, 4, 5]));
    reads_back(&Ces::new([1, 2, 3, 4, 5, 6, 7]));
    reads_back(&SampleMean::of(&[0.1, 0.7, 1.3]).unwrap());
    reads_back(&SampleMean::of(&[]).unwrap());
    reads_back(&SampleRatio::of_parts(&[(0.1, 0.7), (0.3, 0.4)]).unwrap());
    let shares = [Share::new(1, 9), Share::new(5, 9)].map(Result::unwrap);
    reads_back(&shares[0].change(shares[1], LEVEL).unwrap().unwrap());
    let nps = Nps::new(1, 2, 3).change(Nps::new(3, 2, 1), NpsMethod::Wald, LEVEL);
    reads_back(&nps.unwrap().unwrap());
    reads_back(&CohortTriangle::new(vec![vec![3, 1], vec![4]]).unwrap());
    reads_back(&CostTrend::new(&[0.1, 0.2]).unwrap());
    reads_back(&Diversity::new(&[1, 0, 3]));
    reads_back(&CoderAgreement::new(&[[1, 2], [3, 4]]).unwrap());
    reads_back(&PricePremium::new(vec![0.1], vec![-0.3]).unwrap());
    let times = Percentiles::new(&[3.0, 1.0, 2.0]).unwrap();
    reads_back(&times);
    reads_back(&times.median(LEVEL).unwrap().unwrap());
    reads_back(&SmallGroups::default());
    reads_back(&SmallGroups::default().table([(3, 1), (40, 2)]));
    reads_back(&Reported::Shown(3));
    reads_back(&Window::new(day(1), AsOf::at(day(2)).known_at(day(3))).unwrap());
    reads_back(&Answers::Every);
    reads_back(&NpsMethod::Dirichlet);
    reads_back(&Measure::ALL.to_vec());
    let of: OfSummaries<Share> =
        serde_json::from_str(r#"{"measure": {"count": 1, "of": 2}, "withheld": 3}"#).unwrap();
    reads_back(&of);
}

#[track_caller]
fn refuses<T: DeserializeOwned + Debug>(text: &str, because: &str) {
    let error = serde_json::from_str::<T>(text).unwrap_err().to_string();
    assert!(error.contains(because), "{error}");
}

#[test]
fn nothing_invalid_is_read() {
    refuses::<Share>(
        r#"{"count": 3, "of": 2}"#,
        "at most as many counted as there are",
    );
    refuses::<Share>(r#"{"count": 1, "of": 2, "x": 0}"#, "unknown field");
    refuses::<Nps>(
        r#"{"promoters": 1, "passives": -1, "detractors": 0}"#,
        "invalid value",
    );
    refuses::<SampleMean>(
        r#"{"count": 1, "mean": 2.0, "squares": 1.0}"#,
        "0 below two values",
    );
    refuses::<SampleMean>(
        r#"{"count": 3, "mean": 2.0, "squares": -1.0}"#,
        "at or above 0",
    );
    refuses::<SampleRatio>(
        r#"{"customers": 3, "left_out": 0, "ratio": 2.0, "standard_error": 0.1}"#,
        "between 0 and 1",
    );
    let difference = r#"{"mean": 0.1, "sd": 0.1, "n_eff": 3.0}"#;
    refuses::<Change>(
        &format!(r#"{{"difference": {difference}, "statistic": null, "p_value": null}}"#),
        "one with an interval",
    );
    refuses::<CohortTriangle>(
        r#"{"rows": [[3, 4], [1]], "joined_before": 0}"#,
        "as joined",
    );
    refuses::<CohortTriangle>(
        r#"{"rows": [[3], [1]], "joined_before": 0}"#,
        "2 cells in row 0",
    );
    refuses::<CostTrend>(r#"{"costs": [], "currency": null}"#, "at least one value");
    refuses::<CoderAgreement>(r#"{"counts": [[1, 2], [3]]}"#, "2 cells in row 1");
    refuses::<PricePremium>(r#"{"won": [-2.0], "lost": []}"#, "at or above -1");
    refuses::<Percentile>(
        r#"{"value": 1.0, "interval": null, "coverage": 0.9}"#,
        "whether there is a coverage",
    );
    refuses::<SmallGroups>("1", "at least 2");
    refuses::<ReportedTable<u8>>(r#"{"total": {"shown": 3}}"#, "missing field");
    refuses::<Window>(
        r#"{"start": "1970-01-02T00:00:00Z", "as_of": {"at": "1970-01-02T00:00:00Z"}}"#,
        "start before it ends",
    );
}
