//! Whether an answer that was written as JSON comes out the same again, and where not.

use serde_json::Value;

/// Differences of one kind that are told one by one.
const TOLD: usize = 10;

/// What differs between two answers in JSON, one sentence each; empty where nothing does. The heading, the words of the question and the
/// command are no results and may differ.
///
/// Cost: one pass over both.
pub fn differences(was: &Value, is: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut plain = |place: &str, words: &str| {
        let (was, is) = (at(was, place), at(is, place));
        if was != is {
            found.push(format!("{words}: was {}, is {}", shown(was), shown(is)));
        }
    };
    plain("schema", "schema of the answer");
    plain("engine.name", "program");
    plain("engine.version", "version of the program");
    plain("graph.name", "name of the dataset");
    plain("graph.sha256", "content of the dataset");
    plain("scope", "scope");
    plain("query", "question");
    plain("seed", "seed");
    plain("analysis", "analysis");
    plain("status", "status");
    tables(list(was, "tables"), list(is, "tables"), &mut found);
    let findings = |own: &Value| texts(list(own, "findings"), "text");
    lines("finding", &findings(was), &findings(is), &mut found);
    let caveats = |own: &Value| texts(list(own, "caveats"), "text");
    lines("caveat", &caveats(was), &caveats(is), &mut found);
    let records = |own: &Value| {
        let records = list(at(own, "evidence"), "records").iter();
        records
            .map(|own| format!("{}: {}", shown(at(own, "key")), shown(at(own, "says"))))
            .collect::<Vec<_>>()
    };
    lines("record of the evidence", &records(was), &records(is), &mut found);
    if found.is_empty() {
        rest(was, is, &mut found);
    }
    found
}

/// What differs outside the parts that have a sentence of their own. In which file a record stands is no content.
fn rest(was: &Value, is: &Value, found: &mut Vec<String>) {
    let (was, is) = (&without_places(was), &without_places(is));
    let (Value::Object(was), Value::Object(is)) = (was, is) else { return };
    let free = ["command", "title", "question"];
    let mut keys: Vec<&String> = was.keys().chain(is.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        if !free.contains(&key.as_str()) && was.get(key) != is.get(key) {
            found.push(format!("{key} differs in a detail"));
        }
    }
}

fn without_places(answer: &Value) -> Value {
    let mut answer = answer.clone();
    // what is told of chosen numbers follows from the rest, and whoever asks again may not choose the same
    if let Some(evidence) = answer.pointer_mut("/evidence").and_then(Value::as_object_mut) {
        evidence.remove("values");
    }
    let records = answer.pointer_mut("/evidence/records").and_then(Value::as_array_mut);
    for record in records.into_iter().flatten().filter_map(Value::as_object_mut) {
        record.remove("place");
    }
    answer
}

fn at<'v>(value: &'v Value, place: &str) -> &'v Value {
    place.split('.').fold(value, |value, key| value.get(key).unwrap_or(&Value::Null))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn texts(list: &[Value], key: &str) -> Vec<String> {
    list.iter().map(|own| own.get(key).and_then(Value::as_str).unwrap_or_default().to_string()).collect()
}

/// A value in a line.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "nothing".to_string(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(160) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Lines that only one side has.
fn lines(noun: &str, was: &[String], is: &[String], found: &mut Vec<String>) {
    if was == is {
        return;
    }
    let gone: Vec<&String> = was.iter().filter(|own| !is.contains(own)).collect();
    let come: Vec<&String> = is.iter().filter(|own| !was.contains(own)).collect();
    if gone.is_empty() && come.is_empty() {
        found.push(format!("{noun}: the same ones in another order or number"));
    }
    for (word, lines) in [("no longer there", gone), ("new", come)] {
        for line in lines.iter().take(TOLD) {
            found.push(format!("{noun} {word}: {line}"));
        }
        if lines.len() > TOLD {
            found.push(format!("{} more of these", lines.len() - TOLD));
        }
    }
}

fn tables(was: &[Value], is: &[Value], found: &mut Vec<String>) {
    let name = |own: &Value| shown(at(own, "name"));
    for own in is.iter().filter(|own| !was.iter().any(|old| name(old) == name(own))) {
        found.push(format!("table {}: new", name(own)));
    }
    for old in was {
        let table = name(old);
        match is.iter().find(|own| name(own) == table) {
            None => found.push(format!("table {table}: no longer there")),
            Some(own) => cells(&table, old, own, found),
        }
    }
}

/// The cells of one table that differ, row by row.
fn cells(table: &str, was: &Value, is: &Value, found: &mut Vec<String>) {
    let names = |own: &Value| texts(list(own, "columns"), "name");
    let (old_columns, columns) = (names(was), names(is));
    lines(&format!("table {table}, column"), &old_columns, &columns, found);
    let (old_rows, rows) = (list(was, "rows"), list(is, "rows"));
    if old_rows.len() != rows.len() {
        found.push(format!("table {table}: had {} rows, has {}", old_rows.len(), rows.len()));
    }
    let mut more = 0;
    let mut told = 0;
    for (number, (old, own)) in old_rows.iter().zip(rows).enumerate() {
        for (place, column) in old_columns.iter().enumerate() {
            let Some(now) = columns.iter().position(|own| own == column) else { continue };
            let cell = |row: &Value, at: usize| row.get(at).cloned().unwrap_or(Value::Null);
            let (before, after) = (cell(old, place), cell(own, now));
            if before == after {
                continue;
            }
            if told == TOLD {
                more += 1;
                continue;
            }
            told += 1;
            let head = shown(&cell(old, 0));
            found.push(format!(
                "table {table}, row {} ({head}), {column}: was {}, is {}",
                number + 1,
                shown(&before),
                shown(&after)
            ));
        }
    }
    if more > 0 {
        found.push(format!("table {table}: {more} more cells differ"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer() -> Value {
        json!({
            "schema": 1, "engine": { "name": "linchpin", "version": "1" }, "graph": { "name": "g", "sha256": "aa" },
            "scope": { "as_of": "2026-01-01" }, "query": "Tiers()", "seed": 0, "command": "x", "title": "T",
            "tables": [{ "name": "t", "columns": [{ "name": "who" }, { "name": "share" }], "rows": [["a", 0.5], ["b", 0.25]] }],
            "findings": [{ "text": "a has half." }], "caveats": [], "status": { "state": "complete" },
            "evidence": { "records": [{ "key": "r", "says": "a supplies b" }], "sources": [] },
        })
    }

    #[test]
    fn the_same_is_the_same_whatever_it_is_called() {
        let mut other = answer();
        (other["title"], other["command"]) = (json!("another"), json!("y"));
        assert!(differences(&answer(), &other).is_empty());
    }

    #[test]
    fn every_difference_is_named() {
        let mut other = answer();
        other["graph"]["sha256"] = json!("bb");
        other["tables"][0]["rows"][1][1] = json!(0.75);
        other["findings"][0]["text"] = json!("b has most.");
        other["evidence"]["records"][0]["says"] = json!("a supplies b: $1bn");
        assert_eq!(
            differences(&answer(), &other),
            [
                "content of the dataset: was aa, is bb",
                "table t, row 2 (b), share: was 0.25, is 0.75",
                "finding no longer there: a has half.",
                "finding new: b has most.",
                "record of the evidence no longer there: r: a supplies b",
                "record of the evidence new: r: a supplies b: $1bn",
            ]
        );
        let mut detail = answer();
        detail["evidence"]["sources"] = json!([{ "key": "s" }]);
        assert_eq!(differences(&answer(), &detail), ["evidence differs in a detail"]);
    }
}
