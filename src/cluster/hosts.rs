//! The file that says where each process listens.

use std::fs;
use std::io;
use std::net::ToSocketAddrs;
use std::path::Path;

/// Where the processes listen, in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    addresses: Vec<String>,
}

/// Why a file of hosts is of no use.
#[derive(Debug, thiserror::Error)]
pub enum HostsError {
    /// It cannot be read.
    #[error("cannot read {file}: {why}")]
    Read {
        /// The file.
        file: String,
        /// What the system says.
        why: io::Error,
    },
    /// Lines that are no addresses, all of them.
    #[error("{}", .0.join("\n"))]
    Lines(Vec<String>),
    /// There is no such process.
    #[error("--process {process}: {file} names {known}, numbered from 0")]
    NoProcess {
        /// The file.
        file: String,
        /// The number asked for.
        process: usize,
        /// How many there are, in words.
        known: String,
    },
}

impl Hosts {
    /// Reads one `host:port` a line; empty lines and what follows `#` are left out.
    ///
    /// # Errors
    /// The file cannot be read, names nobody, or has lines that are no addresses or stand twice.
    pub fn read(path: &Path) -> Result<Self, HostsError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|why| HostsError::Read { file: file.clone(), why })?;
        Self::parse(&text, &file)
    }

    /// The same for a text; `file` is what errors call it.
    ///
    /// # Errors
    /// It names nobody, or has lines that are no addresses or stand twice.
    pub fn parse(text: &str, file: &str) -> Result<Self, HostsError> {
        let mut addresses: Vec<String> = Vec::new();
        let mut faults = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let place = format!("{file}:{}", at + 1);
            if line.to_socket_addrs().map_or(true, |mut found| found.next().is_none()) {
                faults.push(format!(
                    "{place}: expected host:port that can be found, as 10.0.0.1:2101, not {line:?}"
                ));
            } else if addresses.iter().any(|other| other == line) {
                faults
                    .push(format!("{place}: {line} stands twice; every process needs an address of its own"));
            } else {
                addresses.push(line.to_string());
            }
        }
        if faults.is_empty() && addresses.is_empty() {
            faults.push(format!("{file}: expected one host:port a line, found none"));
        }
        if faults.is_empty() { Ok(Self { addresses }) } else { Err(HostsError::Lines(faults)) }
    }

    /// Checks that there is a process of that number.
    ///
    /// # Errors
    /// There is none.
    pub fn check(&self, process: usize, file: &Path) -> Result<(), HostsError> {
        if process < self.addresses.len() {
            return Ok(());
        }
        let known = match self.addresses.len() {
            1 => "1 process".to_string(),
            many => format!("{many} processes"),
        };
        Err(HostsError::NoProcess { file: file.display().to_string(), process, known })
    }

    /// Where each process listens.
    pub fn addresses(&self) -> &[String] {
        &self.addresses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_addresses_and_remarks_are_left_out() {
        let hosts =
            Hosts::parse("# the cluster\n127.0.0.1:2101\n\n 127.0.0.1:2102 # second\n", "hosts").unwrap();
        assert_eq!(hosts.addresses(), ["127.0.0.1:2101", "127.0.0.1:2102"]);
        assert!(hosts.check(1, Path::new("hosts")).is_ok());
        let none = hosts.check(2, Path::new("hosts")).unwrap_err().to_string();
        assert_eq!(none, "--process 2: hosts names 2 processes, numbered from 0");
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let error =
            Hosts::parse("127.0.0.1:2101\nnowhere\n127.0.0.1:2101\n", "hosts").unwrap_err().to_string();
        assert!(
            error.contains("hosts:2: expected host:port")
                && error.contains("hosts:3: 127.0.0.1:2101 stands twice")
        );
        assert!(Hosts::parse("\n", "hosts").unwrap_err().to_string().contains("found none"));
    }
}
