//! One way to write every payload: private fields, checked where they enter, read by name.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::history::error::HistoryError;
use crate::quantity::{Currency, Money};

/// The checks of one payload; it remembers the currency of the first amount.
pub(super) struct Checks {
    kind: &'static str,
    currency: Cell<Option<Currency>>,
}

impl Checks {
    pub(super) fn of(kind: &'static str) -> Self {
        Self {
            kind,
            currency: Cell::new(None),
        }
    }

    /// An amount is at or above 0 and in the currency of those before it.
    pub(super) fn money(
        &self,
        field: &'static str,
        amount: impl Into<Option<Money>>,
    ) -> Result<(), HistoryError> {
        let Some(found) = amount.into() else {
            return Ok(());
        };
        if found.is_negative() {
            let kind = self.kind;
            return Err(HistoryError::NegativeAmount { kind, field, found });
        }
        let expected = self.currency.get().unwrap_or(found.currency());
        self.currency.set(Some(expected));
        if found.currency() == expected {
            return Ok(());
        }
        Err(HistoryError::Currencies {
            kind: self.kind,
            field,
            expected,
            found: found.currency(),
        })
    }

    /// A quantity is at or above 0.
    pub(super) fn decimal(
        &self,
        field: &'static str,
        quantity: impl Into<Option<Decimal>>,
    ) -> Result<(), HistoryError> {
        match quantity.into() {
            Some(found) if found < Decimal::ZERO => Err(HistoryError::NegativeQuantity {
                kind: self.kind,
                field,
                found,
            }),
            _ => Ok(()),
        }
    }

    /// The second instant is not before the first, where both are known.
    pub(super) fn order(
        &self,
        (earlier, limit): (&'static str, Option<DateTime<Utc>>),
        (field, found): (&'static str, Option<DateTime<Utc>>),
    ) -> Result<(), HistoryError> {
        match (limit, found) {
            (Some(limit), Some(found)) if found < limit => Err(HistoryError::TimeOrder {
                kind: self.kind,
                field,
                earlier,
                limit,
                found,
            }),
            _ => Ok(()),
        }
    }
}

/// Defines a payload: its fields, `new` from the needed ones, `with_…` for the others, readers,
/// and a deserialiser that makes the same checks and refuses unknown fields.
///
/// The word before a field says how it is checked and read: `money` and `decimal` are at or above
/// 0, and every `money` of a payload is in one currency; `checked` is left to the `rule`; `copy`,
/// `text` and `item` hold only valid values, read by value, as `&str` and by reference. `new` is
/// fallible when it is written `fallible new`. A `chosen` field has a default and is always
/// written; an `optional` one is left out when it was not stated.
macro_rules! payload {
    (
        $(#[$meta:meta])*
        $name:ident as $kind:literal;
        $new:tt new {
            $( $(#[$needed_doc:meta])* $needed_mode:ident $needed:ident: $needed_type:ty, )*
        }
        $( chosen {
            $( $(#[$chosen_doc:meta])* $chosen:ident / $with_chosen:ident: $chosen_type:ty, )*
        } )?
        $( optional {
            $( $(#[$stated_doc:meta])* $mode:ident $stated:ident / $with:ident: $stated_type:ty, )*
        } )?
        $( rule $rule:path; )?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        pub struct $name {
            $( $needed: $needed_type, )*
            $($( $chosen: $chosen_type, )*)?
            $($(
                #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
                $stated: Option<$stated_type>,
            )*)?
        }

        impl $name {
            $crate::history::kind::payload::constructor! {
                $new $kind
                ( $( $needed_mode $needed: $needed_type, )* )
                ( $($( $chosen: $chosen_type, )*)? $($( $stated: Option<$stated_type>, )*)? )
            }

            $( $crate::history::kind::payload::reader! {
                $needed_mode $(#[$needed_doc])* $needed: $needed_type
            } )*

            $($(
                $(#[$chosen_doc])*
                #[must_use]
                pub fn $chosen(&self) -> $chosen_type {
                    self.$chosen
                }

                #[doc = concat!("States [`", stringify!($chosen), "`](Self::", stringify!($chosen), ").")]
                #[must_use]
                pub fn $with_chosen(mut self, $chosen: $chosen_type) -> Self {
                    self.$chosen = $chosen;
                    self
                }
            )*)?

            $($(
                $crate::history::kind::payload::reader! {
                    optional $mode $(#[$stated_doc])* $stated: $stated_type
                }
                $crate::history::kind::payload::setter! { $mode $stated / $with: $stated_type }
            )*)?

            /// Makes every check that one field or several together need.
            #[allow(
                dead_code,
                clippy::unnecessary_wraps,
                reason = "a payload that is valid by type has nothing to check"
            )]
            fn checked(self) -> Result<Self, HistoryError> {
                let checks = $crate::history::kind::payload::Checks::of($kind);
                $( $crate::history::kind::payload::check! { $needed_mode checks self.$needed } )*
                $($( $crate::history::kind::payload::check! { $mode checks self.$stated } )*)?
                $( $rule(&self, &checks)?; )?
                let _ = checks;
                Ok(self)
            }
        }

        #[cfg(feature = "serde")]
        const _: () = {
            use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
            use $crate::history::kind::payload::read;

            const FIELDS: &[&str] = &[
                $( stringify!($needed), )*
                $($( stringify!($chosen), )*)?
                $($( stringify!($stated), )*)?
            ];

            struct Fields;

            impl<'de> Visitor<'de> for Fields {
                type Value = $name;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str(concat!("the fields of ", $kind))
                }

                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                    $( let mut $needed: Option<$needed_type> = None; )*
                    $($( let mut $chosen: Option<$chosen_type> = None; )*)?
                    $($( let mut $stated: Option<Option<$stated_type>> = None; )*)?
                    while let Some(name) = map.next_key::<String>()? {
                        match name.as_str() {
                            $( stringify!($needed) => {
                                let form = read::form(stringify!($needed_type));
                                let field = (stringify!($needed), form);
                                read::value($kind, field, &mut $needed, &mut map)?;
                            } )*
                            $($( stringify!($chosen) => {
                                let form = read::form(stringify!($chosen_type));
                                let field = (stringify!($chosen), form);
                                read::value($kind, field, &mut $chosen, &mut map)?;
                            } )*)?
                            $($( stringify!($stated) => {
                                let form = read::form(stringify!($stated_type));
                                let field = (stringify!($stated), form);
                                read::value($kind, field, &mut $stated, &mut map)?;
                            } )*)?
                            unknown => return Err(read::unknown($kind, unknown, FIELDS)),
                        }
                    }
                    let payload = $name {
                        $( $needed: read::needed($kind, stringify!($needed), $needed)?, )*
                        $($( $chosen: $chosen.unwrap_or_default(), )*)?
                        $($( $stated: $stated.flatten(), )*)?
                    };
                    payload.checked().map_err(Error::custom)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_struct(stringify!($name), FIELDS, Fields)
                }
            }
        };
    };
}

macro_rules! constructor {
    (
        fallible $kind:literal
        ( $( $mode:ident $needed:ident: $needed_type:ty, )* )
        ( $( $other:ident: $other_type:ty, )* )
    ) => {
        #[doc = concat!("A `", $kind, "` of which the rest is not stated.")]
        ///
        /// # Errors
        ///
        /// [`HistoryError`], naming the field, what was expected and what came.
        pub fn new($( $needed: $needed_type ),*) -> Result<Self, HistoryError> {
            let payload = Self {
                $( $needed, )*
                $( $other: <$other_type>::default(), )*
            };
            payload.checked()
        }
    };
    (
        plain $kind:literal
        ( $( $mode:ident $needed:ident: $needed_type:ty, )* )
        ( $( $other:ident: $other_type:ty, )* )
    ) => {
        #[doc = concat!("A `", $kind, "` of which the rest is not stated.")]
        #[must_use]
        pub fn new($( $needed: $needed_type ),*) -> Self {
            Self {
                $( $needed, )*
                $( $other: <$other_type>::default(), )*
            }
        }
    };
}

macro_rules! reader {
    (optional text $(#[$doc:meta])* $field:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> Option<&str> {
            self.$field.as_deref()
        }
    };
    (optional item $(#[$doc:meta])* $field:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> Option<&$type> {
            self.$field.as_ref()
        }
    };
    (optional $mode:ident $(#[$doc:meta])* $field:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> Option<$type> {
            self.$field
        }
    };
    (text $(#[$doc:meta])* $field:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> &str {
            &self.$field
        }
    };
    (item $(#[$doc:meta])* $field:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> &$type {
            &self.$field
        }
    };
    ($mode:ident $(#[$doc:meta])* $field:ident: $type:ty) => {
        $(#[$doc])*
        #[must_use]
        pub fn $field(&self) -> $type {
            self.$field
        }
    };
}

macro_rules! setter {
    (text $field:ident / $with:ident: $type:ty) => {
        #[doc = concat!("States [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub fn $with(mut self, $field: impl Into<$type>) -> Self {
            self.$field = Some($field.into());
            self
        }
    };
    (item $field:ident / $with:ident: $type:ty) => {
        $crate::history::kind::payload::setter! { copy $field / $with: $type }
    };
    (copy $field:ident / $with:ident: $type:ty) => {
        #[doc = concat!("States [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        #[must_use]
        pub fn $with(mut self, $field: $type) -> Self {
            self.$field = Some($field);
            self
        }
    };
    ($checked:ident $field:ident / $with:ident: $type:ty) => {
        #[doc = concat!("States [`", stringify!($field), "`](Self::", stringify!($field), ").")]
        ///
        /// # Errors
        ///
        /// [`HistoryError`], naming the field, what was expected and what came.
        pub fn $with(mut self, $field: $type) -> Result<Self, HistoryError> {
            self.$field = Some($field);
            self.checked()
        }
    };
}

macro_rules! check {
    (money $checks:ident $this:ident.$field:ident) => {
        $checks.money(stringify!($field), $this.$field)?;
    };
    (decimal $checks:ident $this:ident.$field:ident) => {
        $checks.decimal(stringify!($field), $this.$field)?;
    };
    ($mode:ident $checks:ident $this:ident.$field:ident) => {};
}

pub(super) use {check, constructor, payload, reader, setter};

/// Reading a payload field by field, so that every message names the kind and the field.
#[cfg(feature = "serde")]
pub(super) mod read {
    use serde::de::{Deserialize, Error, MapAccess};

    use crate::history::instant::INSTANT;

    /// How a value of a type is written, where that is not plain from its error.
    pub(in crate::history::kind) fn form(type_name: &str) -> Option<&'static str> {
        match type_name {
            "DateTime<Utc>" => Some(INSTANT),
            "Money" => Some(r#"{"amount":"12.50","currency":"EUR"}"#),
            "Decimal" => Some("\"12.5\""),
            "Span" => Some(r#"{"length":12.0,"unit":"month"}"#),
            _ => None,
        }
    }

    /// The value of a field that has come.
    pub(in crate::history::kind) fn value<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
        kind: &str,
        (field, form): (&str, Option<&str>),
        place: &mut Option<T>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if place.is_some() {
            return Err(Error::custom(format_args!(
                "{kind}: duplicate field {field}"
            )));
        }
        let refused = |error: A::Error| match form {
            Some(form) => {
                Error::custom(format_args!("{kind}: {field}, written as {form}: {error}"))
            }
            None => Error::custom(format_args!("{kind}: {field}: {error}")),
        };
        *place = Some(map.next_value().map_err(refused)?);
        Ok(())
    }

    /// The value of a field that must have come.
    pub(in crate::history::kind) fn needed<T, E: Error>(
        kind: &str,
        field: &str,
        value: Option<T>,
    ) -> Result<T, E> {
        value.ok_or_else(|| E::custom(format_args!("{kind}: missing field {field}")))
    }

    /// The error for a field that may not come.
    pub(in crate::history::kind) fn unknown<E: Error>(
        kind: &str,
        field: &str,
        fields: &[&str],
    ) -> E {
        let known = fields.join(", ");
        E::custom(format_args!(
            "{kind}: unknown field {field:?}, expected {known}"
        ))
    }
}
