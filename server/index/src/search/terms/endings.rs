//! Whether a word can have a stem, told from its ending: most words that begin alike go on with another word, and to find the
//! stem of each takes far longer than to see that.
//! It says yes too often, never too seldom.

/// What the English stemmer takes off, cut into pieces, by their first letter: each ending that it knows, and what its steps
/// leave of longer ones, is some of these one after the other.
///
/// Source: Porter 2001, Snowball, the English (Porter2) stemmer.
fn pieces(first: u8) -> &'static [&'static [u8]] {
    match first {
        b'a' => &[b"al", b"at", b"ant", b"anc", b"abl", b"abil"],
        b'd' => &[b"d"],
        b'e' => &[b"e", b"ent", b"enc"],
        b'f' => &[b"ful"],
        b'i' => &[b"i", b"ing", b"it", b"iz", b"iv", b"ic", b"ism", b"ibl", b"ibil"],
        b'l' => &[b"l"],
        b'm' => &[b"ment"],
        b'n' => &[b"ness"],
        b'o' => &[b"on", b"or", b"ou"],
        b'r' => &[b"r"],
        b's' => &[b"s"],
        b'y' => &[b"y"],
        _ => &[],
    }
}

/// Letters of which the second goes when they stand twice before `ed` or `ing`.
const DOUBLED: &[u8] = b"bdfgmnprt";

/// Whether the stemmer can take `rest` off a word that begins with `prefix`; an `i` in the stem may be a `y` there, and counts as
/// part of the rest.
pub(super) fn can_go(prefix: &str, rest: &str) -> bool {
    let rest = rest.as_bytes();
    let is_doubled = rest
        .first()
        .is_some_and(|first| DOUBLED.contains(first) && prefix.as_bytes().last() == Some(first));
    is_made_of_pieces(rest) || (is_doubled && is_made_of_pieces(&rest[1..]))
}

fn is_made_of_pieces(rest: &[u8]) -> bool {
    if 63 < rest.len() {
        return true;
    }
    // A bit for each place that pieces reach to.
    let mut reached = 1_u64;
    for (at, first) in rest.iter().enumerate() {
        if reached >> at == 0 {
            return false;
        }
        if reached >> at & 1 == 1 {
            for piece in pieces(*first) {
                reached |= u64::from(rest[at..].starts_with(piece)) << (at + piece.len()).min(63);
            }
        }
    }
    reached >> rest.len() & 1 == 1
}

#[cfg(test)]
mod tests;
