//! Text files of one record a line, such as JSON Lines, and the exact place of what is wrong in them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};

use super::table::{open_input, why};
use super::{Failure, quoted};

/// How errors begin that say what was found and expected.
const STANDARD: [&str; 6] = [
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
    "missing field ",
    "unknown field ",
    "unknown variant ",
];

/// The lines of a file that are not blank. A byte order mark and CRLF line ends are fine.
pub(crate) struct Lines {
    file: String,
    input: BufReader<Box<dyn Read>>,
    line: u64,
    text: Vec<u8>,
}

impl Lines {
    /// Opens a file, or standard input for `-`.
    pub(crate) fn open(path: &OsStr) -> Result<Self, Failure> {
        let (file, input) = open_input(path)?;
        Ok(Self::new(&file, input))
    }

    /// The lines of an input of this name.
    pub(crate) fn new(file: &str, input: Box<dyn Read>) -> Self {
        Self {
            file: file.to_owned(),
            input: BufReader::new(input),
            line: 0,
            text: Vec::new(),
        }
    }

    /// What the file is called.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// The next line that is not blank, without white space around it; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<&[u8]>, Failure> {
        loop {
            self.text.clear();
            let read = self.input.read_until(b'\n', &mut self.text);
            match read {
                Ok(0) => return Ok(None),
                Ok(_) => self.line += 1,
                Err(error) => {
                    let expected = "a file that can be read to its end";
                    return Err(Failure::unexpected(&self.file, expected, why(&error)));
                }
            }
            if self.line == 1 && self.text.starts_with(b"\xef\xbb\xbf") {
                self.text.drain(..3);
            }
            if !self.text.trim_ascii().is_empty() {
                return Ok(Some(self.text.trim_ascii()));
            }
        }
    }

    /// The line that was read last, without white space around it.
    fn text(&self) -> &[u8] {
        self.text.trim_ascii()
    }

    /// A place in the line that was read last, for a message; the line itself for an empty field.
    pub(crate) fn place(&self, field: &str) -> String {
        let line = format!("{}, line {}", self.file, self.line);
        match field {
            "" => line,
            field => format!("{line}, field {field}"),
        }
    }

    /// Why the line that was read last is not what JSON was to hold.
    pub(crate) fn not_read(&self, what: &str, error: &serde_json::Error) -> Failure {
        let words = error.to_string();
        let end = words.rfind(" at line ").unwrap_or(words.len());
        let words = &words[..end];
        if !error.is_data() {
            let expected = format!("{what} as JSON ({words})");
            return Failure::unexpected(self.place(""), expected, quoted(self.text()));
        }
        let mut fields = fields_before(self.text(), error.column());
        // Payloads say of themselves where the error is, such as `nps_survey: score: …`.
        let start = STANDARD
            .iter()
            .filter_map(|phrase| words.find(phrase))
            .min();
        let (within, words) = words.split_at(start.unwrap_or(0));
        for field in within.split(": ").filter(|field| !field.is_empty()) {
            if !fields.iter().any(|known| known == field) {
                fields.push(field.to_owned());
            }
        }
        let place = |fields: &[String]| {
            let named: Vec<&str> = fields.iter().map(String::as_str).collect();
            self.place(named.join(".").trim_end_matches('.'))
        };
        let words = words.replace('`', "");
        let (what, expected) = words.split_once(", expected ").unwrap_or((&words, ""));
        if let Some(name) = what.strip_prefix("missing field ") {
            fields.push(name.replace('"', ""));
            return Failure::unexpected(place(&fields), "the field", "none");
        }
        if let Some(name) = what.strip_prefix("unknown field ") {
            fields.pop();
            let found = format!("the field {name}");
            return Failure::unexpected(place(&fields), expected, found);
        }
        for phrase in [
            "invalid type: ",
            "invalid value: ",
            "invalid ",
            "unknown variant ",
        ] {
            if let (Some(found), false) = (what.strip_prefix(phrase), expected.is_empty()) {
                return Failure::unexpected(place(&fields), expected, found);
            }
        }
        if fields.last().is_some_and(|field| field.ends_with("_at")) && !words.contains("got") {
            let expected = "an instant such as 2022-01-31T09:30:00Z";
            let found = value_at(self.text(), &fields);
            return Failure::unexpected(place(&fields), expected, found);
        }
        Failure::refused(place(&fields), words)
    }

    /// The library refused a field of the line that was read last.
    pub(crate) fn refused(&self, field: &str, reason: impl std::fmt::Display) -> Failure {
        Failure::refused(self.place(field), reason)
    }
}

/// The fields, from the outermost in, of the value that ends at a byte of a JSON text.
fn fields_before(text: &[u8], end: usize) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    let (mut string, mut last, mut escaped) = (None::<Vec<u8>>, String::new(), false);
    for &byte in &text[..end.min(text.len())] {
        if let Some(characters) = &mut string {
            match byte {
                _ if escaped => {
                    escaped = false;
                    characters.push(byte);
                }
                b'\\' => escaped = true,
                b'"' => {
                    last = String::from_utf8_lossy(characters).into_owned();
                    string = None;
                }
                _ => characters.push(byte),
            }
            continue;
        }
        match byte {
            b'"' => string = Some(Vec::new()),
            b'{' | b'[' => fields.push(String::new()),
            b'}' | b']' => {
                fields.pop();
            }
            b':' => {
                if let Some(field) = fields.last_mut() {
                    field.clone_from(&last);
                }
            }
            _ => {}
        }
    }
    fields
}

/// The value of a field of a JSON text, as it is written.
fn value_at(text: &[u8], fields: &[String]) -> String {
    let whole = serde_json::from_slice::<serde_json::Value>(text).unwrap_or_default();
    let value = fields.iter().fold(&whole, |value, field| &value[field]);
    quoted(
        value
            .as_str()
            .map_or(value.to_string(), str::to_owned)
            .as_bytes(),
    )
}
