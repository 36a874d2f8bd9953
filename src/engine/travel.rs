//! What travels between processes, as text in which nothing is lost. JSON is for people and programs: there a thing is its key, parts are
//! rounded, and what is only used while an answer is made is left out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What can be written as text and read again as it was, to the bit.
pub trait Travel: Sized {
    /// Writes it at the end of a text.
    fn put(&self, out: &mut String);

    /// Reads it from the beginning of a text, and leaves the rest. `None` where something else stands there.
    fn take(from: &mut &str) -> Option<Self>;
}

/// The text of something.
pub fn written(own: &impl Travel) -> String {
    let mut text = String::new();
    own.put(&mut text);
    text
}

/// What a text says. `None` where it says something else, less or more.
pub fn read<T: Travel>(mut text: &str) -> Option<T> {
    T::take(&mut text).filter(|_| text.is_empty())
}

/// Says how structs and enums travel: field by field, an enum after the name of its variant. A field or variant that is not named here
/// does not compile.
#[doc(hidden)]
#[macro_export]
macro_rules! travels {
    ($(struct $type:ident { $($field:ident),* $(,)? })*) => {$(
        impl $crate::travel::Travel for $type {
            fn put(&self, out: &mut String) {
                let Self { $($field),* } = self;
                $($crate::travel::Travel::put($field, out);)*
            }

            fn take(from: &mut &str) -> Option<Self> {
                Some(Self { $($field: $crate::travel::Travel::take(from)?),* })
            }
        }
    )*};
    ($(enum $type:ident { $($variant:ident $({ $($field:tt: $name:ident),* })?),* $(,)? })*) => {$(
        impl $crate::travel::Travel for $type {
            fn put(&self, out: &mut String) {
                match self {
                    $(Self::$variant { $($($field: $name),*)? } => {
                        $crate::travel::Travel::put(&stringify!($variant).to_string(), out);
                        $($($crate::travel::Travel::put($name, out);)*)?
                    })*
                }
            }

            fn take(from: &mut &str) -> Option<Self> {
                let variant: String = $crate::travel::Travel::take(from)?;
                match variant.as_str() {
                    $(stringify!($variant) => Some(Self::$variant { $($($field: $crate::travel::Travel::take(from)?),*)? }),)*
                    _ => None,
                }
            }
        }
    )*};
}
pub use crate::travels;

impl Travel for u64 {
    fn put(&self, out: &mut String) {
        out.push_str(&format!("{self:x},"));
    }

    fn take(from: &mut &str) -> Option<Self> {
        let (digits, rest) = from.split_once(',')?;
        *from = rest;
        Self::from_str_radix(digits, 16).ok()
    }
}

/// Numbers travel as 64 bits.
macro_rules! as_bits {
    ($($type:ty: $to:expr, $of:expr;)*) => {$(
        impl Travel for $type {
            fn put(&self, out: &mut String) {
                let to: fn($type) -> u64 = $to;
                to(*self).put(out);
            }

            fn take(from: &mut &str) -> Option<Self> {
                let of: fn(u64) -> Option<Self> = $of;
                of(u64::take(from)?)
            }
        }
    )*};
}

as_bits! {
    f64: f64::to_bits, |bits| Some(f64::from_bits(bits));
    usize: |count| count as u64, |bits| usize::try_from(bits).ok();
    u32: u64::from, |bits| u32::try_from(bits).ok();
    bool: u64::from, |bits| Some(bits == 1);
}

impl Travel for String {
    fn put(&self, out: &mut String) {
        self.len().put(out);
        out.push_str(self);
    }

    fn take(from: &mut &str) -> Option<Self> {
        let length = usize::take(from)?;
        let (own, rest) = from.split_at_checked(length)?;
        *from = rest;
        Some(own.to_string())
    }
}

impl Travel for Cow<'static, str> {
    fn put(&self, out: &mut String) {
        self.to_string().put(out);
    }

    fn take(from: &mut &str) -> Option<Self> {
        String::take(from).map(Self::Owned)
    }
}

impl<T: Travel> Travel for Box<T> {
    fn put(&self, out: &mut String) {
        T::put(self, out);
    }

    fn take(from: &mut &str) -> Option<Self> {
        T::take(from).map(Self::new)
    }
}

impl<T: Travel> Travel for Option<T> {
    fn put(&self, out: &mut String) {
        self.is_some().put(out);
        self.iter().for_each(|own| own.put(out));
    }

    fn take(from: &mut &str) -> Option<Self> {
        if bool::take(from)? { T::take(from).map(Some) } else { Some(None) }
    }
}

impl<T: Travel, E: Travel> Travel for Result<T, E> {
    fn put(&self, out: &mut String) {
        self.is_ok().put(out);
        match self {
            Ok(own) => own.put(out),
            Err(why) => why.put(out),
        }
    }

    fn take(from: &mut &str) -> Option<Self> {
        if bool::take(from)? { T::take(from).map(Ok) } else { E::take(from).map(Err) }
    }
}

impl<A: Travel, B: Travel> Travel for (A, B) {
    fn put(&self, out: &mut String) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut &str) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

/// Lists travel as their length and their elements.
macro_rules! as_list {
    ($([$($of:tt)*] $type:ty;)*) => {$(
        impl<$($of)*> Travel for $type {
            fn put(&self, out: &mut String) {
                self.len().put(out);
                self.iter().for_each(|own| own.put(out));
            }

            fn take(from: &mut &str) -> Option<Self> {
                let length = usize::take(from)?;
                (0..length).map(|_| T::take(from)).collect()
            }
        }
    )*};
}

as_list! {
    [T: Travel] Vec<T>;
    [T: Travel + Ord] BTreeSet<T>;
}

impl<K: Travel + Ord, V: Travel> Travel for BTreeMap<K, V> {
    fn put(&self, out: &mut String) {
        self.len().put(out);
        self.iter().for_each(|(key, value)| {
            key.put(out);
            value.put(out);
        });
    }

    fn take(from: &mut &str) -> Option<Self> {
        Some(Vec::<(K, V)>::take(from)?.into_iter().collect())
    }
}

impl<T: Travel, const N: usize> Travel for [T; N] {
    fn put(&self, out: &mut String) {
        self.iter().for_each(|own| own.put(out));
    }

    fn take(from: &mut &str) -> Option<Self> {
        let all: Option<Vec<T>> = (0..N).map(|_| T::take(from)).collect();
        all?.try_into().ok()
    }
}
