//! The program `dot`, for those who ask for it.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};
use std::thread;

use super::DiagramError;

/// Has `dot` turn DOT text into a file of the given format (`svg`, `png`, `pdf`, …).
///
/// # Errors
/// `dot` is not there, or fails.
pub fn run(dot: &str, format: &str) -> Result<Vec<u8>, DiagramError> {
    run_with(dot, format, &[])
}

/// The same with further arguments.
///
/// # Errors
/// `dot` is not there, or fails.
pub fn run_with(dot: &str, format: &str, more: &[&str]) -> Result<Vec<u8>, DiagramError> {
    let mut child = Command::new("dot")
        .arg(format!("-T{format}"))
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => DiagramError::DotMissing,
            _ => DiagramError::Io(error),
        })?;
    // Written from a second thread: `dot` may fill its output pipe before it has read everything.
    let writer = child.stdin.take().map(|mut stdin| {
        let text = dot.to_string();
        thread::spawn(move || stdin.write_all(text.as_bytes()))
    });
    let output = child.wait_with_output()?;
    let written = writer.and_then(|writer| writer.join().ok());
    if !output.status.success() {
        return Err(DiagramError::DotFailed(String::from_utf8_lossy(&output.stderr).trim().to_string()));
    }
    if let Some(Err(error)) = written {
        return Err(DiagramError::Io(error));
    }
    Ok(output.stdout)
}
