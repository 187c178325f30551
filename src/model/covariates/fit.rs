//! Fitting a model with covariates.
//!
//! Customers who share their covariates share their parameters: each such group is a sample of its
//! own to the plain model's likelihood, whose gradient is carried over to the effects by the chain
//! rule. The search runs on covariates with mean 0 and deviation 1, whatever the units of the effects
//! are, so that these units cannot change its result.

mod evaluate;

use super::super::fit::{FitError, FitOptions, Fitted};
use super::super::maximise::{Limit, Problem, Sought, maximise};
use super::super::parameter::{ParameterKind, Parametric};
use super::super::report::{Boundary, FitReport, Note};
use super::design::{effect_name, names, places};
use super::ridge::{Pull, place};
use super::rows::{Block, Measure, Rows};
use super::standard::{following, mapped, standardised};
use super::{
    Covariate, CovariateData, CovariateDesign, CovariateEffect, CovariateError, CovariateModel,
    CovariateParameters, CovariateSample, Standardise, WithCovariates, slopes,
};

use evaluate::Parts;

impl<M: CovariateModel> WithCovariates<M> {
    /// Fits the model to customers with covariates.
    ///
    /// The search starts at the plain model's optimum without effects and never ends below it. A
    /// ridge around another model is made by [`ridge`](Self::ridge), one on the effects alone by
    /// [`Ridge::on_effects`](super::super::Ridge::on_effects).
    ///
    /// # Errors
    ///
    /// [`FitError::Covariate`] if the design does not fit sample or model, or a covariate is
    /// constant or follows from others; any other [`FitError`] as in a plain fit.
    ///
    /// # Examples
    ///
    /// Do members buy more often, or stay longer? The truth of these simulated customers is 0.5 and
    /// −0.4:
    ///
    /// ```
    /// # #[cfg(feature = "simulate")]
    /// # {
    /// use guanxi::model::{
    ///     Covariate, CovariateDesign, CovariateEffect, CovariateParameters, CovariateRole,
    ///     CovariateSample, DropoutLink, FitOptions, MbgNbd, MbgNbdParameters, PurchaseModel,
    ///     PurchaseSample, Standardise, WithCovariates,
    /// };
    /// use guanxi::quantity::{Span, TimeUnit};
    ///
    /// let truth = WithCovariates::new(CovariateParameters {
    ///     base: MbgNbd::new(MbgNbdParameters {
    ///         unit: TimeUnit::Week,
    ///         r: 0.8,
    ///         alpha: 6.0,
    ///         a: 0.8,
    ///         b: 2.4,
    ///     })?,
    ///     covariates: vec![Covariate::new("member")?],
    ///     effects: vec![
    ///         CovariateEffect::new(CovariateRole::Purchase, "member", 0.5),
    ///         CovariateEffect::new(CovariateRole::Dropout, "member", -0.4),
    ///     ],
    ///     dropout_link: DropoutLink::MeanDropout,
    /// })?;
    /// let mut sample = CovariateSample::<PurchaseSample>::new(["member"])?;
    /// for customer in 0..2000_u32 {
    ///     let member = [f64::from(customer % 2)];
    ///     let seen = truth.of(&member)?.simulate(1, customer.into(), Span::weeks(52.0)?)?;
    ///     sample.add(&seen.summary, &member, 1.0)?;
    /// }
    /// let design = CovariateDesign::default()
    ///     .on_purchase(["member"])
    ///     .on_dropout(["member"])
    ///     .with_standardise(Standardise::None);
    /// let fitted = WithCovariates::<MbgNbd>::fit(&sample, &design, &FitOptions::default())?;
    /// let [.., purchase, dropout] = fitted.report().parameters() else {
    ///     unreachable!("there are two effects");
    /// };
    /// assert_eq!((purchase.name(), dropout.name()), ("purchase.member", "dropout.member"));
    /// assert!(purchase.interval().is_some_and(|i| i.contains(0.5) && !i.contains(0.0)));
    /// assert!(dropout.interval().is_some_and(|i| i.contains(-0.4) && !i.contains(0.0)));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit<S: CovariateData<M>>(
        sample: &CovariateSample<S>,
        design: &CovariateDesign,
        options: &FitOptions,
    ) -> Result<Fitted<Self>, FitError> {
        let mut all = sample.empty().clone();
        for (_, group) in sample.groups() {
            all.merge(group)?;
        }
        let setting = Setting::new::<M, S>(sample, design, all.measure()?)?;
        let template = WithCovariates::new(CovariateParameters {
            base: all.model(&vec![1.0; setting.own()])?,
            covariates: setting.given.clone(),
            effects: setting.effects.clone(),
            dropout_link: design.dropout_link(),
        })?;
        let pull = setting.pull(&template, options)?;
        let start = setting.start(&all, pull.as_ref(), options)?;
        drop(all);
        let mut report = setting.search::<M, S>(&start, pull.as_ref(), options)?;
        let model = template.with_values(&setting.values(&report.values()))?;
        report = mapped(&report, &setting.matrix(), &model)?;
        report.scale.clone_from(&setting.measure.kind);
        report.notes.extend(model.standards());
        report.notes.extend(start.notes);
        report.notes.extend(model.base().note());
        if let Some(pull) = &pull {
            let penalty = pull.penalty(&pull.away(&model));
            report.log_likelihood += penalty;
            report.notes.push(Note::Ridge {
                strength: pull.strength,
                penalty,
            });
        }
        Ok(Fitted { model, report })
    }
}

/// What is fitted: customers group by group, and how effects move their parameters.
struct Setting<B> {
    measure: Measure,
    /// Customers with equal covariates.
    blocks: Vec<Block<B>>,
    /// The blocks that are worked on together.
    parts: Parts,
    /// Standardised covariate of every effect, group after group.
    predictors: Vec<f64>,
    customers: f64,
    effects: Vec<CovariateEffect>,
    /// Where the covariate of each effect is.
    places: Vec<usize>,
    /// How each effect moves the parameters of the base.
    slopes: Vec<Vec<f64>>,
    /// The covariates as the search standardises them: those that effects use, to mean 0 and
    /// deviation 1.
    searched: Vec<Covariate>,
    /// The covariates as effects are given.
    given: Vec<Covariate>,
}

impl<B: Sync> Setting<B> {
    fn new<M: CovariateModel, S: Rows<M, Block = B>>(
        sample: &CovariateSample<S>,
        design: &CovariateDesign,
        measure: Measure,
    ) -> Result<Self, CovariateError> {
        let roles = design.effects();
        let places = places(&roles, sample.covariates())?;
        let slopes = roles
            .iter()
            .map(|&(on, _)| slopes::<M>(on, design.dropout_link()));
        let slopes: Vec<Vec<f64>> = slopes.collect::<Result<_, _>>()?;
        let mut blocks = Vec::with_capacity(sample.len());
        let mut values: Vec<f64> = Vec::new();
        for (z, group) in sample.groups() {
            if let Some(block) = group.block(&measure) {
                blocks.push(block);
                values.extend(z);
            }
        }
        let width = sample.covariates().len();
        let mut searched = sample.covariates().to_vec();
        for (place, covariate) in searched.iter_mut().enumerate() {
            if places.contains(&place) {
                let own = values.iter().skip(place).step_by(width).copied();
                let weighted: Vec<_> = blocks.iter().map(|b| b.customers).zip(own).collect();
                *covariate = standardised(covariate, &weighted)?;
            }
        }
        let standard = |z: &[f64]| -> Vec<f64> {
            places
                .iter()
                .map(|&place| searched[place].standard(z[place]))
                .collect()
        };
        let predictors: Vec<f64> = values.chunks(width.max(1)).flat_map(standard).collect();
        let weights = blocks.iter().map(|b| b.customers);
        if let Some(i) = following(&slopes, &predictors, weights.clone()) {
            return Err(CovariateError::Collinear {
                effect: effect_name(roles[i].0, roles[i].1),
            });
        }
        let effects = roles
            .iter()
            .map(|&(on, name)| CovariateEffect::new(on, name, 0.0));
        Ok(Self {
            measure,
            predictors,
            customers: weights.sum(),
            effects: effects.collect(),
            places,
            slopes,
            given: given(design.standardise(), &searched)?,
            searched,
            parts: Parts::of(blocks.iter().map(|block| block.rows), S::COST),
            blocks,
        })
    }

    /// Number of parameters of the base.
    fn own(&self) -> usize {
        self.measure.shifts.len()
    }

    /// What an effect of 1 in the search is as it is given, and what it adds to the predictor of
    /// every customer because its zero lies elsewhere.
    fn turn(&self, effect: usize) -> (f64, f64) {
        let place = self.places[effect];
        let (from, to) = (&self.searched[place], &self.given[place]);
        (
            to.scale / from.scale,
            (to.centre - from.centre) / from.scale,
        )
    }

    /// Row by row, what takes places in the search to those of the parameters as given.
    fn matrix(&self) -> Vec<Vec<f64>> {
        let (own, size) = (self.own(), self.own() + self.slopes.len());
        let mut rows = vec![vec![0.0; size]; size];
        for (p, row) in rows.iter_mut().enumerate().take(own) {
            row[p] = 1.0;
        }
        for (k, slopes) in self.slopes.iter().enumerate() {
            let (factor, more) = self.turn(k);
            rows[own + k][own + k] = factor;
            for (row, slope) in rows.iter_mut().zip(slopes) {
                row[own + k] = slope * more;
            }
        }
        rows
    }

    /// The parameters as given at those of the search.
    fn values(&self, searched: &[f64]) -> Vec<f64> {
        let own = self.own();
        let mut values = searched.to_vec();
        for (k, slopes) in self.slopes.iter().enumerate() {
            let (factor, more) = self.turn(k);
            let effect = searched[own + k];
            values[own + k] = effect * factor;
            for (value, slope) in values.iter_mut().zip(slopes) {
                *value *= (slope * more * effect).exp();
            }
        }
        values
    }

    /// The ridge of the options, if there is one.
    fn pull<M: CovariateModel>(
        &self,
        template: &WithCovariates<M>,
        options: &FitOptions,
    ) -> Result<Option<Pull>, FitError> {
        let Some(ridge) = &options.ridge else {
            return Ok(None);
        };
        let kinds = template.kinds();
        let (centre, from) = if ridge.is_on_effects() {
            (vec![0.0; kinds.len()], self.own())
        } else {
            let scale = template.scale_in(&self.measure.unit);
            // Valid parameters, or this is an error.
            let centre = template.with_values(ridge.centre(M::WITH_COVARIATES, &scale)?)?;
            (place(&centre), 0)
        };
        Ok(Some(Pull {
            strength: ridge.strength(),
            centre,
            from,
        }))
    }

    /// Where the search starts: at the plain model's optimum without effects; where that is at a
    /// boundary, which effects may leave, also inside.
    fn start<M, S: Rows<M, Block = B>>(
        &self,
        all: &S,
        pull: Option<&Pull>,
        options: &FitOptions,
    ) -> Result<Start, FitError>
    where
        M: CovariateModel,
    {
        let plain = FitOptions {
            ridge: None,
            ..options.clone()
        };
        let (values, log_likelihood, is_inside, notes) = match all.fit_plain(&plain) {
            Ok(Fitted { report, .. }) => {
                let notes = report.notes.iter().filter(|note| is_of_data(note));
                let notes = notes.cloned().collect();
                let is_inside = report.boundary().is_none();
                (report.values(), report.log_likelihood, is_inside, notes)
            }
            Err(
                FitError::NotIdentified {
                    parameters,
                    log_likelihood,
                    ..
                }
                | FitError::NotConverged {
                    parameters,
                    log_likelihood,
                    ..
                },
            ) if parameters.len() == self.own() => (parameters, log_likelihood, false, Vec::new()),
            Err(error) => {
                return match pull {
                    Some(pull) if pull.is_on_all() => Ok(Start {
                        places: vec![self.place_of(&pull.centre)],
                        nested: None,
                        notes: Vec::new(),
                    }),
                    _ => Err(error),
                };
            }
        };
        let shifted = values.iter().zip(&self.measure.shifts);
        let mut first: Vec<f64> = shifted.map(|(value, shift)| value.ln() - shift).collect();
        first.resize(self.own() + self.slopes.len(), 0.0);
        let mut places = vec![first];
        if !is_inside {
            let inside = places[0].iter().map(|x| x.clamp(-1.5, 1.5));
            places.push(inside.collect());
        }
        Ok(Start {
            places,
            nested: pull
                .is_none()
                .then_some(log_likelihood - self.measure.offset),
            notes,
        })
    }

    /// The place in the search of parameters as given, which are on its scale already.
    fn place_of(&self, given: &[f64]) -> Vec<f64> {
        let own = self.own();
        let mut place = given.to_vec();
        for (x, shift) in place.iter_mut().zip(&self.measure.shifts) {
            *x -= shift;
        }
        for (k, slopes) in self.slopes.iter().enumerate() {
            let (factor, more) = self.turn(k);
            place[own + k] /= factor;
            let effect = place[own + k];
            for (x, slope) in place.iter_mut().zip(slopes) {
                *x -= slope * more * effect;
            }
        }
        place
    }

    /// The maximum, in the parameters of the search.
    fn search<M: CovariateModel, S: Rows<M, Block = B>>(
        &self,
        start: &Start,
        pull: Option<&Pull>,
        options: &FitOptions,
    ) -> Result<FitReport, FitError> {
        let own = self.own();
        let names = M::NAMES.iter().zip(&self.measure.shifts);
        let names = names.map(|(&name, &shift)| Sought::positive(name, shift));
        let effects = self.effects.iter().map(|effect| Sought {
            name: effect_name(effect.on, &effect.covariate).into(),
            kind: ParameterKind::Effect,
            shift: 0.0,
        });
        let unbounded = self.unbounded();
        let limits = unbounded.iter().map(|towards| Limit {
            boundary: Boundary::UnboundedEffect,
            towards,
        });
        if self.blocks.is_empty() {
            return Err(FitError::NoRepeatPurchase { model: M::MODEL });
        }
        let matrix = self.matrix();
        let problem = Problem {
            model: M::WITH_COVARIATES,
            parameters: names.chain(effects).collect(),
            scale: self.measure.unit.clone(),
            customers: self.customers,
            rows: self.blocks.iter().map(|block| block.rows).sum(),
            starts: start.places.clone(),
            offset: self.measure.offset,
            nested: start.nested,
            limits: self.measure.limits.iter().copied().chain(limits).collect(),
            notes: Vec::new(),
            likelihood: &mut |x: &[f64], gradient: &mut [f64]| {
                let value = self.evaluate::<M, S>(x, gradient);
                value
                    - pull.map_or(0.0, |pull| {
                        pull.pull(&self.measure.shifts, &matrix, x, gradient)
                    })
            },
            coarse: Vec::new(),
        };
        let options = FitOptions {
            ridge: None,
            minimum_customers: match pull {
                Some(pull) if pull.is_on_all() => 0.0,
                _ => options.minimum_customers,
            },
            ..options.clone()
        };
        maximise(problem, &options).map_err(|mut error| {
            if let FitError::NotIdentified { parameters, .. }
            | FitError::NotConverged { parameters, .. } = &mut error
            {
                if parameters.len() == own + self.slopes.len() {
                    *parameters = self.values(parameters);
                }
            }
            error
        })
    }

    /// Directions in which an effect may run off: with the customers at one end of its covariate as
    /// they are, or with the base as it is.
    fn unbounded(&self) -> Vec<Vec<f64>> {
        let (own, width) = (self.own(), self.effects.len());
        let mut directions = Vec::with_capacity(6 * width);
        for (k, slopes) in self.slopes.iter().enumerate() {
            let predictors = self.predictors.iter().skip(k).step_by(width);
            let least = predictors.clone().copied().fold(f64::INFINITY, f64::min);
            let most = predictors.copied().fold(f64::NEG_INFINITY, f64::max);
            for sign in [-1.0, 1.0] {
                for end in [least, most, 0.0] {
                    let mut towards: Vec<f64> = slopes.iter().map(|s| -sign * s * end).collect();
                    towards.resize(own + k, 0.0);
                    towards.push(sign);
                    directions.push(towards);
                }
            }
        }
        directions
    }
}

/// The covariates as effects are to be given.
fn given(
    standardise: &Standardise,
    searched: &[Covariate],
) -> Result<Vec<Covariate>, CovariateError> {
    match standardise {
        Standardise::MeanAndDeviation => Ok(searched.to_vec()),
        Standardise::None => {
            let plain = |covariate: &Covariate| Covariate {
                centre: 0.0,
                scale: 1.0,
                ..covariate.clone()
            };
            Ok(searched.iter().map(plain).collect())
        }
        Standardise::As(given) => {
            let find = |c: &Covariate| given.iter().find(|g| g.name == c.name).cloned();
            let found: Option<Vec<Covariate>> = searched.iter().map(find).collect();
            let found = found.filter(|found| found.len() == given.len());
            found.ok_or_else(|| CovariateError::Names {
                expected: names(given),
                found: names(searched),
            })
        }
    }
}

/// Where a search starts.
struct Start {
    places: Vec<Vec<f64>>,
    /// Scaled log-likelihood of the plain model.
    nested: Option<f64>,
    /// What the plain fit says of the data.
    notes: Vec<Note>,
}

/// Whether a note of the plain fit is about the data, and so holds with covariates as well.
fn is_of_data(note: &Note) -> bool {
    matches!(
        note,
        Note::WithoutSpend { .. }
            | Note::NonPositiveSpend { .. }
            | Note::FreeTransactions { .. }
            | Note::SpendBasis(_)
            | Note::SpendCorrelation { .. }
    )
}

/// The log-likelihood of a sample under a model with raw effects, and its slopes on the scale of the
/// search.
#[cfg(test)]
pub(super) fn slopes_at<M: CovariateModel, S: CovariateData<M>>(
    sample: &CovariateSample<S>,
    design: &CovariateDesign,
    model: &WithCovariates<M>,
) -> Result<(f64, Vec<f64>), FitError> {
    let mut all = sample.empty().clone();
    for (_, group) in sample.groups() {
        all.merge(group)?;
    }
    let setting = Setting::new::<M, S>(sample, design, all.measure()?)?;
    let searched = setting.place_of(&place(model));
    let mut gradient = vec![0.0; searched.len()];
    let value = setting.evaluate::<M, S>(&searched, &mut gradient);
    // Slopes in the parameters as given: those of the search times what turns them into it.
    let given = place(model);
    let columns: Vec<Vec<f64>> = (0..given.len())
        .map(|i| {
            let mut moved = given.clone();
            moved[i] += 1.0;
            let moved = setting.place_of(&moved);
            moved.iter().zip(&searched).map(|(a, b)| a - b).collect()
        })
        .collect();
    let slope = |column: &Vec<f64>| column.iter().zip(&gradient).map(|(c, g)| c * g).sum();
    let slopes = columns.iter().map(slope).collect();
    Ok((value + setting.measure.offset, slopes))
}
