//! Currencies (货币) by their ISO 4217 code, with the decimals their amounts are paid in.
//!
//! The table follows ISO 4217, list one (active codes) as of 2026, and list three (withdrawn
//! codes) as far back as 2010, since a purchase history outlives its currency.

use std::fmt;
use std::str::FromStr;

use super::QuantityError;

/// A currency, named by three upper-case letters.
///
/// Any well-formed code is accepted: a currency that comes into being after this crate was
/// released must not make a log unreadable. [`is_listed`](Self::is_listed) tells whether ISO
/// 4217 knew the code.
///
/// # Examples
///
/// ```
/// use guanxi::quantity::Currency;
///
/// let dinar = Currency::new("KWD")?;
/// assert_eq!(dinar.minor_units(), Some(3));
/// assert_eq!(Currency::JPY.minor_units(), Some(0));
/// assert_eq!(Currency::new("XAU")?.minor_units(), None); // gold is not paid in cents
/// assert!(Currency::new("eur").is_err());
/// # Ok::<(), guanxi::quantity::QuantityError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Currency([u8; 3]);

// Constants for the most traded currencies; `Currency::new` makes any other.
macro_rules! constants {
    ($($(#[$doc:meta])* $code:ident = $bytes:literal;)*) => {
        impl Currency {
            $($(#[$doc])* pub const $code: Self = Self(*$bytes);)*
        }
    };
}

constants! {
    /// Australian dollar.
    AUD = b"AUD";
    /// Brazilian real.
    BRL = b"BRL";
    /// Canadian dollar.
    CAD = b"CAD";
    /// Swiss franc.
    CHF = b"CHF";
    /// Chinese yuan renminbi (人民币).
    CNY = b"CNY";
    /// Danish krone.
    DKK = b"DKK";
    /// Euro.
    EUR = b"EUR";
    /// Pound sterling.
    GBP = b"GBP";
    /// Hong Kong dollar.
    HKD = b"HKD";
    /// Indian rupee.
    INR = b"INR";
    /// Japanese yen; it has no minor unit in use.
    JPY = b"JPY";
    /// South Korean won; it has no minor unit in use.
    KRW = b"KRW";
    /// Mexican peso.
    MXN = b"MXN";
    /// Norwegian krone.
    NOK = b"NOK";
    /// New Zealand dollar.
    NZD = b"NZD";
    /// Polish złoty.
    PLN = b"PLN";
    /// Swedish krona.
    SEK = b"SEK";
    /// Singapore dollar.
    SGD = b"SGD";
    /// New Taiwan dollar.
    TWD = b"TWD";
    /// United States dollar.
    USD = b"USD";
    /// South African rand.
    ZAR = b"ZAR";
    /// No currency: for amounts whose currency is not known or does not matter.
    XXX = b"XXX";
}

impl Currency {
    /// The currency of an ISO 4217 code.
    ///
    /// # Errors
    ///
    /// [`QuantityError::CurrencyCode`] unless the text is exactly three letters from A to Z.
    pub fn new(code: &str) -> Result<Self, QuantityError> {
        match *code.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(QuantityError::CurrencyCode {
                found: code.to_owned(),
            }),
        }
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // The bytes are ASCII letters, so this conversion succeeds; "XXX" means no currency.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimal places an amount is paid in: 2 for most, 0 for the yen, 3 for some
    /// dinars.
    ///
    /// `None` where there is no such number: precious metals, units of account, [`Self::XXX`],
    /// and codes the table does not hold.
    #[must_use]
    pub fn minor_units(self) -> Option<u32> {
        match &self.0 {
            // BYR was withdrawn, the others are active.
            b"BIF" | b"BYR" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW"
            | b"PYG" | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => {
                Some(0)
            }
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => Some(3),
            b"CLF" | b"UYW" => Some(4),
            code if has_two_decimals(*code) || is_withdrawn(*code) => Some(2),
            _ => None,
        }
    }

    /// Whether ISO 4217 lists the code as active, as of this release of the crate.
    ///
    /// # Examples
    ///
    /// ```
    /// use guanxi::quantity::Currency;
    ///
    /// assert!(Currency::XXX.is_listed());
    /// assert!(!Currency::new("HRK")?.is_listed()); // Croatia took the euro in 2023
    /// assert!(!Currency::new("QQQ")?.is_listed());
    /// # Ok::<(), guanxi::quantity::QuantityError>(())
    /// ```
    #[must_use]
    pub fn is_listed(self) -> bool {
        if is_withdrawn(self.0) {
            return false;
        }
        self.minor_units().is_some()
            || matches!(
                &self.0,
                b"XAG"
                    | b"XAU"
                    | b"XBA"
                    | b"XBB"
                    | b"XBC"
                    | b"XBD"
                    | b"XDR"
                    | b"XPD"
                    | b"XPT"
                    | b"XSU"
                    | b"XTS"
                    | b"XUA"
                    | b"XXX"
            )
    }
}

/// Whether a code is active and divided into hundredths, or is counted as if it were.
#[rustfmt::skip] // one line a letter, to be compared with the published list
fn has_two_decimals(code: [u8; 3]) -> bool {
    matches!(
        &code,
        b"AED" | b"AFN" | b"ALL" | b"AMD" | b"AOA" | b"ARS" | b"AUD" | b"AWG" | b"AZN"
        | b"BAM" | b"BBD" | b"BDT" | b"BMD" | b"BND" | b"BOB" | b"BOV" | b"BRL" | b"BSD" | b"BTN"
        | b"BWP" | b"BYN" | b"BZD"
        | b"CAD" | b"CDF" | b"CHE" | b"CHF" | b"CHW" | b"CNY" | b"COP" | b"COU" | b"CRC" | b"CUP"
        | b"CVE" | b"CZK"
        | b"DKK" | b"DOP" | b"DZD"
        | b"EGP" | b"ERN" | b"ETB" | b"EUR"
        | b"FJD" | b"FKP"
        | b"GBP" | b"GEL" | b"GHS" | b"GIP" | b"GMD" | b"GTQ" | b"GYD"
        | b"HKD" | b"HNL" | b"HTG" | b"HUF"
        | b"IDR" | b"ILS" | b"INR" | b"IRR"
        | b"JMD"
        | b"KES" | b"KGS" | b"KHR" | b"KPW" | b"KYD" | b"KZT"
        | b"LAK" | b"LBP" | b"LKR" | b"LRD" | b"LSL"
        | b"MAD" | b"MDL" | b"MGA" | b"MKD" | b"MMK" | b"MNT" | b"MOP" | b"MRU" | b"MUR" | b"MVR"
        | b"MWK" | b"MXN" | b"MXV" | b"MYR" | b"MZN"
        | b"NAD" | b"NGN" | b"NIO" | b"NOK" | b"NPR" | b"NZD"
        | b"PAB" | b"PEN" | b"PGK" | b"PHP" | b"PKR" | b"PLN"
        | b"QAR"
        | b"RON" | b"RSD" | b"RUB"
        | b"SAR" | b"SBD" | b"SCR" | b"SDG" | b"SEK" | b"SGD" | b"SHP" | b"SLE" | b"SOS" | b"SRD"
        | b"SSP" | b"STN" | b"SVC" | b"SYP" | b"SZL"
        | b"THB" | b"TJS" | b"TMT" | b"TOP" | b"TRY" | b"TTD" | b"TWD" | b"TZS"
        | b"UAH" | b"USD" | b"USN" | b"UYU" | b"UZS"
        | b"VED" | b"VES"
        | b"WST"
        | b"XAD" | b"XCD" | b"XCG"
        | b"YER"
        | b"ZAR" | b"ZMW" | b"ZWG"
    )
}

/// Whether a code was withdrawn since 2010; old logs still hold amounts in it.
#[rustfmt::skip]
fn is_withdrawn(code: [u8; 3]) -> bool {
    matches!(
        &code,
        b"ANG" | b"BGN" | b"BYR" | b"CUC" | b"EEK" | b"HRK" | b"LTL" | b"LVL" | b"MRO" | b"SLL"
        | b"STD" | b"VEF" | b"ZMK" | b"ZWL"
    )
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for Currency {
    type Err = QuantityError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::new(code)
    }
}

impl TryFrom<String> for Currency {
    type Error = QuantityError;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::new(&code)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_code() -> impl Iterator<Item = Currency> {
        let letters = || b'A'..=b'Z';
        letters().flat_map(move |a| {
            letters().flat_map(move |b| letters().map(move |c| Currency([a, b, c])))
        })
    }

    #[test]
    fn only_three_upper_case_ascii_letters_are_a_code() {
        for bad in [
            "", "EU", "EURO", "eur", "Eur", "E R", "E1R", "ÉU", "€", " EUR",
        ] {
            assert_eq!(
                Currency::new(bad),
                Err(QuantityError::CurrencyCode {
                    found: bad.to_owned()
                })
            );
        }
        assert!(Currency::new("ZZZ").is_ok());
    }

    #[test]
    fn the_table_holds_as_many_codes_as_the_published_list() {
        let listed: Vec<_> = every_code().filter(|c| c.is_listed()).collect();
        let with = |units| listed.iter().filter(|c| c.minor_units() == units).count();
        assert_eq!(with(Some(0)), 17);
        assert_eq!(with(Some(3)), 7);
        assert_eq!(with(Some(4)), 2);
        assert_eq!(with(None), 13);
        assert_eq!(listed.len(), 178);
    }

    #[test]
    fn a_withdrawn_code_keeps_its_decimals() {
        let known = every_code().filter(|c| !c.is_listed() && c.minor_units().is_some());
        assert_eq!(known.count(), 14);
        assert_eq!(Currency(*b"BYR").minor_units(), Some(0));
        assert_eq!(Currency(*b"HRK").minor_units(), Some(2));
    }

    #[test]
    fn code_display_and_text_agree() {
        assert_eq!(Currency::CNY.code(), "CNY");
        assert_eq!(Currency::CNY.to_string(), "CNY");
        assert_eq!(format!("{:>5}", Currency::CNY), "  CNY");
        assert_eq!(format!("{:?}", Currency::CNY), "Currency(CNY)");
        assert_eq!("CNY".parse(), Ok(Currency::CNY));
        assert!(Currency::EUR < Currency::USD);
    }
}
