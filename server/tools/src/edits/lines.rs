//! A file as lines that remember their own break, so that an edit in LF terms keeps CRLF, a BOM and a missing last break.
//! Does not look for anchors.

/// The lines of one file; together with `bom` they are the whole text.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    pub(super) bom: &'a str,
    pub(super) lines: Vec<Line<'a>>,
}

/// One line: `text` without its break, and the break as it stands in the file (empty at the end of some files).
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) eol: &'static str,
}

/// Lines `start..end` of the file become `lines`. Indexes are zero-based.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LineEdit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) lines: Vec<String>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        let (bom, body) = match text.strip_prefix('\u{feff}') {
            Some(body) => (&text[..'\u{feff}'.len_utf8()], body),
            None => ("", text),
        };
        let lines = body.split_inclusive('\n').map(Line::new).collect();
        Lines { bom, lines }
    }

    pub(super) fn texts(&self) -> Vec<&'a str> {
        self.lines.iter().map(|line| line.text).collect()
    }

    /// The text after `edits`, which are sorted and disjoint. New lines take the break of the line that they replace or
    /// follow; the file keeps its last break, or its lack of one.
    pub(super) fn apply(&self, edits: &[LineEdit]) -> String {
        let usual = self.usual_eol();
        let mut out: Vec<(&str, &str)> = Vec::with_capacity(self.lines.len());
        let mut at = 0;
        for edit in edits {
            out.extend(self.lines[at..edit.start].iter().map(|line| (line.text, line.eol)));
            let neighbour =
                if edit.start < edit.end { Some(edit.start) } else { edit.start.checked_sub(1) };
            let eol = match neighbour.and_then(|idx| self.lines.get(idx)) {
                Some(line) if !line.eol.is_empty() => line.eol,
                _ => usual,
            };
            out.extend(edit.lines.iter().map(|line| (line.as_str(), eol)));
            at = edit.end;
        }
        out.extend(self.lines[at..].iter().map(|line| (line.text, line.eol)));

        let ends_open = self.lines.last().is_some_and(|line| line.eol.is_empty());
        let last = out.len().saturating_sub(1);
        let mut text = String::from(self.bom);
        for (idx, (line, eol)) in out.into_iter().enumerate() {
            text.push_str(line);
            match (idx == last, ends_open) {
                (true, true) => {}
                _ if eol.is_empty() => text.push_str(usual),
                _ => text.push_str(eol),
            }
        }
        text
    }

    fn usual_eol(&self) -> &'static str {
        let n_crlf = self.lines.iter().filter(|line| line.eol == "\r\n").count();
        let n_lf = self.lines.iter().filter(|line| line.eol == "\n").count();
        if n_lf < n_crlf { "\r\n" } else { "\n" }
    }
}

impl<'a> Line<'a> {
    fn new(line: &'a str) -> Line<'a> {
        if let Some(text) = line.strip_suffix("\r\n") {
            Line { text, eol: "\r\n" }
        } else if let Some(text) = line.strip_suffix('\n') {
            Line { text, eol: "\n" }
        } else {
            Line { text: line, eol: "" }
        }
    }
}
