//! The fit: from the best plain model of the same customers, which has effects of 0, upwards.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::super::covariates::mapped;
use super::super::super::fit::Sample;
use super::super::super::fit::{FitError, FitOptions, Fitted};
use super::super::super::maximise::{Limit, Problem, Sought, maximise};
use super::super::super::parameter::{ParameterKind, Parametric};
use super::super::super::report::Boundary;
use super::super::PurchaseSample;
use super::design::place;
use super::likelihood::{Data, Likelihood, Row, Track};
use super::{
    TimeVarying, TimeVaryingDesign, TimeVaryingError, TimeVaryingModel, TimedCustomer, TimedSample,
};

impl<M: TimeVaryingModel> TimeVarying<M> {
    /// Fits the base and the effects of the design together.
    ///
    /// The report's [nested](super::super::super::FitReport::nested_log_likelihood) model is the
    /// base without covariates; twice the difference tests all effects at once. Standard errors and
    /// a ridge refer to the covariates as given.
    ///
    /// # Errors
    ///
    /// - [`FitError::TimeVarying`] if the design is none for the model or the customers, or a
    ///   covariate never changes.
    /// - Any other [`FitError`] of the base or of the search.
    ///
    /// # Examples
    ///
    /// Does a campaign bring purchases, or does it only keep customers?
    ///
    /// ```
    /// use guanxi::model::{
    ///     CovariatePath, Coverage, FitOptions, ParetoNbd, ParetoNbdParameters, TimeVarying,
    ///     TimeVaryingDesign, TimeVaryingEffect, TimeVaryingParameters, TimedSample,
    /// };
    /// use guanxi::quantity::{Span, TimeUnit};
    ///
    /// # #[cfg(feature = "simulate")]
    /// # {
    /// // A campaign from week 30 to 40 after opening; customers came in the first 20 weeks.
    /// let path = |joined: f64| {
    ///     let steps = [(-joined, 0.0), (30.0 - joined, 1.0), (40.0 - joined, 0.0)];
    ///     let steps = steps.map(|(from, on)| (from, vec![on]));
    ///     CovariatePath::new(TimeUnit::Week, ["campaign"], steps, Coverage::Continuing)
    /// };
    /// let truth = TimeVarying::new(TimeVaryingParameters {
    ///     base: ParetoNbd::new(ParetoNbdParameters {
    ///         unit: TimeUnit::Week,
    ///         r: 0.9,
    ///         alpha: 6.0,
    ///         s: 0.6,
    ///         beta: 12.0,
    ///     })?,
    ///     purchase: vec![TimeVaryingEffect::new("campaign", 0.8)],
    ///     dropout: vec![],
    /// })?;
    /// let mut sample = TimedSample::default();
    /// for i in 0..600_u32 {
    ///     let joined = f64::from(i % 20);
    ///     let age = Span::weeks(60.0 - joined)?;
    ///     let seen = truth.simulate(1, i.into(), &path(joined)?, age)?;
    ///     sample.add(seen.customer, 1.0)?;
    /// }
    /// let design = TimeVaryingDesign::default().on_purchase(["campaign"]);
    /// let fitted = TimeVarying::<ParetoNbd>::fit(&sample, &design, &FitOptions::default())?;
    /// let report = fitted.report();
    /// let effect = report.parameters().last().ok_or("it has an effect")?;
    /// assert_eq!(effect.name(), "purchase.campaign");
    /// assert!(effect.interval().is_some_and(|i| i.contains(0.8) && !i.contains(0.0)));
    /// let plain = report.nested_log_likelihood().ok_or("it has a plain model")?;
    /// assert!(report.log_likelihood() - plain > 10.0);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit(
        sample: &TimedSample,
        design: &TimeVaryingDesign,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError> {
        design.check::<M>()?;
        let mut plain = PurchaseSample::default();
        for (customer, weight) in sample.rows() {
            plain.add(customer.summary(), weight)?;
        }
        let base = Base::<M>::of(&plain, options)?;
        let has_ridge = options.ridge.is_some();
        let setting = Setting::new::<M>(sample, design, has_ridge)?;
        let template = Self::new(design.without_effect(base.model.clone()))?;
        let shifts: Vec<f64> = M::TIME
            .iter()
            .map(|power| power * setting.scale.ln())
            .collect();
        let unbounded = setting.unbounded(M::NAMES.len());
        let limits = unbounded.iter().map(|towards| Limit {
            boundary: Boundary::UnboundedEffect,
            towards,
        });
        let mut likelihood = Likelihood::new(&setting.data);
        let report = maximise(
            Problem {
                model: Self::MODEL,
                parameters: sought(&template, &shifts),
                scale: template.unit().to_string(),
                customers: setting.customers,
                rows: setting.data.rows.len(),
                starts: setting.starts(&template, &shifts, options),
                offset: setting.offset(),
                nested: base.log_likelihood.map(|ln| ln - setting.offset()),
                limits: M::LIMITS.iter().copied().chain(limits).collect(),
                notes: Vec::new(),
                likelihood: &mut |x: &[f64], gradient: &mut [f64]| likelihood.evaluate(x, gradient),
                coarse: Vec::new(),
            },
            options,
        )?;
        let model = template.with_values(&setting.given::<M>(&report.values()))?;
        let report = mapped(&report, &setting.matrix(M::NAMES.len()), &model)?;
        Ok(Fitted { model, report })
    }
}

/// The best plain model of the customers.
struct Base<M> {
    model: M,
    log_likelihood: Option<f64>,
}

impl<M: TimeVaryingModel> Base<M> {
    fn of(plain: &PurchaseSample, options: &FitOptions) -> Result<Self, FitError> {
        let mut own = options.clone();
        own.ridge = None;
        if options.ridge.is_some() {
            // A ridge speaks for few customers; the plain model is then no more than a start.
            own.minimum_customers = 0.0;
        }
        match M::fit_sample(plain, &own) {
            Ok(fitted) => Ok(Self {
                log_likelihood: Some(fitted.report().log_likelihood()),
                model: fitted.into_model(),
            }),
            // Covariates may tell what the plain model cannot.
            Err(
                FitError::NotConverged {
                    parameters,
                    log_likelihood,
                    ..
                }
                | FitError::NotIdentified {
                    parameters,
                    log_likelihood,
                    ..
                },
            ) if parameters.len() == M::NAMES.len() => {
                let unit = plain.distinct(M::MODEL)?.unit;
                Ok(Self {
                    model: M::build(unit, &parameters)?,
                    log_likelihood: Some(log_likelihood),
                })
            }
            Err(error) => Err(error),
        }
    }
}

/// A covariate as the search standardises it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Standard {
    place: usize,
    centre: f64,
    spread: f64,
}

/// What is fitted.
struct Setting {
    data: Data,
    purchase: Vec<Standard>,
    dropout: Vec<Standard>,
    /// The longest age: times are divided by it.
    scale: f64,
    customers: f64,
    purchases: f64,
    /// Mean age, scaled.
    life: f64,
}

impl Setting {
    fn new<M: TimeVaryingModel>(
        sample: &TimedSample,
        design: &TimeVaryingDesign,
        has_ridge: bool,
    ) -> Result<Self, FitError> {
        let (mut scale, mut customers, mut purchases, mut exposure) = (0.0, 0.0, 0.0, 0.0);
        for (customer, weight) in sample.rows() {
            let summary = customer.summary();
            scale = f64::max(scale, summary.age());
            customers += weight;
            purchases += weight * f64::from(summary.frequency());
            exposure += weight * summary.age();
        }
        let mut names: Option<&[String]> = None;
        let mut of_design = (Vec::new(), Vec::new());
        for (i, (customer, _)) in sample.rows().enumerate() {
            let own = customer.path().names();
            match names {
                None => {
                    let find = |names: &[String]| -> Result<Vec<usize>, TimeVaryingError> {
                        names.iter().map(|name| place(own, name)).collect()
                    };
                    of_design = (find(design.purchase())?, find(design.dropout())?);
                    names = Some(own);
                }
                Some(names) if names != own => {
                    return Err(TimeVaryingError::Names {
                        row: i + 1,
                        expected: names.to_vec(),
                        found: own.to_vec(),
                    }
                    .into());
                }
                Some(_) => {}
            }
        }
        let standard = |places: Vec<usize>| -> Result<Vec<Standard>, TimeVaryingError> {
            let of_place = places.into_iter().map(|place| {
                let standard = Standard::of(sample, place)?;
                Ok(if has_ridge {
                    Standard {
                        centre: 0.0,
                        spread: 1.0,
                        ..standard
                    }
                } else {
                    standard
                })
            });
            of_place.collect()
        };
        let purchase = standard(of_design.0)?;
        let dropout = standard(of_design.1)?;
        let data = data::<M>(sample, &purchase, &dropout, scale);
        Ok(Self {
            data,
            purchase,
            dropout,
            scale,
            customers,
            purchases,
            life: exposure / customers / scale,
        })
    }

    /// What the log-likelihood gains when times are measured in the customers' unit again.
    fn offset(&self) -> f64 {
        -self.purchases * self.scale.ln()
    }

    fn standards(&self) -> impl Iterator<Item = &Standard> {
        self.purchase.iter().chain(&self.dropout)
    }

    /// Each effect on its way to either side.
    fn unbounded(&self, own: usize) -> Vec<Vec<f64>> {
        let effects = self.standards().count();
        let sides = (0..effects).flat_map(|i| [(i, 1.0), (i, -1.0)]);
        let towards = sides.map(|(i, side)| {
            let mut towards = vec![0.0; own + effects];
            towards[own + i] = side;
            towards
        });
        towards.collect()
    }

    /// The plain model, one with dropout well inside, and the centre of a ridge.
    fn starts<M: TimeVaryingModel>(
        &self,
        template: &TimeVarying<M>,
        shifts: &[f64],
        options: &FitOptions,
    ) -> Vec<Vec<f64>> {
        /// As far as the search's box allows it to move.
        const INSIDE: f64 = 18.0;
        let kinds = template.kinds();
        let scaled = |values: &[f64]| -> Vec<f64> {
            let shifts = shifts.iter().chain(std::iter::repeat(&0.0));
            let values = values.iter().zip(&kinds).zip(shifts);
            let x = values.map(|((&value, kind), shift)| kind.to_search(value) - shift);
            x.map(|x| x.clamp(-INSIDE, INSIDE)).collect()
        };
        let plain = scaled(&template.values());
        let mut inside = plain.clone();
        inside[0] = inside[0].clamp(-2.0, 2.0) + 0.5;
        inside[1] = plain[1].clamp(-8.0, 4.0) + 0.5;
        if let Some((s, beta)) = M::PLACES.dropout {
            inside[s] = 0.7_f64.ln();
            inside[beta] = if let Some(b) = M::PLACES.b {
                inside[b] = -self.life.ln();
                1.7_f64.ln()
            } else {
                (0.5 * self.life).ln()
            };
        }
        let mut starts = vec![plain, inside];
        let unit = template.unit().to_string();
        let centre = options.ridge.as_ref();
        let centre = centre.and_then(|r| r.centre(TimeVarying::<M>::MODEL, &unit).ok());
        if let Some(centre) = centre.filter(|centre| centre.len() == kinds.len()) {
            starts.insert(0, scaled(centre));
        }
        starts
    }

    /// Parameters for the covariates as given, from those for standardised ones.
    fn given<M: TimeVaryingModel>(&self, values: &[f64]) -> Vec<f64> {
        /// A little more than the least that a parameter may be.
        const LEAST: f64 = 2e-12;
        let own = M::NAMES.len();
        let mut given = values.to_vec();
        let mut moved = [0.0, 0.0];
        for (i, standard) in self.standards().enumerate() {
            let effect = values[own + i] / standard.spread;
            given[own + i] = effect;
            moved[usize::from(i >= self.purchase.len())] += effect * standard.centre;
        }
        given[1] *= moved[0].exp();
        if let Some((_, beta)) = M::PLACES.dropout {
            given[beta] *= moved[1].exp();
            // At the Pareto/NBD any small b is as good as another: one that is a valid parameter.
            if let Some(b) = M::PLACES.b {
                let up = LEAST / given[b].min(given[beta]);
                if up > 1.0 {
                    given[b] *= up;
                    given[beta] *= up;
                }
            }
        }
        given
    }

    /// How the parameters given follow from those searched for, on the scale of the search.
    fn matrix(&self, own: usize) -> Vec<Vec<f64>> {
        let n = own + self.standards().count();
        let mut rows = vec![vec![0.0; n]; n];
        for (i, row) in rows.iter_mut().enumerate() {
            row[i] = 1.0;
        }
        for (i, standard) in self.standards().enumerate() {
            let parameter = if i < self.purchase.len() { 1 } else { own - 1 };
            rows[own + i][own + i] = 1.0 / standard.spread;
            rows[parameter][own + i] = standard.centre / standard.spread;
        }
        rows
    }
}

/// What is searched for.
fn sought<M: TimeVaryingModel>(template: &TimeVarying<M>, shifts: &[f64]) -> Vec<Sought> {
    let mut sought = Sought::all_positive(M::NAMES, shifts);
    let effects = template.names().into_iter().skip(M::NAMES.len());
    sought.extend(effects.map(|name: Cow<'static, str>| Sought {
        name,
        kind: ParameterKind::Effect,
        shift: 0.0,
    }));
    sought
}

impl Standard {
    /// Mean and deviation of a covariate over the time observed.
    fn of(sample: &TimedSample, place: usize) -> Result<Self, TimeVaryingError> {
        let observed = |visit: &mut dyn FnMut(f64, f64)| {
            for (customer, weight) in sample.rows() {
                each_step(customer, |step, len| {
                    visit(weight * len, customer.path().row(step)[place]);
                });
            }
        };
        let (mut total, mut sum) = (0.0, 0.0);
        observed(&mut |weight, z| {
            total += weight;
            sum += weight * z;
        });
        let centre = if total > 0.0 { sum / total } else { 0.0 };
        let mut squares = 0.0;
        observed(&mut |weight, z| squares += weight * (z - centre) * (z - centre));
        let spread = (squares / total).sqrt();
        // Beyond the rounding of equal values; written so that NaN fails it.
        if spread > 1e-12 * centre.abs() {
            Ok(Self {
                place,
                centre,
                spread,
            })
        } else {
            let customer = sample.rows().next();
            let names = customer.map(|(customer, _)| customer.path().names());
            Err(TimeVaryingError::Constant {
                covariate: names.map_or_else(String::new, |names| names[place].clone()),
            })
        }
    }

    fn apply(&self, z: f64) -> f64 {
        (z - self.centre) / self.spread
    }
}

/// Visits the steps that a customer was observed in, and for how long.
fn each_step(customer: &TimedCustomer, mut visit: impl FnMut(usize, f64)) {
    let (path, age) = (customer.path(), customer.summary().age());
    let from = &path.shared().from;
    for (step, &start) in from.iter().enumerate() {
        let end = from.get(step + 1).copied().unwrap_or(f64::INFINITY);
        let len = end.min(age) - start;
        if len > 0.0 {
            visit(step, len);
        }
    }
}

/// The customers as the likelihood sees them: equal paths and equal rows once.
fn data<M: TimeVaryingModel>(
    sample: &TimedSample,
    purchase: &[Standard],
    dropout: &[Standard],
    scale: f64,
) -> Data {
    let mut frequencies: Vec<u32> = sample
        .rows()
        .map(|(c, _)| c.summary().frequency())
        .collect();
    frequencies.sort_unstable();
    frequencies.dedup();
    let mut tracks: Vec<Track> = Vec::new();
    // Paths that are one in memory, then paths that are alike.
    let mut known: HashMap<usize, usize> = HashMap::new();
    let mut alike: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut rows: Vec<Row> = Vec::with_capacity(sample.len());
    for (customer, weight) in sample.rows() {
        let (path, summary) = (customer.path(), customer.summary());
        let memory = std::sync::Arc::as_ptr(path.shared()) as usize;
        let track = *known.entry(memory).or_insert_with(|| {
            let track = track(customer, purchase, dropout, scale);
            *alike.entry(track.key()).or_insert_with(|| {
                tracks.push(track);
                tracks.len() - 1
            })
        });
        let frequency = match frequencies.binary_search(&summary.frequency()) {
            Ok(place) | Err(place) => place,
        };
        let x = f64::from(summary.frequency());
        let sums = purchase.iter().map(|standard| {
            let sum = customer.covariate_sums()[standard.place];
            (sum - x * standard.centre) / standard.spread
        });
        rows.push(Row {
            track,
            frequency,
            recency: summary.recency() / scale,
            age: summary.age() / scale,
            sums: sums.collect(),
            weight,
        });
    }
    rows.sort_by(Row::order);
    rows.dedup_by(|next, kept| {
        let equal = kept.order(next).is_eq();
        if equal {
            kept.weight += next.weight;
        }
        equal
    });
    Data {
        places: M::PLACES,
        own: M::NAMES.len(),
        effects: (purchase.len(), dropout.len()),
        frequencies,
        tracks,
        rows,
    }
}

/// A path up to the longest age, with what acts of it.
fn track(
    customer: &TimedCustomer,
    purchase: &[Standard],
    dropout: &[Standard],
    scale: f64,
) -> Track {
    let mut track = Track {
        from: Vec::new(),
        purchase: Vec::new(),
        dropout: Vec::new(),
    };
    let mut last: Option<(Vec<f64>, Vec<f64>)> = None;
    for (from, row) in customer.path().steps() {
        if from > scale {
            break;
        }
        let pick = |standards: &[Standard]| -> Vec<f64> {
            standards.iter().map(|s| s.apply(row[s.place])).collect()
        };
        let here = (pick(purchase), pick(dropout));
        if last.as_ref() != Some(&here) {
            track.from.push(from / scale);
            track.purchase.extend_from_slice(&here.0);
            track.dropout.extend_from_slice(&here.1);
            last = Some(here);
        }
    }
    track.from.push(f64::INFINITY);
    track
}

impl Track {
    /// Equal for equal tracks.
    fn key(&self) -> Vec<u64> {
        let numbers = self.from.iter().chain(&self.purchase).chain(&self.dropout);
        numbers.map(|number| number.to_bits()).collect()
    }
}

impl Row {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let places = |row: &Self| (row.track, row.frequency);
        let times = self.recency.total_cmp(&other.recency);
        let sums = self.sums.iter().zip(&other.sums);
        let sums = sums.map(|(a, b)| a.total_cmp(b));
        places(self)
            .cmp(&places(other))
            .then(times)
            .then(self.age.total_cmp(&other.age))
            .then(sums.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then))
    }
}
