//! Makes, opens, asks and changes the index of a workspace, by the calls that the product makes.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::AbsPathBuf;
use index::embed::table::StaticTable;
use index::{Index, Query};
use serde_json::{Value, json};
use vfs::Vfs;

use crate::{Outcome, process};

/// How often each question is asked again.
const ROUNDS: usize = 5;
/// Questions of a file that are asked, from all its parts.
const MAX_QUERIES: usize = 400;
/// Files that are changed.
const EDITED: usize = 40;
/// Changed first and not counted: each language's queries are compiled when they are first used.
const WARM_UP: usize = 40;

/// From nothing to a saved index.
pub(crate) fn build(root: AbsPathBuf, saved: &AbsPathBuf) -> Outcome<Value> {
    let (start_bytes, cpu) = (process::peak_bytes(), process::cpu_s());
    let start = Instant::now();
    let vfs = Vfs::open(root)?;
    let listed = start.elapsed();
    let index = opened(saved);
    let updated = index.update(&vfs.snapshot());
    let indexed = start.elapsed();
    let update_bytes = process::peak_bytes();
    index.save()?;
    let all = start.elapsed();
    let cpu = process::cpu_s().zip(cpu).map(|(now, before)| now - before);
    // What comes now is for the table only, and takes memory of its own.
    let (peak_bytes, anonymous_bytes) = (process::peak_bytes(), process::anonymous_bytes());
    let stats = index.stats();
    let (lines, bytes) = size(&vfs);
    Ok(json!({
        "files": stats.files, "chunks": stats.chunks, "words": stats.words, "lines": lines, "bytes": bytes,
        "list_s": s(listed), "update_s": s(indexed - listed), "save_s": s(all - indexed),
        "wall_s": s(all), "cpu_s": cpu,
        "start_bytes": start_bytes, "update_bytes": update_bytes, "peak_bytes": peak_bytes,
        "anonymous_bytes": anonymous_bytes,
        "disk_bytes": stats.bytes_on_disk, "segments": stats.segments, "skipped": updated.skipped.len(),
        "is_complete": updated.is_complete, "notes": updated.notes,
    }))
}

/// From a saved index to one that answers.
pub(crate) fn open(root: AbsPathBuf, saved: &AbsPathBuf) -> Outcome<Value> {
    let start = Instant::now();
    let vfs = Vfs::open(root)?;
    let listed = start.elapsed();
    let index = opened(saved);
    let mapped = start.elapsed();
    let updated = index.update(&vfs.snapshot());
    let all = start.elapsed();
    Ok(json!({
        "files": updated.seen, "unchanged": updated.unchanged,
        "list_ms": ms(listed), "open_ms": ms(mapped - listed), "update_ms": ms(all - mapped),
        "warm_ms": ms(all - listed),
    }))
}

/// Asks each question once, then all of them again and again.
pub(crate) fn ask(root: AbsPathBuf, saved: &AbsPathBuf, queries: &str) -> Outcome<Value> {
    let vfs = Vfs::open(root)?;
    let index = opened(saved);
    index.update(&vfs.snapshot());
    let queries: Vec<&str> = queries.lines().filter(|line| !line.trim().is_empty()).collect();
    let every = queries.len().div_ceil(MAX_QUERIES).max(1);
    let queries: Vec<Query> = queries.into_iter().step_by(every).map(Query::new).collect();
    let mut first = Vec::new();
    let mut again = Vec::new();
    let mut n_hits = 0;
    for query in &queries {
        let (hits, time) = timed(|| index.search(query).len());
        n_hits += hits;
        first.push(time);
    }
    let mut of_core = Vec::new();
    for _ in 0..ROUNDS {
        for query in &queries {
            let before = process::thread_time();
            again.push(timed(|| index.search(query)).1);
            of_core.push(process::thread_time().saturating_sub(before));
        }
    }
    let stats = index.stats();
    Ok(json!({
        "chunks": stats.chunks, "segments": stats.segments, "queries": queries.len(), "hits": n_hits,
        "first": spread(first), "again": spread(again), "cpu": spread(of_core),
        "peak_bytes": process::peak_bytes(), "anonymous_bytes": process::anonymous_bytes(),
    }))
}

/// Types into files that are open, then changes files on disk: each time until the index is up to it.
pub(crate) fn edit(root: AbsPathBuf, saved: &AbsPathBuf) -> Outcome<Value> {
    let vfs = Vfs::open(root.clone())?;
    let index = opened(saved);
    index.update(&vfs.snapshot());
    let snap = vfs.snapshot();
    let paths: Vec<_> = snap.files().map(|file| file.path.clone()).collect();
    let every = (paths.len() / (WARM_UP + EDITED)).max(1);
    let mut typed = Vec::new();
    let mut changed = Vec::new();
    for (idx, path) in paths.iter().step_by(every).take(WARM_UP + EDITED).enumerate() {
        let Ok(text) = snap.read(path) else { continue };
        vfs.open_buffer(path.clone(), 1, &format!("{text}\nnew_word_{idx}\n"));
        let time = timed(|| index.update(&vfs.snapshot())).1;
        typed.extend((WARM_UP <= idx).then_some(time));
        vfs.close_buffer(path);
        index.update(&vfs.snapshot());
        let on_disk = root.join(path);
        let mut file = OpenOptions::new().append(true).open(on_disk.as_std_path())?;
        writeln!(file, "\nnew_word_{idx}")?;
        drop(file);
        vfs.refresh()?;
        let time = timed(|| index.update(&vfs.snapshot())).1;
        changed.extend((WARM_UP <= idx).then_some(time));
        // As it was before, for whoever measures next.
        OpenOptions::new().write(true).open(on_disk.as_std_path())?.set_len(text.len() as u64)?;
        vfs.refresh()?;
        index.update(&vfs.snapshot());
    }
    Ok(json!({ "files": paths.len(), "typed": spread(typed), "changed": spread(changed) }))
}

fn opened(saved: &AbsPathBuf) -> Index {
    Index::open(saved, Some(Arc::new(StaticTable::shipped())))
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// Milliseconds.
fn spread(mut times: Vec<Duration>) -> Value {
    times.sort();
    let at = |share: f64| {
        let place = (share * times.len() as f64).ceil() as usize;
        times.get(place.max(1) - 1).map(|time| ms(*time))
    };
    json!({ "n": times.len(), "p50_ms": at(0.5), "p99_ms": at(0.99), "most_ms": at(1.0) })
}

/// Lines and bytes of what is text.
fn size(vfs: &Vfs) -> (usize, usize) {
    let snap = vfs.snapshot();
    let texts = snap.files().filter_map(|file| snap.read(&file.path).ok());
    texts.fold((0, 0), |(lines, bytes), text| (lines + text.lines().count(), bytes + text.len()))
}

fn s(time: Duration) -> f64 {
    time.as_secs_f64()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
