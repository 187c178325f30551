//! Small symmetric matrices: the few things that a certificate of a fit needs of its Hessian.

/// A dense symmetric matrix, row by row.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "Vec<Vec<f64>>", into = "Vec<Vec<f64>>")
)]
pub(crate) struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

impl Symmetric {
    /// The matrix of zeros.
    pub(crate) fn zeros(size: usize) -> Self {
        Self {
            size,
            cells: vec![0.0; size * size],
        }
    }

    /// Number of rows.
    #[cfg(feature = "serde")]
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The cell in row `i` and column `j`.
    pub(crate) fn at(&self, i: usize, j: usize) -> f64 {
        self.cells[i * self.size + j]
    }

    /// Sets the cell and its mirror image.
    pub(crate) fn set(&mut self, i: usize, j: usize, value: f64) {
        self.cells[i * self.size + j] = value;
        self.cells[j * self.size + i] = value;
    }

    /// Sets all cells from those up to the diagonal, row by row.
    pub(crate) fn fill(&mut self, lower: &[f64]) {
        let places = (0..self.size).flat_map(|i| (0..=i).map(move |j| (i, j)));
        for ((i, j), &cell) in places.zip(lower) {
            self.set(i, j, cell);
        }
    }

    /// The matrix times `factor`.
    pub(crate) fn scaled(mut self, factor: f64) -> Self {
        self.scale(factor);
        self
    }

    /// Multiplies every cell by `factor`.
    pub(crate) fn scale(&mut self, factor: f64) {
        self.cells.iter_mut().for_each(|c| *c *= factor);
    }

    /// `Qᵀ M Q`, for the columns of `Q`.
    pub(crate) fn seen_along(&self, columns: &[Vec<f64>]) -> Self {
        let mut part = Self::zeros(columns.len());
        for (i, left) in columns.iter().enumerate() {
            for (j, right) in columns.iter().enumerate().take(i + 1) {
                let cells = (0..self.size).flat_map(|k| (0..self.size).map(move |l| (k, l)));
                let sum = cells.map(|(k, l)| left[k] * self.at(k, l) * right[l]).sum();
                part.set(i, j, sum);
            }
        }
        part
    }

    /// `Q M Qᵀ`, for the columns of `Q`, each of length `size`.
    pub(crate) fn spread_over(&self, columns: &[Vec<f64>], size: usize) -> Self {
        let rows: Vec<Vec<f64>> = (0..size)
            .map(|k| columns.iter().map(|column| column[k]).collect())
            .collect();
        self.seen_along(&rows)
    }

    /// `uᵀ M u`.
    pub(crate) fn quadratic_form(&self, u: &[f64]) -> f64 {
        let mut sum = 0.0;
        for i in 0..self.size {
            for j in 0..self.size {
                sum += u[i] * self.at(i, j) * u[j];
            }
        }
        sum
    }

    /// The lower Cholesky factor, row by row; `None` unless positive definite.
    pub(crate) fn cholesky(&self) -> Option<Lower> {
        let n = self.size;
        let mut l = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
                let rest = self.at(i, j) - dot;
                if i == j {
                    // Written so that NaN fails as well.
                    if !(rest > 0.0 && rest.is_finite()) {
                        return None;
                    }
                    l[i * n + i] = rest.sqrt();
                } else {
                    l[i * n + j] = rest / l[j * n + j];
                }
            }
        }
        Some(Lower { size: n, cells: l })
    }

    /// A lower triangular `F` with `F Fᵀ = M`, for a matrix that may be singular but has no
    /// negative eigenvalue: a pivot that is zero but for rounding gives a column of zeros.
    #[cfg(feature = "simulate")]
    pub(crate) fn root(&self) -> Lower {
        let n = self.size;
        let mut f = vec![0.0; n * n];
        for j in 0..n {
            let dot =
                |f: &[f64], i: usize| (0..j).map(|k| f[i * n + k] * f[j * n + k]).sum::<f64>();
            let pivot = self.at(j, j) - dot(&f, j);
            if pivot > 1e-12 * self.at(j, j) {
                let root = pivot.sqrt();
                for i in j..n {
                    f[i * n + j] = (self.at(i, j) - dot(&f, i)) / root;
                }
            }
        }
        Lower { size: n, cells: f }
    }

    /// The smallest eigenvalue.
    pub(crate) fn smallest_eigenvalue(&self) -> f64 {
        let pairs = self.eigenpairs().into_iter();
        pairs.map(|(value, _)| value).fold(f64::INFINITY, f64::min)
    }

    /// Every eigenvalue with its eigenvector of length 1, by Jacobi rotations.
    pub(crate) fn eigenpairs(&self) -> Vec<(f64, Vec<f64>)> {
        let n = self.size;
        let mut m = self.clone();
        let mut vectors: Vec<Vec<f64>> = (0..n)
            .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
            .collect();
        for _ in 0..60 {
            let off: f64 = (0..n)
                .flat_map(|i| (0..i).map(move |j| (i, j)))
                .map(|(i, j)| m.at(i, j).abs())
                .sum();
            let size: f64 = (0..n).map(|i| m.at(i, i).abs()).sum();
            if off <= 1e-15 * size {
                break;
            }
            for p in 0..n {
                for q in p + 1..n {
                    let (c, s) = m.rotate(p, q);
                    let (before, from_q) = vectors.split_at_mut(q);
                    for (of_p, of_q) in before[p].iter_mut().zip(&mut from_q[0]) {
                        (*of_p, *of_q) = (c * *of_p - s * *of_q, s * *of_p + c * *of_q);
                    }
                }
            }
        }
        let values = (0..n).map(|i| m.at(i, i));
        values.zip(vectors).collect()
    }

    /// The rotation that makes cell (p, q) zero, by its cosine and sine.
    fn rotate(&mut self, p: usize, q: usize) -> (f64, f64) {
        let apq = self.at(p, q);
        if apq == 0.0 {
            return (1.0, 0.0);
        }
        let theta = (self.at(q, q) - self.at(p, p)) / (2.0 * apq);
        let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
        let c = 1.0 / t.hypot(1.0);
        let s = t * c;
        let (app, aqq) = (self.at(p, p), self.at(q, q));
        for k in 0..self.size {
            if k != p && k != q {
                let (akp, akq) = (self.at(k, p), self.at(k, q));
                self.set(k, p, c * akp - s * akq);
                self.set(k, q, s * akp + c * akq);
            }
        }
        self.set(p, p, app - t * apq);
        self.set(q, q, aqq + t * apq);
        self.set(p, q, 0.0);
        (c, s)
    }
}

/// A lower triangular matrix `L` with `M = L Lᵀ`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lower {
    size: usize,
    cells: Vec<f64>,
}

impl Lower {
    /// `L v`.
    #[cfg(feature = "simulate")]
    pub(crate) fn times(&self, v: &[f64]) -> Vec<f64> {
        (0..self.size)
            .map(|i| (0..=i).map(|j| self.cells[i * self.size + j] * v[j]).sum())
            .collect()
    }

    /// `M⁻¹ v`.
    pub(crate) fn solve(&self, v: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x = v.to_vec();
        for i in 0..n {
            for j in 0..i {
                x[i] -= self.cells[i * n + j] * x[j];
            }
            x[i] /= self.cells[i * n + i];
        }
        for i in (0..n).rev() {
            for j in i + 1..n {
                x[i] -= self.cells[j * n + i] * x[j];
            }
            x[i] /= self.cells[i * n + i];
        }
        x
    }

    /// `M⁻¹`.
    pub(crate) fn inverse(&self) -> Symmetric {
        let n = self.size;
        let mut inverse = Symmetric::zeros(n);
        for j in 0..n {
            let mut unit = vec![0.0; n];
            unit[j] = 1.0;
            for (i, x) in self.solve(&unit).into_iter().enumerate().skip(j) {
                inverse.set(i, j, x);
            }
        }
        inverse
    }
}

/// An orthonormal basis of what the directions leave free in `size` dimensions.
pub(crate) fn complement(directions: &[&[f64]], size: usize) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut add = |mut vector: Vec<f64>| {
        for other in &basis {
            let along: f64 = vector.iter().zip(other).map(|(v, o)| v * o).sum();
            for (v, o) in vector.iter_mut().zip(other) {
                *v -= along * o;
            }
        }
        let length = vector.iter().map(|v| v * v).sum::<f64>().sqrt();
        let is_new = length > 1e-6;
        if is_new {
            basis.push(vector.iter().map(|v| v / length).collect());
        }
        is_new
    };
    let taken = directions.iter().filter(|d| add(d.to_vec())).count();
    for i in 0..size {
        let mut unit = vec![0.0; size];
        unit[i] = 1.0;
        add(unit);
    }
    basis.split_off(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Symmetric {
        let mut m = Symmetric::zeros(3);
        for (i, j, v) in [
            (0, 0, 4.0),
            (1, 1, 5.0),
            (2, 2, 6.0),
            (1, 0, 1.0),
            (2, 0, 2.0),
            (2, 1, 0.5),
        ] {
            m.set(i, j, v);
        }
        m
    }

    #[test]
    fn a_solution_satisfies_its_equations() {
        let m = example();
        let x = m.cholesky().unwrap().solve(&[1.0, 2.0, 3.0]);
        for (i, wanted) in [1.0, 2.0, 3.0].into_iter().enumerate() {
            let row: f64 = (0..3).map(|j| m.at(i, j) * x[j]).sum();
            assert!((row - wanted).abs() < 1e-14);
        }
        assert!((m.cholesky().unwrap().inverse().at(1, 1) * 95.0 - 20.0).abs() < 1e-12);
    }

    #[test]
    fn the_smallest_eigenvalue_of_a_two_by_two_matrix_is_known() {
        let mut m = Symmetric::zeros(2);
        m.set(0, 0, 2.0);
        m.set(1, 1, 2.0);
        m.set(0, 1, 1.0);
        assert!((m.smallest_eigenvalue() - 1.0).abs() < 1e-14);
    }

    #[test]
    fn eigenvectors_are_stretched_by_their_eigenvalues() {
        let m = example();
        let pairs = m.eigenpairs();
        assert_eq!(pairs.len(), 3);
        for (value, vector) in pairs {
            assert!((vector.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() < 1e-14);
            for i in 0..3 {
                let image: f64 = (0..3).map(|j| m.at(i, j) * vector[j]).sum();
                assert!(
                    (image - value * vector[i]).abs() < 1e-13,
                    "{value} {vector:?}"
                );
            }
        }
    }

    #[test]
    fn an_indefinite_matrix_has_no_cholesky_factor() {
        let mut m = example();
        m.set(0, 0, -1.0);
        assert!(m.cholesky().is_none());
        assert!(m.smallest_eigenvalue() < 0.0);
    }

    #[test]
    fn what_a_direction_leaves_free_is_at_right_angles_to_it() {
        let free = complement(&[&[1.0, 1.0, 0.0]], 3);
        assert_eq!(free.len(), 2);
        for vector in &free {
            assert!((vector[0] + vector[1]).abs() < 1e-15);
        }
        assert!(complement(&[&[1.0, 0.0], &[0.0, -1.0], &[1.0, 1.0]], 2).is_empty());
    }

    #[test]
    #[cfg(feature = "simulate")]
    fn a_singular_matrix_has_a_root() {
        // Rank 1: only the difference of the two varies.
        let mut m = Symmetric::zeros(2);
        m.set(0, 0, 4.0);
        m.set(1, 1, 4.0);
        m.set(0, 1, -4.0);
        let moved = m.root().times(&[1.0, 1.0]);
        assert!((moved[0] - 2.0).abs() < 1e-15 && (moved[1] + 2.0).abs() < 1e-15);
    }
}
