//! `linchpin gallery`: every view on the datasets that come with the program, as a folder of figures with a page.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::diagram::view::gallery::{self, GALLERY};
use crate::diagram::{Engine, Format};

use super::exit::{Exit, Stop};
use super::home::Home;
use super::output;
use super::session::{Opened, Session};

/// Draw every view into a folder, with a page that says what to read in it.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Example:
  linchpin gallery -o docs/gallery

Writes README.md and an SVG for each figure; files of other names in the folder stay as they are.")]
pub struct Gallery {}

/// Where the gallery goes when nothing is said.
const FOLDER: &str = "gallery";

impl Gallery {
    /// Draws all.
    ///
    /// # Errors
    /// As the datasets, the views and the output say.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("a gallery")?;
        let folder = session.options.output_file().cloned().unwrap_or_else(|| PathBuf::from(FOLDER));
        if folder.exists() && !folder.is_dir() {
            return Err(Stop::usage(format!("{} is a file, expected a folder", folder.display())));
        }
        let mut opened: BTreeMap<Option<&str>, Opened> = BTreeMap::new();
        let mut commands = Vec::new();
        let mut files: Vec<(String, Vec<u8>)> = Vec::new();
        for exhibit in GALLERY.iter().flat_map(|hall| hall.exhibits) {
            let dataset = match opened.remove(&exhibit.graph) {
                Some(dataset) => dataset,
                None => open(session, exhibit.graph)?,
            };
            let dataset = opened.entry(exhibit.graph).or_insert(dataset);
            let mut draw = exhibit.draw()?;
            session.fill(draw.mentions())?;
            let view = session.view(&dataset.graph)?;
            let mut drawing = draw.draw(&view)?;
            let mut command = draw.command(&view);
            if let Some(option) = dataset.home.option() {
                drawing.name_dataset(&command, &option);
                command.push_str(&format!(" {option}"));
            }
            let drawn = drawing.figure.render(Format::Svg, Engine::Embedded)?;
            drawn.warnings.iter().for_each(|warning| session.note(&format!("{}: {warning}", exhibit.file)));
            files.push((format!("{}.svg", exhibit.file), drawn.bytes));
            commands.push(command);
        }
        files.push(("README.md".to_string(), gallery::page(&commands)?.into_bytes()));
        let count = files.len();
        write(&folder, files)?;
        session.note(&format!("wrote {count} files to {}", folder.display()));
        Ok(Exit::Ok)
    }
}

/// The dataset of an exhibit, told or beside the one told.
fn open(session: &Session, graph: Option<&str>) -> Result<Opened, Stop> {
    match graph {
        None => session.open(),
        Some(name) => {
            let home = Home::beside(session.options.graph().map(PathBuf::as_path), name);
            session.open_at(home.map_err(|why| Stop::usage(format!("the gallery: {why}")))?)
        }
    }
}

fn write(folder: &Path, files: Vec<(String, Vec<u8>)>) -> Result<(), Stop> {
    fs::create_dir_all(folder)
        .map_err(|error| Stop::failed(format!("cannot make {}: {error}", folder.display())))?;
    files.into_iter().try_for_each(|(name, bytes)| output::to_file(&folder.join(name), &bytes))
}
