//! Exact sums as text: how states write down what no binary fraction holds.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Billionths of a currency unit in one unit.
const NANO: u128 = 1_000_000_000;

/// An amount in billionths, written as decimal text such as `"29.33"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount(pub(super) i128);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, sign) = (self.0.unsigned_abs(), if self.0 < 0 { "-" } else { "" });
        let (units, billionths) = (size / NANO, size % NANO);
        if billionths == 0 {
            return write!(f, "{sign}{units}");
        }
        let decimals = format!("{billionths:09}");
        write!(f, "{sign}{units}.{}", decimals.trim_end_matches('0'))
    }
}

impl Amount {
    /// Reads digits with an optional sign and at most nine decimals; nothing is rounded.
    fn parse(text: &str) -> Option<Self> {
        let (negative, size) = match text.strip_prefix('-') {
            Some(size) => (true, size),
            None => (false, text),
        };
        let (units, decimals) = size.split_once('.').unwrap_or((size, "0"));
        let is_digits = |t: &str| !t.is_empty() && t.bytes().all(|byte| byte.is_ascii_digit());
        if !(is_digits(units) && is_digits(decimals) && decimals.len() <= 9) {
            return None;
        }
        let billionths: i128 = format!("{decimals:0<9}").parse().ok()?;
        let amount = units
            .parse::<i128>()
            .ok()?
            .checked_mul(1_000_000_000)?
            .checked_add(billionths)?;
        Some(Self(if negative { -amount } else { amount }))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an exact amount as text, such as \"29.33\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
                Amount::parse(text)
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_and_read_exactly() {
        for (amount, text) in [
            (0, "0"),
            (29_330_000_000, "29.33"),
            (-1, "-0.000000001"),
            (-41_000_000_000, "-41"),
            (i128::MAX, "170141183460469231731687303715.884105727"),
        ] {
            assert_eq!(Amount(amount).to_string(), text);
            assert_eq!(Amount::parse(text), Some(Amount(amount)));
        }
        let too_large = "170141183460469231731687303715.884105728";
        for text in [
            "",
            "-",
            "1.",
            ".5",
            "+1",
            "1e3",
            "1.0000000001",
            " 1",
            too_large,
        ] {
            assert_eq!(Amount::parse(text), None, "{text:?}");
        }
    }
}
