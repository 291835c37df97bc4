//! The few parts of pictures that stand alone: what they need is less than a crate for plots would bring. It knows nothing of figures.

use std::fmt::Write as _;

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:13px}.axis{fill:#666;font-size:11px}";

/// Of this width and height; ends with `</svg>`, which is for the caller to write.
pub(crate) fn head((width, height): (f64, f64), title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    )
}

pub(crate) fn polyline(out: &mut String, points: impl Iterator<Item = (f64, f64)>, color: &str) {
    let path: Vec<String> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
        path.join(" ")
    );
}

pub(crate) fn line(out: &mut String, from: (f64, f64), to: (f64, f64), color: &str) {
    let _ = writeln!(
        out,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{color}\"/>",
        from.0, from.1, to.0, to.1
    );
}

/// `said`: no mark-up in it; all of it is ours.
pub(crate) fn text(
    out: &mut String,
    (x, y): (f64, f64),
    (class, anchor): (&str, &str),
    said: &str,
) {
    let said = said.trim();
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\" text-anchor=\"{anchor}\">{said}</text>"
    );
}
