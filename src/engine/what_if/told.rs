//! How a question gives a scenario or a patch: by name, or as a whole.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How files and parameters are written in RON: bare optional values, and `Concentration(market: "hbm")`.
pub fn ron_options() -> ron::Options {
    let extensions =
        ron::extensions::Extensions::IMPLICIT_SOME | ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES;
    ron::Options::default().with_default_extension(extensions)
}

/// Something that can be told by name or in full.
pub trait Telling: DeserializeOwned + Serialize {
    /// What it is called.
    const NOUN: &'static str;
    /// How it is written out.
    const EXAMPLE: &'static str;
}

/// Something by its name, or written out.
#[derive(Clone, Debug)]
pub enum Told<T> {
    /// The name of a file of the library, or of the dataset's own.
    Named(String),
    /// The thing itself, and under which name it was found, which says nothing more about it.
    Inline(Box<T>, Option<String>),
}

impl<T: PartialEq> PartialEq for Told<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Named(a), Self::Named(b)) => a == b,
            (Self::Inline(a, _), Self::Inline(b, _)) => a == b,
            _ => false,
        }
    }
}

impl<T> Told<T> {
    /// The name that is still to be looked up.
    pub fn open_name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Inline(..) => None,
        }
    }
}

impl<T: Telling> Told<T> {
    /// As a word of a command line: its name, or all of it.
    pub fn word(&self) -> String {
        match self {
            Self::Named(name) | Self::Inline(_, Some(name)) => name.clone(),
            Self::Inline(told, None) => ron_options().to_string(told).unwrap_or_default(),
        }
    }
}

impl<T: Telling> FromStr for Told<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.trim_start().starts_with('(') {
            return Ok(Self::Named(text.to_string()));
        }
        let told = ron_options()
            .from_str(text)
            .map_err(|error| format!("expected a {} as {}: {error}", T::NOUN, T::EXAMPLE))?;
        Ok(Self::Inline(Box::new(told), None))
    }
}

impl<T: Serialize> Serialize for Told<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(name) => serializer.serialize_str(name),
            Self::Inline(told, _) => told.serialize(serializer),
        }
    }
}

impl<'de, T: Telling> Deserialize<'de> for Told<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Given(PhantomData))
    }
}

struct Given<T>(PhantomData<T>);

impl<'de, T: Telling> Visitor<'de> for Given<T> {
    type Value = Told<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name of a {}, or one written out as {}", T::NOUN, T::EXAMPLE)
    }

    fn visit_str<E>(self, name: &str) -> Result<Told<T>, E> {
        Ok(Told::Named(name.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Told<T>, A::Error> {
        let told = T::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Told::Inline(Box::new(told), None))
    }
}
