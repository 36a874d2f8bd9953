//! The command `linchpin`: all of it is in the library's `cli`.

fn main() -> std::process::ExitCode {
    linchpin::cli::run(std::env::args_os())
}
