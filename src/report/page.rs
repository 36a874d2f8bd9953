//! Sections → one HTML page, by templates whose values are escaped.

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, escape_formatter};
use serde::Serialize;

use super::document::Document;
use crate::answer::{printable, unprintable};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str =
    concat!(include_str!("script.js"), include_str!("evidence.js"), include_str!("figure.js"));

/// What the template sees.
#[derive(Serialize)]
struct Page<'a> {
    style: &'a str,
    script: &'a str,
    /// Other forms beside it: the file and what it is.
    also: &'a [(&'a str, &'a str)],
    /// Whether tables and figures stand in files beside it.
    beside: bool,
    /// What the rows of tables rest on, as JSON.
    told: String,
    #[serde(flatten)]
    document: &'a Document<'a>,
}

/// The page. `beside` says whether tables and figures stand in files beside it, `also` are other forms there.
///
/// # Errors
/// What the template engine says.
pub fn page(
    document: &Document<'_>,
    beside: bool,
    also: &[(&str, &str)],
) -> Result<String, minijinja::Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() && text.chars().any(unprintable) => {
            escape_formatter(out, state, &Value::from(printable(text).into_owned()))
        }
        _ => escape_formatter(out, state, value),
    });
    // for our own style and script, and for figures, which escape what they print themselves
    env.add_filter("as_is", |text: &str| Value::from_safe_string(printable(text).into_owned()));
    env.add_template("page", PAGE)?;
    let page = Page { style: STYLE, script: SCRIPT, also, beside, told: document.rests.json(), document };
    env.get_template("page")?.render(Serde(&page))
}
