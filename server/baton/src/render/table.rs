//! Plain columns: padded by characters, two spaces between, the last one as long as it is.

use super::style;

/// Pads each column to its widest cell. `styles`: how each column is painted, after padding.
pub(crate) fn columns(rows: &[Vec<String>], styles: &[fn(&str) -> String]) -> Vec<String> {
    let n_columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n_columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (idx, cell) in row.iter().enumerate() {
            let last = idx + 1 == row.len();
            let gap = if last { 0 } else { widths[idx] + 2 - cell.chars().count() };
            let paint = styles.get(idx).copied().unwrap_or(plain);
            line.push_str(&paint(cell));
            line.push_str(&" ".repeat(gap));
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().map(line).collect()
}

pub(crate) fn plain(text: &str) -> String {
    text.to_owned()
}

pub(crate) fn place(text: &str) -> String {
    style::place(text)
}

pub(crate) fn head(text: &str) -> String {
    style::head(text)
}

pub(crate) fn dim(text: &str) -> String {
    style::dim(text)
}
