//! Reports of load, read from files.

use std::io;
use std::path::{Path, PathBuf};

use super::fault::ReportFault;
use crate::args::is_stdin;
use crate::bench::report::Report;
use crate::bounded::{self, MIB};

/// No report is larger: that of a day has less than half.
const MOST: u64 = 1024 * MIB;

/// The reports in these files, in their order; - is stdin.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Report>, ReportFault> {
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(ReportFault::StdinTwice);
    }
    paths.iter().map(|path| read_one(path)).collect()
}

fn read_one(path: &Path) -> Result<Report, ReportFault> {
    let name = if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
    let bytes =
        if is_stdin(path) { bounded::read_from(io::stdin().lock(), MOST) } else { bounded::read(path, MOST) };
    let bytes = bytes.map_err(|error| ReportFault::Read(name.clone(), error))?;
    Report::read(&bytes).map_err(|error| ReportFault::NoReport(name, error))
}
