//! Plain text: aligned columns and readable numbers.

use std::fmt::Write;

/// A table of aligned columns: the first to the left, the others to the right.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    rows: Vec<Vec<String>>,
    left: usize,
}

impl Columns {
    /// A table whose first `left` columns are aligned to the left, with these headings.
    pub(crate) fn new<const N: usize>(left: usize, headings: [&str; N]) -> Self {
        let mut columns = Self {
            rows: Vec::new(),
            left,
        };
        columns.row(headings.map(str::to_owned));
        columns
    }

    /// The same, with the headings in one text, `|` between them.
    pub(crate) fn headed(left: usize, headings: &str) -> Self {
        let rows = vec![headings.split('|').map(str::to_owned).collect()];
        Self { rows, left }
    }

    /// A table of headings and rows of any number.
    pub(crate) fn of(left: usize, headings: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        let rows = std::iter::once(headings).chain(rows).collect();
        Self { rows, left }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// The table, each line indented by two spaces.
    pub(crate) fn text(&self) -> String {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..count)
            .map(|i| {
                let cells = self.rows.iter().filter_map(|row| row.get(i));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let space = " ".repeat(width - cell.chars().count());
                if i < self.left {
                    let _ = write!(line, "  {cell}{space}");
                } else {
                    let _ = write!(line, "  {space}{cell}");
                }
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

/// A number with this many decimals and its thousands grouped by commas.
pub(crate) fn rounded(value: f64, decimals: usize) -> String {
    let plain = format!("{value:.decimals$}");
    let (sign, digits) = match plain.strip_prefix('-') {
        // What rounds to zero has no sign.
        Some(digits) if digits.bytes().all(|b| b == b'0' || b == b'.') => ("", digits),
        Some(digits) => ("-", digits),
        None => ("", plain.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A count with its thousands grouped by commas.
pub(crate) fn grouped(count: u64) -> String {
    rounded(count as f64, 0)
}

/// A count with the word for one or for many.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with this many significant digits, in plain notation unless it is far from 1.
pub(crate) fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let exponent = scientific
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse::<i32>().ok());
    match exponent {
        Some(exponent @ -4..=9) => {
            let decimals = i64::try_from(digits).unwrap_or(i64::MAX) - 1 - i64::from(exponent);
            let decimals = usize::try_from(decimals).unwrap_or(0); // none for large numbers
            format!("{value:.decimals$}")
        }
        _ => scientific,
    }
}

/// A name that fits a column of this many characters.
pub(crate) fn shortened(name: &str, width: usize) -> String {
    if name.chars().count() <= width {
        return name.to_owned();
    }
    let start: String = name.chars().take(width.saturating_sub(1)).collect();
    format!("{start}…")
}

/// Words in lines of at most this many characters, each behind the indent; a word that is longer has
/// a line of its own.
pub(crate) fn wrapped(words: &str, indent: usize, width: usize) -> String {
    let (mut text, mut line) = (String::new(), 0);
    for word in words.split_whitespace() {
        let length = word.chars().count();
        if line > 0 && line + 1 + length <= width {
            text.push(' ');
            line += 1 + length;
        } else {
            if line > 0 {
                text.push('\n');
            }
            text.push_str(&" ".repeat(indent));
            line = indent + length;
        }
        text.push_str(word);
    }
    text.push('\n');
    text
}
