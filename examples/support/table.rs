//! CSV files with a header, read in one pass, and the exact place of what is wrong with them.

#![allow(clippy::disallowed_methods, reason = "opens the file it is given")]

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};

use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::{Failure, quoted};

/// A CSV file: a header, then rows with as many cells. A byte order mark, CRLF line ends and blank
/// lines are fine.
pub(crate) struct Table {
    file: String,
    reader: csv::Reader<Ended<Box<dyn Read>>>,
    header: ByteRecord,
    names: ByteRecord,
    rows: u64,
    line: u64,
}

impl Table {
    /// Opens a file, or standard input for `-`.
    pub(crate) fn open(path: &OsStr) -> Result<Self, Failure> {
        let (name, input) = open_input(path)?;
        Self::new(&name, input)
    }

    /// Reads the header.
    pub(crate) fn new(name: &str, input: Box<dyn Read>) -> Result<Self, Failure> {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            // The carriage return of CRLF is taken off below: only so are lines counted right.
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Ended::new(input));
        let mut table = Self {
            file: name.to_owned(),
            reader,
            header: ByteRecord::new(),
            names: ByteRecord::new(),
            rows: 0,
            line: 0,
        };
        let mut header = ByteRecord::new();
        if !table.next_record(&mut header)? {
            let expected = "a header line with the names of the columns";
            return Err(Failure::unexpected(name, expected, "an empty file"));
        }
        table.header = header.clone();
        header.trim();
        table.names = header;
        Ok(table)
    }

    /// The header as it is written.
    pub(crate) fn header(&self) -> &ByteRecord {
        &self.header
    }

    /// What the file is called.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Rows read so far, the header not counted.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Line of the row that was read last.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Where a column is, if there is one of this name.
    pub(crate) fn column(&self, name: &str) -> Result<Option<usize>, Failure> {
        let mut places = (0..self.names.len()).filter(|&i| &self.names[i] == name.as_bytes());
        let place = places.next();
        match places.next() {
            None => Ok(place),
            Some(_) => Err(Failure::unexpected(
                self.place(self.line, name),
                "one column of this name",
                "two",
            )),
        }
    }

    /// Where a column is that must be there.
    pub(crate) fn required_column(&self, name: &str, header: &str) -> Result<usize, Failure> {
        self.column(name)?.ok_or_else(|| {
            let found: Vec<u8> = self.names.iter().collect::<Vec<_>>().join(&b',');
            Failure::unexpected(
                self.place(self.line, name),
                format!("the column in a header {header}"),
                quoted(&found),
            )
        })
    }

    /// Reads the next row; `false` at the end.
    pub(crate) fn read(&mut self, row: &mut ByteRecord) -> Result<bool, Failure> {
        if !self.next_record(row)? {
            if self.rows == 0 {
                let expected = "at least one row after the header";
                return Err(Failure::unexpected(&self.file, expected, "none"));
            }
            return Ok(false);
        }
        self.rows += 1;
        let (expected, found) = (self.header.len(), row.len());
        if expected == found {
            return Ok(true);
        }
        // The first column that is missing, or the last one before the surplus.
        let at = found.min(expected - 1);
        let column = String::from_utf8_lossy(&self.names[at]).into_owned();
        Err(Failure::unexpected(
            self.place(self.line, &column),
            format!("{expected} cells as in the header"),
            format!("{found}"),
        ))
    }

    /// A cell of the row read last, without white space around it, for a column of this name.
    pub(crate) fn unexpected(&self, column: &str, expected: &str, cell: &[u8]) -> Failure {
        let found = if cell.is_empty() {
            "an empty cell".to_owned()
        } else {
            quoted(cell)
        };
        Failure::unexpected(self.place(self.line, column), expected, found)
    }

    /// The library refused a cell of the row read last.
    pub(crate) fn refused(&self, column: &str, reason: impl std::fmt::Display) -> Failure {
        Failure::refused(self.place(self.line, column), reason)
    }

    /// A place in the file, for a message.
    pub(crate) fn place(&self, line: u64, column: &str) -> String {
        format!("{}, line {line}, column {column}", self.file)
    }

    /// Reads one record that is not a blank line, and finds the line that it begins on.
    fn next_record(&mut self, record: &mut ByteRecord) -> Result<bool, Failure> {
        loop {
            match self.reader.read_byte_record(record) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => {
                    let found = match error.into_kind() {
                        csv::ErrorKind::Io(error) => why(&error),
                        other => format!("{other:?}"),
                    };
                    let expected = "a file that can be read to its end";
                    return Err(Failure::unexpected(&self.file, expected, found));
                }
            }
            // The reader counts a record from the blank lines before it on; its end is exact.
            let inside: u64 = record
                .as_slice()
                .iter()
                .map(|&b| u64::from(b == b'\n'))
                .sum();
            let end = self.reader.position().line();
            let start = record.position().map_or(1, csv::Position::line);
            self.line = start.max(end.saturating_sub(inside + 1));
            let last = record.len().saturating_sub(1);
            if let Some(stripped) = record.get(last).and_then(|cell| cell.strip_suffix(b"\r")) {
                let stripped = stripped.to_vec();
                record.truncate(last);
                record.push_field(&stripped);
            }
            if record.len() > 1 || record.iter().any(|cell| !cell.is_empty()) {
                return Ok(true);
            }
        }
    }
}

/// Opens a file, or standard input for `-`; says what it is called.
pub(super) fn open_input(path: &OsStr) -> Result<(String, Box<dyn Read>), Failure> {
    if path == "-" {
        return Ok(("standard input".to_owned(), Box::new(io::stdin())));
    }
    let name = path.to_string_lossy().into_owned();
    match File::open(path) {
        Ok(file) => Ok((name, Box::new(file))),
        Err(error) => {
            let expected = "a file that can be read";
            Err(Failure::unexpected(name, expected, why(&error)))
        }
    }
}

/// An error of the system in its own words, without the number.
pub(super) fn why(error: &io::Error) -> String {
    let words = error.to_string();
    let end = words.find(" (os error").unwrap_or(words.len());
    words[..end].to_lowercase()
}

/// An input without a byte order mark, whose last line ends like the others.
struct Ended<R> {
    input: R,
    /// The first bytes, once they have been looked at.
    start: Option<io::Cursor<Vec<u8>>>,
    last: u8,
    done: bool,
}

impl<R: Read> Ended<R> {
    fn new(input: R) -> Self {
        Self {
            input,
            start: None,
            last: b'\n',
            done: false,
        }
    }

    /// The first bytes of the input, the mark left out.
    fn start(&mut self) -> io::Result<&mut io::Cursor<Vec<u8>>> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        if self.start.is_none() {
            let mut start = Vec::new();
            // A pipe may hand them out one by one.
            let length = MARK.len() as u64;
            self.input.by_ref().take(length).read_to_end(&mut start)?;
            if start == MARK {
                start.clear();
            }
            self.start = Some(io::Cursor::new(start));
        }
        Ok(self.start.get_or_insert_default())
    }
}

impl<R: Read> Read for Ended<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.done || buffer.is_empty() {
            return Ok(0);
        }
        let mut n = self.start()?.read(buffer)?;
        if n == 0 {
            n = self.input.read(buffer)?;
        }
        if n > 0 {
            self.last = buffer[n - 1];
            return Ok(n);
        }
        self.done = true;
        if self.last == b'\n' {
            return Ok(0);
        }
        buffer[0] = b'\n';
        Ok(1)
    }
}
