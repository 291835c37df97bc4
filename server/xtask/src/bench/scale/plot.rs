//! Draws figures over the number of chunks, both axes logarithmic, as an SVG that stands alone. It knows nothing of where they come
//! from. What it needs is few lines and circles, less than a crate for plots would bring.

use std::fmt::Write as _;

use super::Row;
use crate::svg::{head, line, polyline, text};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 560.0;
/// Of a panel's frame within its quarter.
const LEFT: f64 = 62.0;
const TOP: f64 = 48.0;
const RIGHT: f64 = 62.0;
const BOTTOM: f64 = 36.0;

const COLORS: [&str; 2] = ["#2563a8", "#b4531b"];

/// One figure, or two of one unit, over the number of chunks.
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) lines: Vec<Line>,
}

/// A figure.
pub(super) struct Line {
    pub(super) name: &'static str,
    /// Chunks and value, both above 0, ascending by chunks.
    pub(super) points: Vec<(f64, f64)>,
    /// The same for trees that were not generated.
    pub(super) real: Vec<(f64, f64)>,
}

pub(super) fn panels(rows: &[Row]) -> Vec<Panel> {
    const MIB: f64 = 1024.0 * 1024.0;
    let line = |name: &'static str, value: &dyn Fn(&Row) -> Option<f64>| {
        let points = |is_generated: bool| {
            let of = rows.iter().filter(|row| row.is_generated == is_generated);
            of.filter_map(|row| Some((row.built.chunks as f64, value(row)?)))
                .filter(|(chunks, value)| 0.0 < *chunks && 0.0 < *value)
                .collect()
        };
        Line { name, points: points(true), real: points(false) }
    };
    vec![
        Panel {
            title: "Building and saving, seconds",
            lines: vec![
                line("CPU", &|row| row.built.cpu_s),
                line("wall", &|row| Some(row.built.wall_s)),
            ],
        },
        Panel {
            title: "Query, milliseconds of a core",
            lines: vec![
                line("p50", &|row| Some(row.asked.cpu.p50_ms)),
                line("p99", &|row| Some(row.asked.cpu.p99_ms)),
            ],
        },
        Panel {
            title: "Peak memory of building, MiB",
            lines: vec![line("", &|row| Some(row.built.peak_bytes? as f64 / MIB))],
        },
        Panel {
            title: "On disk, MiB",
            lines: vec![line("", &|row| Some(row.built.disk_bytes as f64 / MIB))],
        },
    ]
}

/// Four panels, two in a row.
pub(super) fn draw(panels: &[Panel]) -> String {
    let mut out = head((WIDTH, HEIGHT), "Cost of search over the number of chunks");
    for (idx, panel) in panels.iter().enumerate() {
        let (column, row) = ((idx % 2) as f64, (idx / 2) as f64);
        draw_panel(&mut out, panel, column * WIDTH / 2.0, row * (HEIGHT - 30.0) / 2.0);
    }
    let note = "chunks, both axes logarithmic; dashed: growth in proportion; rings: the repositories of the development split together";
    text(&mut out, (WIDTH / 2.0, HEIGHT - 12.0), ("axis", "middle"), note);
    out.push_str("</svg>\n");
    out
}

/// From values to places within a panel.
struct Axes {
    x: (f64, f64),
    y: (f64, f64),
    /// The frame: left, top, right, bottom.
    frame: [f64; 4],
}

impl Axes {
    fn new(panel: &Panel, left: f64, top: f64) -> Option<Axes> {
        let points = || panel.lines.iter().flat_map(|line| line.points.iter().chain(&line.real));
        let x = decades(points().map(|point| point.0))?;
        let y = decades(points().map(|point| point.1))?;
        let right = left + WIDTH / 2.0 - RIGHT;
        let bottom = top + (HEIGHT - 30.0) / 2.0 - BOTTOM;
        Some(Axes { x, y, frame: [left + LEFT, top + TOP, right, bottom] })
    }

    fn place(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let [left, top, right, bottom] = self.frame;
        let share = |value: f64, (low, high): (f64, f64)| (value.log10() - low) / (high - low);
        (left + share(x, self.x) * (right - left), bottom - share(y, self.y) * (bottom - top))
    }
}

/// The whole powers of ten around all values, as exponents; `None` of nothing.
fn decades(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = values.fold((f64::MAX, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    (low <= high).then(|| {
        let (low, high) = (low.log10().floor(), high.log10().ceil());
        (low, high.max(low + 1.0))
    })
}

fn draw_panel(out: &mut String, panel: &Panel, left: f64, top: f64) {
    let Some(axes) = Axes::new(panel, left, top) else { return };
    let [frame_left, frame_top, frame_right, frame_bottom] = axes.frame;
    text(out, (frame_left, frame_top - 14.0), ("title", "start"), panel.title);
    for exponent in axes.y.0 as i32..=axes.y.1 as i32 {
        let (_, y) = axes.place((1.0, 10_f64.powi(exponent)));
        line(out, (frame_left, y), (frame_right, y), "#e4e4e4");
        text(out, (frame_left - 6.0, y + 4.0), ("axis", "end"), &power(exponent));
    }
    for exponent in axes.x.0 as i32..=axes.x.1 as i32 {
        let (x, _) = axes.place((10_f64.powi(exponent), 1.0));
        line(out, (x, frame_top), (x, frame_bottom), "#f0f0f0");
        text(out, (x, frame_bottom + 16.0), ("axis", "middle"), &power(exponent));
    }
    for (figure, color) in panel.lines.iter().zip(COLORS) {
        draw_line(out, &axes, figure, color);
    }
}

fn draw_line(out: &mut String, axes: &Axes, figure: &Line, color: &str) {
    let Line { name, points, real } = figure;
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        // Growth in proportion is a straight line with this slope, from the first point as far as the frame goes.
        let most = 10_f64.powf(axes.y.1) / first.1 * first.0;
        let end = last.0.min(most);
        let (from, to) = (axes.place(*first), axes.place((end, first.1 * end / first.0)));
        let _ = writeln!(
            out,
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{color}\" stroke-opacity=\"0.45\" stroke-dasharray=\"4 4\"/>",
            from.0, from.1, to.0, to.1
        );
        let (x, y) = axes.place(*last);
        text(out, (x + 8.0, y + 4.0), ("axis", "start"), &format!("{name} {}", value(last.1)));
    }
    polyline(out, points.iter().map(|point| axes.place(*point)), color);
    for (points, fill) in [(points, color), (real, "#fff")] {
        for point in points {
            let (x, y) = axes.place(*point);
            let _ = writeln!(
                out,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{fill}\" stroke=\"{color}\" stroke-width=\"1.5\"><title>{} chunks: {}</title></circle>",
                point.0,
                value(point.1)
            );
        }
    }
}

/// 0.01, 100, 10k, 1M.
fn power(exponent: i32) -> String {
    match exponent {
        6.. => format!("{}M", 10_i64.pow(exponent as u32 - 6)),
        4.. => format!("{}k", 10_i64.pow(exponent as u32 - 3)),
        0.. => 10_i64.pow(exponent as u32).to_string(),
        _ => format!("{:.*}", exponent.unsigned_abs() as usize, 10_f64.powi(exponent)),
    }
}

/// Three digits.
fn value(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
