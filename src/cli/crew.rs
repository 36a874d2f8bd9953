//! The processes that share the work of a command, where there are others.

use crate::crew::Crew;
use crate::graph::Graph;

use super::exit::Stop;
use super::session::Session;

#[cfg(not(feature = "cluster"))]
pub use alone::join;
#[cfg(feature = "cluster")]
pub use tied::{join, shares};

/// Without the feature every process is alone.
#[cfg(not(feature = "cluster"))]
mod alone {
    use super::{Crew, Graph, Session, Stop};

    /// A process that works alone.
    #[derive(Debug)]
    pub struct Member;

    /// Nobody to tie up with.
    ///
    /// # Errors
    /// None.
    pub fn join(_: &Session, _: &Graph, _: &dyn Fn() -> String) -> Result<Member, Stop> {
        Ok(Member)
    }

    impl Member {
        /// Nobody shares the work.
        pub fn member(&self) -> Option<&dyn Crew> {
            None
        }

        /// Nobody to tell.
        pub fn fail(&self, stop: Stop) -> Stop {
            stop
        }

        /// This process writes the answer.
        pub fn leave(self, _: &Session) -> bool {
            true
        }
    }
}

/// With the feature: one of several, where `--cluster` says so.
#[cfg(feature = "cluster")]
mod tied {
    use super::{Crew, Graph, Session, Stop};
    use crate::analysis::Ask;
    use crate::cluster::{Hosts, Link, Plan};

    /// A process that works alone or with others.
    pub struct Member(Option<Link>);

    /// Whether a question has work to share.
    pub fn shares(ask: &Ask, session: &Session) -> bool {
        (ask.shares() && session.over.is_none()) || session.options.uncertainty().is_asked()
    }

    /// Ties up with the others that `--cluster` names; `asked` says what is asked, beside the data.
    ///
    /// # Errors
    /// The file of hosts, or as [`Link::join`].
    pub fn join(session: &Session, graph: &Graph, asked: &dyn Fn() -> String) -> Result<Member, Stop> {
        let options = &session.options;
        let (Some(file), Some(process)) = (&options.cluster, options.process) else {
            return Ok(Member(None));
        };
        let hosts = Hosts::read(file).map_err(|why| Stop::usage(why.to_string()))?;
        hosts.check(process, file).map_err(|why| Stop::usage(why.to_string()))?;
        let version = env!("CARGO_PKG_VERSION");
        let about = format!("linchpin: {version}\ndata: {}\nquestion: {}", graph.hash(), asked());
        let plan = Plan { hosts, process, about, resume: options.resume.clone() };
        Link::join(&plan).map(|link| Member(Some(link))).map_err(Stop::failed)
    }

    impl Member {
        /// Those who share the work.
        pub fn member(&self) -> Option<&dyn Crew> {
            self.0.as_ref().map(|link| link as &dyn Crew)
        }

        /// Tells the others that this process cannot go on.
        pub fn fail(&self, stop: Stop) -> Stop {
            if let Some(link) = &self.0 {
                link.fail(&stop.message);
            }
            stop
        }

        /// Leaves the others; whether this process writes the answer.
        pub fn leave(self, session: &Session) -> bool {
            let Some(link) = self.0 else { return true };
            if link.is_first() {
                for (process, tale) in link.tales().iter().enumerate() {
                    let pieces = if tale.pieces == 1 { "piece" } else { "pieces" };
                    let peak = tale.peak as f64 / 1e6;
                    session
                        .note(&format!("process {process}: {} {pieces} of work, {peak:.0} MB", tale.pieces));
                }
            }
            link.is_first()
        }
    }
}
