//! Independent work on all cores, for as long as it takes. What a query does beside itself is `crew`'s part.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// `work(0)` to `work(count - 1)` on all cores; results in order.
pub(crate) fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    // Of one piece there is nothing to share, and to ask how many cores there are takes as long as a small file.
    let cores = match count {
        0 | 1 => 1,
        _ => thread::available_parallelism().map_or(1, usize::from).min(count),
    };
    if cores <= 1 {
        return (0..count).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let idx = next.fetch_add(1, Ordering::Relaxed);
                    if count <= idx {
                        break;
                    }
                    let result = work(idx);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((idx, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(idx, _)| *idx);
    done.into_iter().map(|(_, result)| result).collect()
}

/// As [`in_parallel`], with the largest first: one that is begun last would be waited for alone. `sizes`: of each.
pub(crate) fn largest_first<T: Send>(sizes: &[usize], work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|idx| Reverse(sizes[*idx]));
    let done = in_parallel(order.len(), |nth| work(order[nth]));
    let mut done: Vec<(usize, T)> = order.into_iter().zip(done).collect();
    done.sort_by_key(|(idx, _)| *idx);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests;
