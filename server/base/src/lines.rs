//! Whole lines, as git counts them (a line ends with `\n`) and as editors do; only arithmetic on texts.

use crate::{ByteRange, TextEdit};

#[cfg(test)]
mod tests;

/// The same change to `old` in whole `\n` lines: touching edits joined, equal lines at their ends left out.
///
/// `edits`: sorted, disjoint, at character starts of `old`.
/// The result is a fixed point: widening it, or any part of it, changes nothing.
pub(crate) fn widen_to_lines(old: &str, edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut widened = Vec::with_capacity(edits.len());
    let mut rest = edits.into_iter().peekable();
    while let Some(edit) = rest.next() {
        let start = line_start(old, edit.range.start);
        let mut text = old[start..edit.range.start].to_owned() + &edit.text;
        let mut copied = edit.range.end;
        let end = loop {
            let ends_here = ends_line(&text) && line_start(old, copied) == copied;
            let end = if ends_here { copied } else { line_end(old, copied) };
            match rest.next_if(|next| line_start(old, next.range.start) <= end) {
                Some(next) => {
                    text.push_str(&old[copied..next.range.start]);
                    text.push_str(&next.text);
                    copied = next.range.end;
                }
                None => break end,
            }
        };
        text.push_str(&old[copied..end]);
        widened.extend(without_equal_lines(old, ByteRange::new(start, end), &text));
    }
    widened
}

fn without_equal_lines(old: &str, range: ByteRange, text: &str) -> Option<TextEdit> {
    let ByteRange { mut start, mut end } = range;
    let mut text = text;
    while let (Some(removed), Some(added)) = (first_line(&old[start..end]), first_line(text)) {
        if removed != added {
            break;
        }
        start += removed.len();
        text = &text[added.len()..];
    }
    while let (Some(removed), Some(added)) = (last_line(&old[start..end]), last_line(text)) {
        if removed != added {
            break;
        }
        end -= removed.len();
        text = &text[..text.len() - added.len()];
    }
    if start == end && text.is_empty() {
        return None;
    }
    Some(TextEdit { range: ByteRange::new(start, end), text: text.to_owned() })
}

/// The start of the `\n` line that `offset` lies in.
pub(crate) fn line_start(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1)
}

/// The end of the `\n` line that `offset` lies in, after its break.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    let rest = &text.as_bytes()[offset..];
    rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |found| offset + found + 1)
}

/// The `\n` line that starts at `offset`; empty at the end.
pub(crate) fn line_after(text: &str, offset: usize) -> &str {
    &text[offset..line_end(text, offset)]
}

/// The `\n` line that ends at `offset`; empty at the start.
pub(crate) fn line_before(text: &str, offset: usize) -> &str {
    let start = offset.checked_sub(1).map_or(0, |last| line_start(text, last));
    &text[start..offset]
}

fn ends_line(text: &str) -> bool {
    text.is_empty() || text.ends_with('\n')
}

fn first_line(text: &str) -> Option<&str> {
    text.split_inclusive('\n').next()
}

fn last_line(text: &str) -> Option<&str> {
    text.split_inclusive('\n').next_back()
}

/// How often a line ends in `text` as editors see it: at `\n`, `\r\n` and a lone `\r`.
pub(crate) fn editor_breaks(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let breaks = bytes.iter().enumerate().filter(|(idx, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(idx + 1) != Some(&b'\n'),
        _ => false,
    });
    to_u32(breaks.count())
}

/// Lines that `text` takes up in an editor; a last one needs no break.
pub(crate) fn editor_lines(text: &str) -> u32 {
    let open = !text.is_empty() && !text.ends_with(['\n', '\r']);
    editor_breaks(text) + u32::from(open)
}

/// Lines that git counts in `text`.
pub(crate) fn git_lines(text: &str) -> u32 {
    to_u32(text.split_inclusive('\n').count())
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
