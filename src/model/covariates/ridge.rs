//! A ridge on the parameters as given, whatever coordinates are searched.

use super::super::parameter::Parametric;

/// Where a model's parameters lie on the scale of the search.
pub(super) fn place<M: Parametric>(model: &M) -> Vec<f64> {
    let values = model.values().into_iter().zip(model.kinds());
    values.map(|(value, kind)| kind.to_search(value)).collect()
}

/// A ridge, in the parameters as given on the scale of the search.
pub(super) struct Pull {
    pub(super) strength: f64,
    pub(super) centre: Vec<f64>,
    /// Parameters before this one are not pulled.
    pub(super) from: usize,
}

impl Pull {
    /// Whether the sample need not speak for itself.
    pub(super) fn is_on_all(&self) -> bool {
        self.from == 0
    }

    /// How far each parameter is from the centre.
    pub(super) fn away<M: Parametric>(&self, model: &M) -> Vec<f64> {
        let place = place(model).into_iter().zip(&self.centre);
        place.map(|(x, c)| x - c).collect()
    }

    pub(super) fn penalty(&self, away: &[f64]) -> f64 {
        self.strength * away[self.from..].iter().map(|a| a * a).sum::<f64>()
    }

    /// The penalty at a place in the search; takes its slopes off the gradient.
    pub(super) fn pull(
        &self,
        shifts: &[f64],
        matrix: &[Vec<f64>],
        x: &[f64],
        gradient: &mut [f64],
    ) -> f64 {
        let mut shifted = x.to_vec();
        for (x, shift) in shifted.iter_mut().zip(shifts) {
            *x += shift;
        }
        let mut away = Vec::with_capacity(x.len());
        for (row, centre) in matrix.iter().zip(&self.centre) {
            let place: f64 = row.iter().zip(&shifted).map(|(r, x)| r * x).sum();
            away.push(place - centre);
        }
        for (row, away) in matrix.iter().zip(&away).skip(self.from) {
            for (g, r) in gradient.iter_mut().zip(row) {
                *g -= 2.0 * self.strength * away * r;
            }
        }
        self.penalty(&away)
    }
}
