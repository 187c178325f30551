//! Tables and numbers as reports print them.

/// To which side a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

/// Rows of cells as lines of columns, indented by two spaces; the first row is the heading. Columns
/// without an alignment are set to the left.
pub(super) fn aligned(rows: &[Vec<String>], columns: &[Align]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let length = |cell: &String| cell.chars().count();
    let widths: Vec<usize> = (0..count)
        .map(|i| rows.iter().filter_map(|row| row.get(i)).map(length).max())
        .map(|width| width.unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (i, cell) in row.iter().enumerate() {
            let space = " ".repeat(widths[i] - length(cell));
            line.push_str("  ");
            match columns.get(i) {
                Some(Align::Right) => line.extend([space.as_str(), cell]),
                _ => line.extend([cell, space.as_str()]),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A number with this many significant digits.
pub(super) fn significant(value: f64, digits: usize) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-5..1e9).contains(&size) {
        return format!("{value:.*e}", digits.saturating_sub(1));
    }
    let mut decimals = digits.saturating_sub(1);
    let mut power = 1.0;
    while size >= 10.0 * power && decimals > 0 {
        power *= 10.0;
        decimals -= 1;
    }
    power = 1.0;
    while size < power {
        power /= 10.0;
        decimals += 1;
    }
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_significant_digits_and_no_zeros_after_them() {
        let cases = [
            (0.0, "0"),
            (95.0, "95"),
            (0.242_594_5, "0.2426"),
            (10.577_68, "10.58"),
            (123_456.0, "123456"),
            (-0.001_234_5, "-0.001234"),
            (1.234e12, "1.234e12"),
            (2.5e-9, "2.500e-9"),
        ];
        for (value, text) in cases {
            assert_eq!(significant(value, 4), text);
        }
    }

    #[test]
    fn columns_line_up_whatever_the_script() {
        let rows = [["模型", "1"], ["b", "100"]].map(|row| row.map(str::to_owned).to_vec());
        let text = aligned(&rows, &[Align::Left, Align::Right]);
        assert_eq!(text, "  模型    1\n  b   100\n");
    }
}
