//! Where a dataset comes from: a folder that is named, the working directory, or the program.

use std::path::{Path, PathBuf};

use crate::builtin;
use crate::dataset::{self, Loaded};
use crate::observer::Observer;
use crate::part::Line;

use super::exit::Stop;
use super::repeat::quoted;

/// Where a dataset comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Home {
    /// A folder or a file.
    Path(PathBuf),
    /// The program: the compiled-in dataset of that name.
    Builtin(String),
}

impl Home {
    /// Where the dataset is looked for when none is named.
    pub const DEFAULT: &str = "graph/ai-infrastructure";

    /// The dataset as told, or the one of the working directory, or the program's own. What is told may be the name of a
    /// compiled-in dataset where no file has that name.
    pub fn usual(told: Option<&Path>) -> Self {
        match told {
            Some(path) if !path.exists() => match path.to_str().filter(|name| is_builtin(name)) {
                Some(name) => Self::Builtin(name.to_string()),
                None => Self::Path(path.to_path_buf()),
            },
            Some(path) => Self::Path(path.to_path_buf()),
            None if Path::new(Self::DEFAULT).is_dir() => Self::Path(PathBuf::from(Self::DEFAULT)),
            None => Self::Builtin(builtin::FLAGSHIP.to_string()),
        }
    }

    /// The dataset that a query names: the one told where it has that name, else the folder of that name beside it. Where
    /// none is told, the folder in `graph` here, else the program's own.
    ///
    /// # Errors
    /// There is none of that name, in words.
    pub fn beside(told: Option<&Path>, name: &str) -> Result<Self, String> {
        if let Some(told) = told {
            let own = Self::usual(Some(told));
            if let Self::Builtin(_) = own {
                let found = is_builtin(name).then(|| Self::Builtin(name.to_string()));
                return found.ok_or_else(|| absent(name, "is compiled in"));
            }
            let whole = std::path::absolute(told).unwrap_or_else(|_| told.to_path_buf());
            if whole.file_stem().is_some_and(|stem| stem == name) {
                return Ok(own);
            }
            let beside = told.parent().map(|parent| parent.join(name)).filter(|path| path.is_dir());
            let beside = beside
                .or_else(|| whole.parent().map(|parent| parent.join(name)).filter(|path| path.is_dir()));
            return beside
                .map(Self::Path)
                .ok_or_else(|| absent(name, &format!("stands beside {}", told.display())));
        }
        let here = Path::new(Self::DEFAULT).with_file_name(name);
        if here.is_dir() {
            return Ok(Self::Path(here));
        }
        let found = is_builtin(name).then(|| Self::Builtin(name.to_string()));
        found.ok_or_else(|| absent(name, "is in graph here or compiled in"))
    }

    /// Reads and checks the dataset, telling an observer how far that has come.
    ///
    /// # Errors
    /// Nothing is there.
    pub fn load(&self, observer: &dyn Observer) -> Result<Loaded, Stop> {
        self.load_in(observer, None)
    }

    /// The same; where there are other processes, the part that this one is to hold.
    ///
    /// # Errors
    /// As [`Home::load`]; a dataset that is compiled in is not shared.
    pub fn load_in(&self, observer: &dyn Observer, line: Option<Line>) -> Result<Loaded, Stop> {
        let known = || builtin::names().collect::<Vec<_>>().join(", ");
        match self {
            Self::Builtin(_) if line.is_some() => {
                Err(Stop::usage("--share links goes with a dataset in a folder: expected --graph DIR"))
            }
            Self::Builtin(name) => builtin::load(name).ok_or_else(|| {
                Stop::usage(format!("no dataset {name} is compiled in; there is {}", known()))
            }),
            Self::Path(path) if !path.exists() => Err(Stop::usage(format!(
                "there is no {}; expected a folder of RON files (`linchpin init DIR` makes one) or a compiled-in dataset: {}",
                path.display(),
                known()
            ))),
            Self::Path(path) => Ok(match line {
                None => dataset::load_observed(path, observer),
                Some(line) => dataset::load_part(path, observer, line),
            }),
        }
    }

    /// How messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Builtin(name) if name == builtin::FLAGSHIP => "the compiled-in dataset".to_string(),
            Self::Builtin(name) => format!("the compiled-in dataset {name}"),
        }
    }

    /// What an answer says about a compiled-in dataset.
    pub fn note(&self) -> Option<String> {
        let Self::Builtin(name) = self else { return None };
        Some(if name == builtin::FLAGSHIP {
            "Uses the dataset compiled into the program, as there is no --graph, no LINCHPIN_GRAPH and no graph/ai-infrastructure here."
                .to_string()
        } else {
            format!("Uses the dataset {name} compiled into the program, as there is no graph/{name} here.")
        })
    }

    /// The option that names it on a command line; `None` for the dataset that is used without one.
    pub fn option(&self) -> Option<String> {
        let word = match self {
            Self::Path(path) if path == Path::new(Self::DEFAULT) => return None,
            Self::Path(path) => path.to_string_lossy().into_owned(),
            Self::Builtin(name) if name == builtin::FLAGSHIP => return None,
            Self::Builtin(name) => name.clone(),
        };
        Some(format!("--graph {}", quoted(&word)))
    }

    /// The name by which a query may ask for it, where it stands beside the usual dataset or is compiled in.
    pub fn sibling(&self) -> Option<String> {
        let own = match self {
            Self::Builtin(name) => Some(name.clone()),
            Self::Path(path) => {
                let parent = Path::new(Self::DEFAULT).parent();
                let name = path.file_name().filter(|_| path.parent() == parent && path.is_dir());
                name.map(|name| name.to_string_lossy().into_owned())
            }
        };
        own.filter(|name| name != builtin::FLAGSHIP)
    }
}

fn is_builtin(name: &str) -> bool {
    builtin::names().any(|own| own == name)
}

fn absent(name: &str, where_to: &str) -> String {
    format!(
        "it asks the dataset {name}, and none of that name {where_to}; to put its question to another dataset, use the command of its \
         analysis with --graph"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_reaches_the_dataset_beside_the_one_told() {
        let told = Path::new("graph/ai-infrastructure");
        let beside = Home::beside(Some(told), "aws-flywheel");
        assert_eq!(beside, Ok(Home::Path(PathBuf::from("graph/aws-flywheel"))));
        let own = Home::beside(Some(Path::new("graph/aws-flywheel/")), "aws-flywheel");
        assert_eq!(own, Ok(Home::Path(PathBuf::from("graph/aws-flywheel/"))));
        let toy = Home::beside(Some(Path::new("graph/toy/merger")), "aws-flywheel");
        assert!(toy.is_err_and(|why| why.contains("beside graph/toy/merger")));
        let program = Home::beside(Some(Path::new("ai-infrastructure")), "aws-flywheel");
        assert_eq!(program, Ok(Home::Builtin("aws-flywheel".to_string())));
        assert_eq!(program.ok().and_then(|home| home.option()).as_deref(), Some("--graph aws-flywheel"));
    }
}
