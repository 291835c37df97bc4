//! Puts the paths of folders that a copy stands for into arguments and variables, and back into output; moves no files.

#[cfg(test)]
mod tests;

/// Names what was moved by its new place, where it stands as a path: at the start, or after what separates paths.
pub(crate) fn moved(text: &str, all: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in all {
        let mut acc = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find(from.as_str()) {
            let (before, found) = rest.split_at(at);
            let after = &found[from.len()..];
            let starts = before
                .chars()
                .next_back()
                .is_none_or(|c| matches!(c, '=' | ':' | ',' | ' ' | '\'' | '"'));
            let ends = after
                .chars()
                .next()
                .is_none_or(|c| matches!(c, '/' | ':' | ',' | ' ' | '\'' | '"'));
            acc.push_str(before);
            acc.push_str(if starts && ends { to } else { from });
            rest = after;
        }
        acc.push_str(rest);
        text = acc;
    }
    text
}

/// Names what was moved by its place on the host again, wherever it stands.
pub(crate) fn moved_back(bytes: Vec<u8>, all: &[(String, String)]) -> Vec<u8> {
    all.iter()
        .fold(bytes, |bytes, (host, inside)| replace(&bytes, inside.as_bytes(), host.as_bytes()))
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut acc = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(first) = rest.iter().position(|byte| *byte == from[0]) {
        acc.extend_from_slice(&rest[..first]);
        rest = &rest[first..];
        if let Some(after) = rest.strip_prefix(from) {
            acc.extend_from_slice(to);
            rest = after;
        } else {
            acc.push(rest[0]);
            rest = &rest[1..];
        }
    }
    acc.extend_from_slice(rest);
    acc
}
