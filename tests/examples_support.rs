//! What the command-line examples do with arguments and files, good and bad.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, Read};

use csv::ByteRecord;
use guanxi::model::{CovariateEffect, CovariateRole, GammaGamma, Nbd, Phases};
use guanxi::quantity::{Currency, TimeUnit};
use guanxi::summary::{DedupeUnit, SpendSummary, SummaryPolicy};

#[allow(dead_code, unused_imports, reason = "the tests use a part of it")]
#[path = "../examples/support/mod.rs"]
mod support;

use support::{
    Arguments, Build, Context, CovariateColumns, CovariateLog, Effects, Failure, ModelName, Moment,
    Options, Parameters, SummaryColumns, SummaryRow, Table, period_start, quoted, read_cohorts,
    read_log_table, rounded, shortened, significant, with_model, wrapped,
};

const OPTIONS: Options = Options {
    valued: &[
        "log",
        "unit",
        "horizon",
        "annual-discount",
        "continuous-discount",
    ],
    flags: &["json"],
};

fn arguments(given: &[&str]) -> Result<Arguments, String> {
    Arguments::parse(given.iter().map(OsString::from), OPTIONS).map_err(|e| e.to_string())
}

fn table(text: &str) -> Result<Table, Failure> {
    Table::new("f.csv", Box::new(io::Cursor::new(text.as_bytes().to_vec())))
}

fn rows(model: ModelName, text: &str) -> Result<Vec<SummaryRow>, String> {
    let read = || {
        let mut table = table(text)?;
        let columns = SummaryColumns::find(&table, model, TimeUnit::Week)?;
        let (mut rows, mut row) = (Vec::new(), ByteRecord::new());
        while table.read(&mut row)? {
            rows.push(columns.read(&table, &row)?);
        }
        Ok(rows)
    };
    read().map_err(|failure: Failure| {
        assert_eq!(failure.status(), 2);
        failure.to_string()
    })
}

fn log(text: &str) -> Result<support::Log, String> {
    table(text)
        .and_then(|table| read_log_table(table, Currency::EUR, SummaryPolicy::default()))
        .map_err(|failure| failure.to_string())
}

#[test]
fn options_are_read_in_both_spellings() {
    let given = arguments(&["--unit=day", "--horizon", "-1", "--json"]).unwrap();
    assert_eq!(given.unit().unwrap(), TimeUnit::Day);
    assert_eq!(given.number("horizon").unwrap(), Some(-1.0));
    assert!(given.has("json") && !given.help());
    assert!(given.raw("log").is_none());
    assert!(arguments(&["-h"]).unwrap().help());
}

#[test]
fn wrong_options_are_named() {
    let message = |given: &[&str]| arguments(given).unwrap_err();
    let known = "arguments: expected one of --log, --unit, --horizon, --annual-discount, \
                 --continuous-discount, --json, --help, got ";
    assert_eq!(message(&["--lag", "x"]), format!("{known}\"--lag\""));
    assert_eq!(message(&["x"]), format!("{known}\"x\""));
    assert_eq!(message(&["-x"]), format!("{known}-x"));
    assert_eq!(message(&["--log"]), "--log: expected a value, got none");
    assert_eq!(
        message(&["--log", "--json"]),
        "--log: expected a value, got the option \"--json\""
    );
    assert_eq!(
        message(&["--json", "--json"]),
        "--json: expected the option once, got it twice"
    );
    assert_eq!(message(&["--json=1"]), "--json: expected no value, got one");
}

#[test]
fn values_of_options_are_checked() {
    let message = |given: &[&str], ask: fn(&Arguments) -> Result<(), Failure>| {
        ask(&arguments(given).unwrap()).unwrap_err().to_string()
    };
    let unit = |a: &Arguments| a.unit().map(drop);
    let horizon = |a: &Arguments| a.horizon(TimeUnit::Week).map(drop);
    let discount = |a: &Arguments| a.discount(TimeUnit::Week).map(drop);
    assert_eq!(
        message(&["--unit", "eon"], unit),
        "--unit: time unit must be one of second, minute, hour, day, week, month, year, \
         got \"eon\""
    );
    assert_eq!(
        message(&["--horizon", "inf"], horizon),
        "--horizon: expected a finite number, got \"inf\""
    );
    assert!(message(&["--horizon", "-1"], horizon).starts_with("--horizon: "));
    assert_eq!(
        message(&["--annual-discount", "-0.1"], discount),
        "--annual-discount: discount rate must be 0 or a finite number at or above 1e-15, got -0.1"
    );
    let both = ["--annual-discount", "0.1", "--continuous-discount", "0.1"];
    assert_eq!(
        message(&both, discount),
        "--continuous-discount: expected one discount rate, got --annual-discount as well"
    );
}

#[test]
fn discount_rates_default_to_ten_percent_a_year() {
    let rate = arguments(&[]).unwrap().discount(TimeUnit::Week).unwrap();
    assert!((rate.effective_annual() - 0.10).abs() < 1e-15);
    let weekly = arguments(&["--continuous-discount", "0.002"]).unwrap();
    let rate = weekly.discount(TimeUnit::Week).unwrap();
    assert!((rate.per(TimeUnit::Week) - 0.002).abs() < 1e-18);
}

#[test]
fn moments_are_dates_or_instants() {
    let at = |text: &str| Moment::parse(text.as_bytes()).map(|m| m.start().to_rfc3339());
    let is = |text: &str, instant: &str| assert_eq!(at(text).as_deref(), Some(instant), "{text}");
    is("2010-12-01", "2010-12-01T00:00:00+00:00");
    is("2010-12-01T08:26:00", "2010-12-01T08:26:00+00:00");
    is("2010-12-01 08:26", "2010-12-01T08:26:00+00:00");
    is("2010-12-01T08:26:00Z", "2010-12-01T08:26:00+00:00");
    is("2010-12-01T08:26:00.25Z", "2010-12-01T08:26:00.250+00:00");
    is("2010-12-01T08:26:00+08:00", "2010-12-01T00:26:00+00:00");
    is("2010-12-01 22:26:00-0330", "2010-12-02T01:56:00+00:00");
    is(
        "2010-12-01T08:26:00.1234567891+01",
        "2010-12-01T07:26:00.123456789+00:00",
    );
    for wrong in [
        "",
        "2010",
        "2010-13-01",
        "2010-02-30",
        "01/12/2010",
        "2010-1-1",
        "2010-12-01T",
        "2010-12-01T24:00:00",
        "2010-12-01T08:26:60",
        "2010-12-01T08:26:00.",
        "2010-12-01X08:26",
        "2010-12-01T08:26:00 ",
        "2010-12-01T08:26:00+25:00",
        "2010-12-01T08:26:00z",
        "+010-12-01",
        "２０10-12-01",
    ] {
        assert_eq!(at(wrong), None, "{wrong}");
    }
    let day = Moment::parse(b"1997-09-30").unwrap();
    assert_eq!(
        day.end().to_rfc3339(),
        "1997-09-30T23:59:59.999999999+00:00"
    );
}

#[test]
fn summaries_are_read_by_name_in_any_order() {
    let text = "\u{feff}name,T,t_x,weight,x,m\r\n\r\n\"a,b\",38.86,30.43,2.5,2.0, 22.35\r\n";
    let read = rows(ModelName::BgNbd, text).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].rfm.frequency(), 2);
    assert!((read[0].rfm.recency() - 30.43).abs() < 1e-15);
    assert!((read[0].weight - 2.5).abs() < 1e-15);
    assert!(
        read[0].rfm.spend().is_none(),
        "a purchase model reads no spend"
    );

    let spend = rows(ModelName::GammaGamma, "x,m\n2,22.35\n0,\n0,5\n3,\n").unwrap();
    let means: Vec<_> = spend
        .iter()
        .map(|row| row.rfm.spend().map(SpendSummary::mean))
        .collect();
    assert_eq!(means, [Some(22.35), None, None, None]);
}

#[test]
fn wrong_summaries_are_refused_with_their_place() {
    let header = "x,t_x,T,m,weight\n";
    for (row, message) in [
        (
            "1.5,2,3,,1",
            "x: expected a whole number from 0 to 4294967295, got \"1.5\"",
        ),
        (
            "-1,2,3,,1",
            "x: expected a whole number from 0 to 4294967295, got \"-1\"",
        ),
        (
            "5e9,2,3,,1",
            "x: expected a whole number from 0 to 4294967295, got \"5e9\"",
        ),
        (
            ",2,3,,1",
            "x: expected a whole number from 0 to 4294967295, got an empty cell",
        ),
        (
            "1,0,3,,1",
            "t_x: expected a number above 0, because x = 1, got \"0\"",
        ),
        ("0,1,3,,1", "t_x: expected 0, because x = 0, got \"1\""),
        (
            "1,4,3,,1",
            "t_x: expected a number from 0 to T = 3, got \"4\"",
        ),
        (
            "1,-2,3,,1",
            "t_x: expected a finite number at or above 0, got \"-2\"",
        ),
        (
            "1,2,NaN,,1",
            "T: expected a finite number at or above 0, got \"NaN\"",
        ),
        (
            "1,2,inf,,1",
            "T: expected a finite number at or above 0, got \"inf\"",
        ),
        (
            "0,0,1e101,,1",
            "T: age must be a length of time from 0 to 1e21 seconds, got 1e101",
        ),
        (
            "1,2,3,?,1",
            "m: expected an empty cell or a finite number, got \"?\"",
        ),
        (
            "1,2,3,4,0",
            "weight: expected a finite number above 0, got \"0\"",
        ),
        (
            "1,2,3,4",
            "weight: expected 5 cells as in the header, got 4",
        ),
        (
            "1,2,3,4,5,6",
            "weight: expected 5 cells as in the header, got 6",
        ),
    ] {
        // A good row, a blank line, and line ends of both kinds come before it.
        let text = format!("{header}1,2,3,,1\r\n\n{row}\n");
        let found = rows(ModelName::MbgNbd, &text).unwrap_err();
        assert_eq!(found, format!("f.csv, line 4, column {message}"), "{row}");
    }
    let found = rows(ModelName::GammaGamma, "x,m\n1,-4").unwrap_err();
    assert_eq!(
        found,
        "f.csv, line 2, column m: expected an empty cell or a finite number at or above 0, \
         got \"-4\""
    );
}

#[test]
fn lines_are_counted_through_quoted_cells() {
    let text = "name,x,t_x,T\r\n\"two\r\nlines\",1,2,3\r\n\"three\n\nlines\",1,9,3\r\n";
    let found = rows(ModelName::BgNbd, text).unwrap_err();
    assert!(found.starts_with("f.csv, line 4, column t_x: "), "{found}");
    let open = rows(ModelName::BgNbd, "x,t_x,T\n1,2,3\n\"1,2,3\n1,2,3").unwrap_err();
    assert!(open.starts_with("f.csv, line 3, column "), "{open}");
}

#[test]
fn headers_are_checked() {
    let message = |text: &str| rows(ModelName::BgNbd, text).unwrap_err();
    assert_eq!(
        message(""),
        "f.csv: expected a header line with the names of the columns, got an empty file"
    );
    assert_eq!(
        message("x,t_x,T\n"),
        "f.csv: expected at least one row after the header, got none"
    );
    assert_eq!(
        message("x,t_x,age\n1,2,3\n"),
        "f.csv, line 1, column T: expected the column in a header x,t_x,T[,m][,weight], \
         got \"x,t_x,age\""
    );
    assert_eq!(
        message("x,t_x,T,T\n1,2,3,3\n"),
        "f.csv, line 1, column T: expected one column of this name, got two"
    );
}

#[test]
fn logs_are_read_with_their_returns() {
    let text = "amount,customer_id,shop,date\n10.50,a,x,1997-01-01\n-3,a,x,1997-01-01T12:00:00Z\n\
                0,b,x,1997-03-01 08:00\n";
    let log = log(text).unwrap();
    assert_eq!((log.rows, log.base.len()), (3, 2));
    assert_eq!(log.last_day(), Moment::parse(b"1997-03-01").unwrap());
    let report = log.base.report(log.last_day().end()).unwrap();
    assert_eq!((report.purchases, report.returns), (2, 1));
    assert_eq!(report.zero_value_counted, 1);
}

#[test]
fn wrong_logs_are_refused_with_their_place() {
    for (row, message) in [
        (",1997-01-01,1", "customer_id: customer id must be"),
        (
            "a,01/02/1997,1",
            "date: expected a date such as 2010-12-01 or a date-time such as",
        ),
        ("a,,1", "date: expected a date such as"),
        (
            "a,1997-01-01,1 000",
            "amount: expected an amount in plain digits such as 41.05 or -7",
        ),
        ("a,1997-01-01,NaN", "amount: expected an amount"),
        ("a,1997-01-01,", "amount: expected an amount"),
        (
            "a,1997-01-01,0.12345678901",
            "amount: amount must be a number with at most 9",
        ),
        (
            "a,1997-01-01",
            "amount: expected 3 cells as in the header, got 2",
        ),
    ] {
        let found = log(&format!("customer_id,date,amount\n{row}\n"))
            .err()
            .unwrap();
        let wanted = format!("f.csv, line 2, column {message}");
        assert!(found.starts_with(&wanted), "{found}");
    }
}

#[test]
fn parameters_are_named_once_each() {
    let parse = |text: &str| {
        let parsed = Parameters::parse(ModelName::ParetoNbd, text);
        parsed.map(|p| p.values).map_err(|e| e.to_string())
    };
    let values = vec![1.0, 2.0, 3.0, 4.0];
    assert_eq!(parse("beta=4, r=1,s=3,alpha=2e0"), Ok(values));
    let wanted = "--parameters: expected r=…,alpha=…,s=…,beta=… for pareto-nbd, got ";
    for (text, found) in [
        ("r=1", "no alpha"),
        ("r=1,r=2", "r twice"),
        ("r=1,a=2", "the unknown name \"a\""),
        ("r=1,alpha", "\"alpha\""),
        ("", "\"\""),
    ] {
        assert_eq!(parse(text), Err(format!("{wanted}{found}")));
    }
    assert_eq!(
        parse("r=one"),
        Err("--parameters, r: expected a number, got \"one\"".to_owned())
    );
}

#[test]
fn models_are_known_by_name() {
    for &model in ModelName::ALL {
        assert_eq!(
            ModelName::parse(model.name(), ModelName::ALL).unwrap(),
            model
        );
    }
    let refused = ModelName::parse("gamma-gamma", &ModelName::PURCHASES).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "--model: expected one of bg-nbd, mbg-nbd, pareto-nbd, got \"gamma-gamma\""
    );
}

#[test]
fn every_model_is_made_from_its_line_of_the_table() {
    /// Whether the model takes its parameters in the order of its names.
    fn built<M: Build>(unit: TimeUnit) -> bool {
        let values: Vec<f64> = (1..=M::NAMES.len()).map(|i| i as f64 / 10.0).collect();
        let model = M::build(Context::new(unit), &values).unwrap();
        model.values() == values && model.names().iter().eq(M::NAMES)
    }
    for &model in ModelName::ALL {
        let day = TimeUnit::Day;
        let made = with_model!(purchases model, M => built::<M>(day), _ => {
            with_model!(retention model, M => built::<M>(day), _ => built::<GammaGamma>(day))
        });
        assert!(made, "{model}");
    }
    let negative = <Nbd as Build>::build(Context::new(TimeUnit::Day), &[1.0, -1.0]);
    let message = negative.unwrap_err().to_string();
    assert!(message.contains("`alpha`"), "{message}");
}

#[test]
fn gaps_and_opportunities_are_read() {
    let read = rows(
        ModelName::MbgCnbd,
        "x,t_x,T,litt\n2,4,5,1.25\n2,4,5,\n0,0,5,0\n",
    )
    .unwrap();
    let gaps: Vec<_> = read.iter().map(|row| row.rfm.ln_gaps()).collect();
    assert_eq!(gaps, [Some(1.25), None, Some(0.0)]);
    // To other models it is a column like any other.
    let read = rows(ModelName::MbgNbd, "x,t_x,T,litt\n2,4,5,?\n").unwrap();
    assert_eq!(read[0].rfm.ln_gaps(), None);

    let read = rows(ModelName::BgBb, "weight,n,t_x,x\n3,6,5,4\n").unwrap();
    assert_eq!((read[0].rfm.frequency(), read[0].weight), (4, 3.0));
    assert_eq!((read[0].rfm.recency(), read[0].rfm.age()), (5.0, 6.0));
    for (row, message) in [
        (
            "4,5.5,6",
            "t_x: expected a whole number from 0 to 1000000, got \"5.5\"",
        ),
        (
            "4,5,7e6",
            "n: expected a whole number from 0 to 1000000, got \"7e6\"",
        ),
        ("4,7,6", "t_x: expected a number from 0 to n = 6, got \"7\""),
        (
            "6,5,6",
            "t_x: expected a number from x = 6 on, of opportunities, got \"5\"",
        ),
        ("0,5,6", "t_x: expected 0, because x = 0, got \"5\""),
    ] {
        let found = rows(ModelName::BgBb, &format!("x,t_x,n\n{row}\n")).unwrap_err();
        assert_eq!(found, format!("f.csv, line 2, column {message}"));
    }
}

#[test]
fn cohorts_are_read_in_any_mixture() {
    let cohorts = |text: &str| {
        let sample = table(text).and_then(|mut table| read_cohorts(&mut table, TimeUnit::Year));
        sample.map_err(|failure| failure.to_string())
    };
    let both = "cohort,period,survivors\na,0,100\nb,0,50\na,1,80\nb,1,40\na,2,60\n";
    let sample = cohorts(both).unwrap();
    assert!((sample.customers() - 150.0).abs() < 1e-12);
    assert_eq!(sample.retention_rate(1), Some(120.0 / 150.0));
    assert_eq!(sample.retention_rate(2), Some(60.0 / 80.0)); // the second is younger
    for (rows, message) in [
        (
            "1,9",
            "2, column period: expected 0, the next period of its cohort, got \"1\"",
        ),
        (
            "0,9\n0,9",
            "3, column period: expected 1, the next period of its cohort, got \"0\"",
        ),
        (
            "0,9\n1,9.5",
            "3, column survivors: expected a number from 0 to 9, the survivors before, got \"9.5\"",
        ),
        (
            "0,-9",
            "2, column survivors: expected a finite number above 0, the size of the cohort, got \"-9\"",
        ),
        (
            "x,9",
            "2, column period: expected a whole number from 0 to 999999, got \"x\"",
        ),
    ] {
        let found = cohorts(&format!("period,survivors\n{rows}\n")).unwrap_err();
        assert_eq!(found, format!("f.csv, line {message}"));
    }
}

#[test]
fn effects_are_parameters_of_models_that_take_them() {
    let parse = |model, text: &str| Parameters::parse(model, text).map_err(|e| e.to_string());
    let text = "dropout.a.b=-1,r=1,purchase.c=0.5,alpha=2,a=3,b=4,dropout.c=2";
    let parsed = parse(ModelName::BgNbd, text).unwrap();
    assert_eq!(parsed.values, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(parsed.covariates(), ["a.b", "c"]);
    let (dropout, purchase) = (CovariateRole::Dropout, CovariateRole::Purchase);
    assert_eq!(
        parsed.effects,
        [
            CovariateEffect::new(dropout, "a.b", -1.0),
            CovariateEffect::new(purchase, "c", 0.5),
            CovariateEffect::new(dropout, "c", 2.0),
        ]
    );
    for (model, effect) in [
        (ModelName::BgNbd, "purchase."),
        (ModelName::BgNbd, "spend.z"),
        (ModelName::BgCnbd, "purchase.z"),
    ] {
        let found = parse(model, &format!("r=1,alpha=2,a=3,b=4,{effect}=1")).unwrap_err();
        let wanted = format!("got the unknown name \"{effect}\"");
        assert!(found.ends_with(&wanted), "{found}");
    }
}

#[test]
fn options_of_covariates_are_read_together() {
    const OPTIONS: Options = Options {
        valued: &[
            "covariates",
            "purchase-covariates",
            "dropout-covariates",
            "dropout-link",
            "k",
        ],
        flags: &["standardise"],
    };
    let given =
        |given: &[&str]| Arguments::parse(given.iter().map(OsString::from), OPTIONS).unwrap();
    let effects = |model, options: &[&str]| {
        Effects::read(&given(options), model).map_err(|failure| failure.to_string())
    };
    assert_eq!(effects(ModelName::Sbg, &[]), Ok(None));
    let all = [
        "--covariates",
        "a, b",
        "--dropout-covariates=c",
        "--standardise",
    ];
    let found = effects(ModelName::MbgNbd, &all).unwrap().unwrap();
    assert_eq!(
        (found.purchase.join(" "), found.dropout.join(" ")),
        ("a b".into(), "a b c".into())
    );
    assert_eq!(found.names(), ["a", "b", "c"]);
    let names = [
        "purchase.a",
        "purchase.b",
        "dropout.a",
        "dropout.b",
        "dropout.c",
    ];
    assert_eq!(found.design().effect_names(), names);
    let nbd = effects(ModelName::Nbd, &["--covariates", "a"])
        .unwrap()
        .unwrap();
    assert_eq!(nbd.design().effect_names(), ["purchase.a"]);
    let refused = effects(ModelName::Sbg, &["--purchase-covariates", "a"]).unwrap_err();
    assert!(
        refused.starts_with("--purchase-covariates: expected a model of"),
        "{refused}"
    );
    assert!(refused.ends_with(", got sbg"), "{refused}");

    let mut table = table("z,x\n-1.5e3,1\ninf,1\n").unwrap();
    let columns = CovariateColumns::find(&table, &["z".to_owned()], "x").unwrap();
    let mut row = ByteRecord::new();
    table.read(&mut row).unwrap();
    assert_eq!(columns.read(&table, &row).unwrap(), [-1500.0]);
    table.read(&mut row).unwrap();
    let found = columns.read(&table, &row).unwrap_err().to_string();
    assert_eq!(
        found,
        "f.csv, line 3, column z: expected a number from -1e300 to 1e300, got \"inf\""
    );

    let k = |model, k: &str| given(&["--k", k]).phases(model).map_err(|e| e.to_string());
    assert_eq!(k(ModelName::BgCnbd, "3"), Ok(Some(Phases::new(3).unwrap())));
    let expected = "--k: expected a whole number from 1 to 100, got \"0\"";
    assert_eq!(k(ModelName::BgCnbd, "0"), Err(expected.to_owned()));
    assert!(k(ModelName::BgNbd, "3").is_err());
}

#[test]
fn covariates_over_time_are_read_customer_by_customer() {
    let read = |text: &str, named: Option<&[&str]>| {
        let named = named.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        table(text)
            .and_then(|table| CovariateLog::read(table, named))
            .map_err(|failure| failure.to_string())
    };
    let at = |day: &[u8]| Moment::parse(day).unwrap().start();
    let text = "b,from,customer_id,a\n1,2024-01-01,x,2\n3,2024-01-01T06:00,y,4\n5,2024-02-01,x,6\n";
    let log = read(text, None).unwrap();
    assert_eq!(log.names, ["b", "a"]);
    let x = log.of("x").unwrap();
    assert_eq!(x.at(at(b"2024-01-31")), Some(&[1.0, 2.0][..]));
    assert_eq!(x.at(at(b"2030-01-01")), Some(&[5.0, 6.0][..])); // the last holds
    assert_eq!(log.of("y").unwrap().at(at(b"2024-01-01")), None);
    let missing = log.of("z").err().unwrap().to_string();
    assert_eq!(
        missing,
        "f.csv: expected rows of the customer \"z\", got none"
    );
    let one = read(text, Some(&["a"])).unwrap();
    assert_eq!(one.of("x").unwrap().at(at(b"2024-01-31")), Some(&[2.0][..]));
    let order = read(
        "customer_id,from,z\nx,2024-02-01,1\ny,2024-01-01,1\nx,2024-01-31,1\n",
        None,
    );
    assert_eq!(
        order.err().unwrap(),
        "f.csv, line 4, column from: expected an instant after the customer's row before, \
         2024-02-01 00:00:00 UTC, got \"2024-01-31\""
    );
}

#[test]
fn dedupe_periods_begin_where_the_library_has_them_begin() {
    let start = |unit, at: &str| {
        let at = Moment::parse(at.as_bytes()).unwrap().start();
        period_start(unit, at).to_rfc3339()
    };
    let thursday = "2024-02-29T13:45:59.5";
    for (unit, begins) in [
        (DedupeUnit::Second, "2024-02-29T13:45:59+00:00"),
        (DedupeUnit::Minute, "2024-02-29T13:45:00+00:00"),
        (DedupeUnit::Hour, "2024-02-29T13:00:00+00:00"),
        (DedupeUnit::Day, "2024-02-29T00:00:00+00:00"),
        (DedupeUnit::Week, "2024-02-26T00:00:00+00:00"),
    ] {
        assert_eq!(start(unit, thursday), begins);
        assert_eq!(start(unit, begins), begins);
    }
    assert_eq!(
        start(DedupeUnit::Week, "1969-12-28"),
        "1969-12-22T00:00:00+00:00"
    );
}

#[test]
fn a_failure_is_one_line_whatever_came() {
    let failure = Failure::unexpected("a\nb.csv", "text", quoted("x\ny".repeat(50).as_bytes()));
    let line = failure.to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.len() < 200, "{line}");
    let full = Failure::Output(io::Error::other("no space left"));
    assert_eq!(full.status(), 1);
    assert_eq!(
        full.to_string(),
        "the answer could not be written: no space left"
    );
}

/// Hands out its text in small pieces, as a pipe may.
struct Dripping(VecDeque<u8>);

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.0.len().min(buffer.len()).min(3);
        for (place, byte) in buffer.iter_mut().zip(self.0.drain(..n)) {
            *place = byte;
        }
        Ok(n)
    }
}

#[test]
fn a_slow_pipe_is_read_to_its_end() {
    let text = "\u{feff}x,t_x,T\r\n1,2,3\r\n\r\n0,0,3";
    let input = Dripping(text.bytes().collect());
    let mut table = Table::new("pipe", Box::new(input)).unwrap();
    assert_eq!(table.column("x").unwrap(), Some(0));
    let mut row = ByteRecord::new();
    while table.read(&mut row).unwrap() {}
    assert_eq!((table.rows(), table.line()), (2, 4));
}

#[test]
fn numbers_are_shown_as_people_read_them() {
    assert_eq!(rounded(1_234_567.891, 2), "1,234,567.89");
    assert_eq!(rounded(-0.001, 2), "0.00");
    assert_eq!(rounded(-999.5, 1), "-999.5");
    assert_eq!(significant(0.524_843_159, 4), "0.5248");
    assert_eq!(significant(123_456.7, 4), "123457");
    assert_eq!(significant(4.8e-8, 3), "4.80e-8");
    assert_eq!(significant(0.0, 3), "0");
    assert_eq!(shortened("abcdef", 4), "abc…");
}

#[test]
fn words_are_wrapped_and_none_is_broken() {
    assert_eq!(wrapped("one two  three", 2, 9), "  one two\n  three\n");
    assert_eq!(
        wrapped("incomprehensible yes", 1, 6),
        " incomprehensible\n yes\n"
    );
    assert_eq!(wrapped("", 4, 9), "\n");
}
