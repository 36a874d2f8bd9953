//! Connections to all other processes, within a time.
//!
//! `timely` connects by itself as well, but without end and with words on stdout; it takes connections that stand.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// How long whoever connects may take to say who it is.
const HELLO: Duration = Duration::from_secs(5);

/// One connection to every other process, none to itself. A process calls those with smaller numbers and waits for those
/// with larger ones; it listens on its own address alone.
///
/// # Errors
/// Its own address cannot be listened on, or somebody is not there in time.
pub fn connect(
    addresses: &[String],
    process: usize,
    patience: Duration,
) -> Result<Vec<Option<TcpStream>>, String> {
    let own = addresses.get(process).map(String::as_str).unwrap_or_default();
    let deadline = Instant::now() + patience;
    let mut found: Vec<Option<TcpStream>> = addresses.iter().map(|_| None).collect();
    let listener = match process + 1 < addresses.len() {
        true => Some(TcpListener::bind(own).map_err(|why| format!("cannot listen on {own}: {why}"))?),
        false => None,
    };
    for (other, address) in addresses.iter().enumerate().take(process) {
        let stream = call(address, process, deadline)
            .map_err(|why| format!("process {other} at {address} does not answer: {why}"))?;
        if let Some(place) = found.get_mut(other) {
            *place = Some(stream);
        }
    }
    if let Some(listener) = listener {
        wait(&listener, &mut found, process, deadline)?;
    }
    Ok(found)
}

/// Calls until somebody answers, and says who calls.
fn call(address: &str, process: usize, deadline: Instant) -> io::Result<TcpStream> {
    let target = address.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match TcpStream::connect_timeout(&target, left) {
            Ok(mut stream) => {
                stream.set_nodelay(true)?;
                stream.write_all(&(process as u64).to_be_bytes())?;
                return Ok(stream);
            }
            Err(_) if Instant::now() < deadline => sleep(PAUSE),
            Err(why) => return Err(why),
        }
    }
}

/// Waits until all with larger numbers have called. Who is none of them is hung up on.
fn wait(
    listener: &TcpListener,
    found: &mut [Option<TcpStream>],
    process: usize,
    deadline: Instant,
) -> Result<(), String> {
    let say = |why: io::Error| format!("cannot take calls: {why}");
    listener.set_nonblocking(true).map_err(say)?;
    loop {
        let missing: Vec<String> = (process + 1..found.len())
            .filter(|other| found.get(*other).is_some_and(Option::is_none))
            .map(|other| other.to_string())
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        match listener.accept() {
            Ok((mut stream, _)) => {
                let Ok(number) = hear(&mut stream) else { continue };
                let place = found.get_mut(number).filter(|place| number > process && place.is_none());
                if let Some(place) = place {
                    *place = Some(stream);
                }
            }
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                if Instant::now() >= deadline {
                    let who = if missing.len() == 1 { "process" } else { "processes" };
                    return Err(format!("{who} {} did not connect in time", missing.join(", ")));
                }
                sleep(PAUSE);
            }
            Err(why) => return Err(say(why)),
        }
    }
}

/// The number of who calls.
fn hear(stream: &mut TcpStream) -> io::Result<usize> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(HELLO))?;
    let mut bytes = [0u8; 8];
    stream.read_exact(&mut bytes)?;
    stream.set_read_timeout(None)?;
    usize::try_from(u64::from_be_bytes(bytes)).map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_come_is_named() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let addresses = [free, "127.0.0.1:1".to_string()];
        let error = connect(&addresses, 0, Duration::from_millis(120)).unwrap_err();
        assert_eq!(error, "process 1 did not connect in time");
        let error = connect(&addresses, 1, Duration::from_millis(120)).unwrap_err();
        assert!(error.starts_with("process 0 at 127.0.0.1"), "{error}");
    }
}
