//! Names of files and anchors.

use std::collections::BTreeSet;

/// The longest part of a name that is used.
const LONGEST: usize = 80;

/// A name as part of a file name and an anchor: small letters, digits and single hyphens.
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= LONGEST {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "query".to_string() } else { out.to_string() }
}

/// The slug of each name, each once: repeated ones are numbered.
pub fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for name in names {
        let plain = slug(name);
        let mut own = plain.clone();
        let mut number = 2;
        while !taken.insert(own.clone()) {
            own = format!("{plain}-{number}");
            number += 1;
        }
        out.push(own);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_safe() {
        assert_eq!(slug("../../Etc/passwd"), "etc-passwd");
        assert_eq!(slug("…"), "query");
        assert_eq!(unique(["a b", "a-b", "A.B"].into_iter()), ["a-b", "a-b-2", "a-b-3"]);
        assert!(slug(&"x".repeat(500)).len() <= LONGEST);
    }
}
