//! `linchpin diagram`: draws a view as DOT (pictures of nodes and edges only), SVG, PNG or PDF.

use std::path::{Path, PathBuf};

use crate::analysis::AnalysisError;
use crate::answer::table_to_csv;
use crate::diagram::page::{self, Sheet};
use crate::diagram::view::{Draw, Drawing, VIEWS, ViewError};
use crate::diagram::{DiagramError, Engine, Format, Warning};

use super::exit::{Exit, Stop};
use super::output;
use super::session::Session;

/// Draw a view.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "\
Examples:
  linchpin diagram supply-map --focus anthropic -o map.svg
  linchpin diagram shock-heat --fail tsmc=0.5 -o shock.png --dpi 300
  linchpin diagram pair --help

The ending of the file says what it is: .dot, .svg, .png or .pdf. Without -o the DOT text goes to stdout. Charts, such
as hhi-bars, have no DOT form.",
    subcommand_value_name = "VIEW",
    subcommand_help_heading = "Views"
)]
pub struct Diagram {
    /// What lays the figure out
    #[arg(long, global = true, value_enum, default_value_t = Layout::Embedded, help_heading = "Drawing")]
    engine: Layout,
    /// Pixels to the inch of a PNG [default: 216]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(36..=1200), help_heading = "Drawing")]
    dpi: Option<u16>,
    /// Hold the figure to a sheet of paper: text of 7 pt or more when printed, or a page for each two tiers, or refused
    #[arg(long, global = true, value_enum, value_name = "SHEET", help_heading = "Drawing")]
    page: Option<Paper>,
    /// Also write what was folded into "others" as a table in CSV
    #[arg(long, global = true, value_name = "FILE.csv", help_heading = "Drawing")]
    folded: Option<PathBuf>,
    #[command(subcommand)]
    view: Draw,
}

/// What lays a figure out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Layout {
    /// The layout in this program: the same bytes on every machine
    Embedded,
    /// Graphviz' dot, where it is installed
    Dot,
}

/// A sheet of paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Paper {
    /// 210 by 297 mm
    A4,
    /// 297 by 420 mm
    A3,
}

impl Diagram {
    /// Draws it.
    ///
    /// # Errors
    /// As the dataset, the view and the output say.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("a diagram")?;
        let format = self.form(session.options.output_file().map(PathBuf::as_path))?;
        let mut wanted = self.view.clone();
        session.fill(wanted.mentions())?;
        let opened = session.open()?;
        let view = session.view(&opened.graph)?;
        let mut drawing = wanted.draw(&view)?;
        if let Some(option) = opened.home.option() {
            drawing.name_dataset(&wanted.command(&view), &option);
        }
        let engine = match self.engine {
            Layout::Embedded => Engine::Embedded,
            Layout::Dot => Engine::Dot,
        };
        let drawn = match self.page {
            None => drawing.figure.render(format, engine)?,
            Some(paper) => return self.on_paper(session, &drawing, paper, format),
        };
        if let Some(path) = &self.folded {
            output::to_file(path, table_to_csv(&drawing.folded)?.as_bytes())?;
            session.note(&format!("wrote {}", path.display()));
        }
        session.write(&drawn.bytes)?;
        opened.home.note().iter().for_each(|note| session.note(note));
        let folded = drawing.folded.rows.len();
        if folded > 0 && self.folded.is_none() {
            session.note(&format!("{folded} rows are folded or left out; --folded FILE.csv lists them"));
        }
        drawn.warnings.iter().for_each(|warning| session.note(&warning.to_string()));
        Ok(Exit::Ok)
    }

    /// What the name of the file says.
    fn form(&self, path: Option<&Path>) -> Result<Format, Stop> {
        let ending = path.and_then(Path::extension).and_then(|ending| ending.to_str()).unwrap_or_default();
        let format = match (path, ending.to_ascii_lowercase().as_str()) {
            (None, _) | (_, "dot" | "gv") => Format::Dot,
            (_, "svg") => Format::Svg,
            (_, "png") => self.dpi.map_or(Format::PNG, |dpi| Format::Png { dpi }),
            (_, "pdf") => Format::Pdf,
            (Some(path), _) => {
                let expected = "expected a name that ends in .dot, .svg, .png or .pdf";
                return Err(Stop::usage(format!("{}: {expected}", path.display())));
            }
        };
        match (self.dpi, format) {
            (None, _) | (_, Format::Png { .. }) => Ok(format),
            _ => Err(Stop::usage("--dpi goes with an image: expected -o with a name that ends in .png")),
        }
    }

    /// Draws it as one page or as several, and says the size of the print.
    fn on_paper(
        &self,
        session: &Session,
        drawing: &Drawing,
        paper: Paper,
        format: Format,
    ) -> Result<Exit, Stop> {
        let Some(path) = session.options.output_file().filter(|_| format != Format::Dot) else {
            let why = "--page is for what is printed: expected -o FILE that ends in .svg, .png or .pdf";
            return Err(Stop::usage(why.to_string()));
        };
        if self.engine == Layout::Dot {
            let why =
                "--page goes with the layout of this program, whose sizes it knows, not with --engine dot";
            return Err(Stop::usage(why.to_string()));
        }
        let sheet = match paper {
            Paper::A4 => Sheet::A4,
            Paper::A3 => Sheet::A3,
        };
        let pages = page::pages(&drawing.figure, sheet)?;
        let count = pages.len();
        if count > 1 {
            session.note(&format!(
                "too small to read as one page of {}: split into {count}, one for each two neighbouring tiers",
                sheet.name()
            ));
        }
        for (at, page) in pages.iter().enumerate() {
            let drawn = page.render(format, Engine::Embedded)?;
            let path = if count == 1 { path.clone() } else { numbered(path, at + 1) };
            output::to_file(&path, &drawn.bytes)?;
            let size = page::printed_text_size(page, sheet);
            session.note(&format!(
                "wrote {}; printed on {}, text is {size:.1} pt",
                path.display(),
                sheet.name()
            ));
            // the size is said for the sheet that was asked for
            let others =
                drawn.warnings.iter().filter(|warning| !matches!(warning, Warning::SmallPrint { .. }));
            others.for_each(|warning| session.note(&warning.to_string()));
        }
        if let Some(path) = &self.folded {
            output::to_file(path, table_to_csv(&drawing.folded)?.as_bytes())?;
            session.note(&format!("wrote {}", path.display()));
        }
        Ok(Exit::Ok)
    }
}

/// `map.svg` as `map-1.svg`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let part = |part: Option<&std::ffi::OsStr>| {
        part.map(|part| part.to_string_lossy()).unwrap_or_default().into_owned()
    };
    path.with_file_name(format!("{}-{number}.{}", part(path.file_stem()), part(path.extension())))
}

impl From<ViewError> for Stop {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::UnknownKey(unknown) => AnalysisError::UnknownKey(unknown).into(),
            ViewError::Scenario(error) => AnalysisError::Scenario(error).into(),
            ViewError::Invalid { .. } => Self::usage(error.to_string()),
            ViewError::NoData(_) => Self::failed(error.to_string()),
        }
    }
}

impl From<DiagramError> for Stop {
    fn from(error: DiagramError) -> Self {
        match error {
            DiagramError::ChartForm(_) => Self::usage(error.to_string()),
            _ => Self::failed(error.to_string()),
        }
    }
}

/// Tells each view's command what its card says.
pub fn describe(command: clap::Command) -> clap::Command {
    command.mut_subcommand("diagram", |diagram| {
        VIEWS.iter().fold(diagram, |diagram, card| {
            if diagram.find_subcommand(card.name).is_none() {
                return diagram;
            }
            diagram.mut_subcommand(card.name, |view| {
                view.long_about(card.shows)
                    .after_help(format!("Example:\n  {} -o {}.svg", card.example, card.name))
            })
        })
    })
}
