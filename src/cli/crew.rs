//! The processes that share the work of a command, where there are others.

use crate::crew::Crew;
use crate::graph::Graph;
use crate::part::Line;

use super::exit::Stop;
use super::session::Session;

#[cfg(not(feature = "cluster"))]
pub use alone::gather;
#[cfg(feature = "cluster")]
pub use tied::{gather, shares, shares_work};

/// Without the feature every process is alone.
#[cfg(not(feature = "cluster"))]
mod alone {
    use super::{Crew, Graph, Line, Session, Stop};

    /// A process that works alone.
    #[derive(Debug)]
    pub struct Member;

    /// Nobody to tie up with.
    ///
    /// # Errors
    /// None.
    pub fn gather(_: &Session, _: &dyn Fn() -> String) -> Result<Member, Stop> {
        Ok(Member)
    }

    impl Member {
        /// Nobody to tie up with.
        ///
        /// # Errors
        /// None.
        pub fn join(self, _: &Session, _: &Graph, _: &dyn Fn() -> String) -> Result<Self, Stop> {
            Ok(self)
        }

        /// Nobody holds other links.
        pub fn line(&self) -> Option<Line> {
            None
        }

        /// Nobody shares the work.
        pub fn member(&self) -> Option<&dyn Crew> {
            None
        }

        /// Nobody to tell.
        pub fn fail(&self, stop: Stop) -> Stop {
            stop
        }

        /// This process writes the answer.
        pub fn leave(self, _: &Session, _: &Graph) -> bool {
            true
        }
    }
}

/// With the feature: one of several, where `--cluster` says so.
#[cfg(feature = "cluster")]
mod tied {
    use std::sync::Arc;

    use super::{Crew, Graph, Line, Session, Stop};
    use crate::analysis::Ask;
    use crate::cluster::{Hosts, Link, Plan, peak_memory};
    use crate::part::Numbers;

    use super::super::options::Share;

    /// A process that works alone or with others.
    pub struct Member {
        link: Option<Arc<Link>>,
        share: Share,
    }

    /// Whether a question can be shared as the options say.
    ///
    /// # Errors
    /// It cannot.
    pub fn shares(ask: &Ask, session: &Session) -> Result<(), Stop> {
        let (options, how) = (&session.options, session.options.uncertainty());
        if options.share == Share::Work {
            return match (ask.shares() && session.over.is_none()) || how.is_asked() {
                true => Ok(()),
                false => Err(Stop::usage(
                    "--cluster goes with systemic-risk, whose failures it shares out, with compare and `linchpin report`, whose answers it shares out, and with --draws, --what-moves and --sobol of any question",
                )),
            };
        }
        let refuse = |with: &str| Err(Stop::usage(format!("--share links does not go with {with}")));
        match ask.shares_links() {
            Err(why) => Err(Stop::usage(format!("--share links: {why}"))),
            Ok(()) if how.is_asked() => {
                refuse("--draws, --what-moves and --sobol, whose work is shared by --share work")
            }
            Ok(()) if session.over.is_some() => refuse("--over"),
            Ok(()) if !options.scope.what_if.is_empty() => refuse("what-ifs"),
            Ok(()) if options.resume.is_some() => {
                refuse("--resume: no piece of it is finished before all are")
            }
            Ok(()) => Ok(()),
        }
    }

    /// Whether the options share the work of a report.
    ///
    /// # Errors
    /// They share its links, which its questions need in one place.
    pub fn shares_work(session: &Session) -> Result<(), Stop> {
        match session.options.share {
            Share::Work => Ok(()),
            Share::Links => Err(Stop::usage("--share links: a report needs all links in one place")),
        }
    }

    /// Ties up with the others before the data are read, where each is to read a part of them.
    ///
    /// # Errors
    /// The file of hosts, or as [`Link::join`].
    pub fn gather(session: &Session, asked: &dyn Fn() -> String) -> Result<Member, Stop> {
        let alone = Member { link: None, share: session.options.share };
        match alone.share {
            Share::Work => Ok(alone),
            Share::Links => alone.tie(session, asked, "links: shared"),
        }
    }

    impl Member {
        /// Ties up with the others that `--cluster` names, where that has not been done; `asked` says what is asked, beside the data.
        ///
        /// # Errors
        /// The file of hosts, or as [`Link::join`].
        pub fn join(
            self,
            session: &Session,
            graph: &Graph,
            asked: &dyn Fn() -> String,
        ) -> Result<Self, Stop> {
            match self.share {
                Share::Work => self.tie(session, asked, &format!("data: {}", graph.hash())),
                Share::Links => Ok(self),
            }
        }

        fn tie(self, session: &Session, asked: &dyn Fn() -> String, data: &str) -> Result<Self, Stop> {
            let options = &session.options;
            let (Some(file), Some(process)) = (&options.cluster, options.process) else { return Ok(self) };
            let hosts = Hosts::read(file).map_err(|why| Stop::usage(why.to_string()))?;
            hosts.check(process, file).map_err(|why| Stop::usage(why.to_string()))?;
            let version = env!("CARGO_PKG_VERSION");
            let about = format!("linchpin: {version}\n{data}\nquestion: {}", asked());
            let plan = Plan { hosts, process, about, resume: options.resume.clone() };
            let link = Link::join(&plan).map_err(Stop::failed)?;
            Ok(Self { link: Some(Arc::new(link)), ..self })
        }

        /// The line to those who hold other links.
        pub fn line(&self) -> Option<Line> {
            let link = self.link.as_ref().filter(|_| self.share == Share::Links)?;
            Some(link.clone())
        }

        /// Those who share the work.
        pub fn member(&self) -> Option<&dyn Crew> {
            let link = self.link.as_ref().filter(|_| self.share == Share::Work)?;
            Some(&**link as &dyn Crew)
        }

        /// Tells the others that this process cannot go on.
        pub fn fail(&self, stop: Stop) -> Stop {
            if let Some(link) = &self.link {
                link.fail(&stop.message);
            }
            stop
        }

        /// Leaves the others; whether this process writes the answer. Process 0 says what each has done.
        pub fn leave(self, session: &Session, graph: &Graph) -> bool {
            let Some(link) = self.link else { return true };
            let told = match self.share {
                Share::Links => held(graph),
                Share::Work => link
                    .tales()
                    .iter()
                    .enumerate()
                    .map(|(process, tale)| {
                        // memory is told with each piece
                        let memory = tale.peak as f64 / 1e6;
                        match tale.pieces {
                            0 => format!("process {process}: no piece of work was left for it"),
                            1 => format!("process {process}: 1 piece of work, {memory:.0} MB"),
                            pieces => format!("process {process}: {pieces} pieces of work, {memory:.0} MB"),
                        }
                    })
                    .collect(),
            };
            if link.is_first() {
                told.iter().for_each(|line| session.note(line));
            }
            link.is_first()
        }
    }

    /// What each process held and sent, a line each.
    fn held(graph: &Graph) -> Vec<String> {
        let part = graph.part();
        let (own, links, traffic) =
            (part.own(graph.len()).count(), graph.facts().links.len(), part.traffic());
        let words = [own as u64, links as u64, traffic.rounds, traffic.bytes, peak_memory()];
        let told = part.tell(&words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>());
        let line = |(process, bytes): (usize, &Vec<u8>)| {
            let mut words = Numbers(bytes);
            let [own, links, rounds, sent, peak] = [(); 5].map(|()| words.word().unwrap_or(0));
            let mega = |bytes: u64| bytes as f64 / 1e6;
            format!(
                "process {process}: {own} entities, {links} links, {:.1} MB sent in {rounds} rounds, {:.0} MB of memory",
                mega(sent),
                mega(peak)
            )
        };
        told.iter().enumerate().map(line).collect()
    }
}
