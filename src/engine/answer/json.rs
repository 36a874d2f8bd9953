//! JSON that a person can read and compare line by line: members and items on lines of their own, but each row of a table, and
//! what a row rests on, on one line.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

/// Members whose items are written on one line each.
const BY_LINE: &[&str] = &["rows", "rests", "rests_on"];

/// A value as JSON.
pub(super) fn to_lines(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    let lines =
        Lines { pretty: PrettyFormatter::new(), depth: 0, flat: None, key: Vec::new(), in_key: false };
    value.serialize(&mut Serializer::with_formatter(&mut bytes, lines))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

/// Pretty down to the items of certain members, flat below.
struct Lines {
    pretty: PrettyFormatter<'static>,
    depth: usize,
    /// The depth below which all is on one line.
    flat: Option<usize>,
    /// The name of the member that is written last.
    key: Vec<u8>,
    in_key: bool,
}

impl Lines {
    fn is_flat(&self) -> bool {
        self.flat.is_some_and(|flat| self.depth > flat)
    }

    /// Enters a list or object.
    fn enter(&mut self) {
        self.depth += 1;
        let named = BY_LINE.iter().any(|name| name.as_bytes() == self.key);
        if self.flat.is_none() && named {
            self.flat = Some(self.depth);
        }
        self.key.clear();
    }

    fn leave(&mut self) {
        if self.flat == Some(self.depth) {
            self.flat = None;
        }
        self.depth -= 1;
        self.key.clear();
    }
}

/// Writes a separator between items on one line.
fn comma<W: ?Sized + io::Write>(writer: &mut W, first: bool) -> io::Result<()> {
    if first { Ok(()) } else { writer.write_all(b", ") }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.enter();
        if self.is_flat() { writer.write_all(b"[") } else { self.pretty.begin_array(writer) }
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let flat = self.is_flat();
        self.leave();
        if flat { writer.write_all(b"]") } else { self.pretty.end_array(writer) }
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if self.is_flat() { comma(writer, first) } else { self.pretty.begin_array_value(writer, first) }
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.is_flat() { Ok(()) } else { self.pretty.end_array_value(writer) }
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.enter();
        if self.is_flat() { writer.write_all(b"{") } else { self.pretty.begin_object(writer) }
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let flat = self.is_flat();
        self.leave();
        if flat { writer.write_all(b"}") } else { self.pretty.end_object(writer) }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.key.clear();
        self.in_key = true;
        if self.is_flat() { comma(writer, first) } else { self.pretty.begin_object_key(writer, first) }
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.is_flat() { Ok(()) } else { self.pretty.end_object_value(writer) }
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, part: &str) -> io::Result<()> {
        if self.in_key {
            self.key.extend_from_slice(part.as_bytes());
        }
        writer.write_all(part.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn rows_stand_on_one_line_each_and_the_value_is_the_same() {
        let value = json!({
            "rows": [["a", 1.5, null], ["rows", [1, 2], {"b": "\"x\""}], []],
            "rests": [], "deep": {"rests_on": [[1, 0.5]], "list": [1, {}]}, "text": "rows"
        });
        let text = super::to_lines(&value).unwrap();
        assert!(text.contains("\n    [\"rows\", [1, 2], {\"b\": \"\\\"x\\\"\"}],\n"), "{text}");
        assert!(text.contains("\"list\": [\n      1,\n      {}\n    ]"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
