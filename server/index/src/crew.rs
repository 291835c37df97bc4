//! Threads that wait to help, so that what is independent in one query runs at the same time.
//! Whoever has work does it himself and never waits for a helper to be free: those that have nothing else to do take some of
//! it from him. It decides nothing about the work, and results come in the order of the work, whoever did it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// More helpers gain little: the parts of a query that follow each other stay.
const MAX_HELPERS: usize = 3;

/// So long a helper looks for more before it sleeps: the next part of the same query comes sooner, and to wake up takes longer
/// than many a part.
const AWAKE: Duration = Duration::from_micros(200);

/// So often one who waits for a helper looks before he lets others have the core.
const LOOKS: u32 = 1_000;

/// A helper is waited for that long, and for longer than one's own parts took, only where it had to give its core to somebody
/// else in the middle of its part.
const HELD_UP: Duration = Duration::from_micros(500);

/// After that the cores are busy and help would only hold up, so that each does his work alone for so many times as long as
/// he waited, up to a second: what is lost by help is little beside what it gains.
const ALONE: u32 = 8;
const LONGEST_ALONE: Duration = Duration::from_secs(1);

/// Helpers of one index. The first work starts their threads; they end with it.
#[derive(Debug)]
pub(crate) struct Crew {
    n_helpers: usize,
    /// Helpers were held up: until then nobody asks for them.
    alone_until: Mutex<Option<Instant>>,
    shared: Arc<Shared>,
    threads: OnceLock<Vec<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Shared {
    board: Mutex<Board>,
    /// As many as `board.open`, to look at without the lock.
    n_open: AtomicUsize,
    /// Something is open, or the crew is dismissed.
    news: Condvar,
}

#[derive(Debug, Default)]
struct Board {
    /// Work that helpers may take from.
    open: Vec<Arc<Offer>>,
    n_asleep: usize,
    is_dismissed: bool,
}

/// A piece of work in numbered parts.
struct Offer {
    /// Invariant: valid as long as the offer is on the board or a helper is inside.
    work: *const (dyn Fn(usize) + Sync),
    count: usize,
    /// The next part that nobody has taken.
    next: AtomicUsize,
    /// Helpers that do parts. It grows only under the board's lock, while the offer is there.
    n_inside: AtomicUsize,
    has_panicked: AtomicBool,
    /// What a helper's part panicked with, for the one whose work it is.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

// SAFETY: what `work` points to may be called from any thread (`Sync`), and is called by helpers only while it is valid.
unsafe impl Send for Offer {}
// SAFETY: as above; all else in it may be shared.
unsafe impl Sync for Offer {}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offer").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Default for Crew {
    fn default() -> Crew {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Crew::of((cores - 1).min(MAX_HELPERS))
    }
}

impl Crew {
    /// A crew of so many; without any, each does his work alone.
    pub(crate) fn of(n_helpers: usize) -> Crew {
        Crew {
            n_helpers,
            alone_until: Mutex::default(),
            shared: Arc::default(),
            threads: OnceLock::new(),
        }
    }

    /// Tells helpers that work is near, so that they are awake by then.
    pub(crate) fn rouse(&self) {
        if self.is_of_help() {
            self.threads.get_or_init(|| self.hire());
            if self.shared.board().n_asleep != 0 {
                self.shared.news.notify_one();
            }
        }
    }

    /// `first` and `second`, at the same time where somebody helps.
    pub(crate) fn both<A: Send, B: Send>(
        &self,
        first: impl FnOnce() -> A + Send,
        second: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        let work = (Mutex::new(Some(first)), Mutex::new(Some(second)));
        let done = (Mutex::new(None), Mutex::new(None));
        self.share(2, &|part| {
            if part == 0 {
                let result = lock(&work.0).take().map(|work| work());
                *lock(&done.0) = result;
            } else {
                let result = lock(&work.1).take().map(|work| work());
                *lock(&done.1) = result;
            }
        });
        (taken(done.0), taken(done.1))
    }

    /// `work(0)` to `work(count - 1)`; results in order.
    pub(crate) fn map<T: Send>(&self, count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        if count < 2 || !self.is_of_help() {
            return (0..count).map(work).collect();
        }
        let done: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::new(None)).collect();
        self.share(count, &|part| {
            let result = work(part);
            *lock(&done[part]) = Some(result);
        });
        done.into_iter().map(taken).collect()
    }

    /// Does each part once. A part that panics, panics here.
    fn share(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        if count < 2 || !self.is_of_help() {
            (0..count).for_each(work);
            return;
        }
        self.threads.get_or_init(|| self.hire());
        // SAFETY: only the lifetime changes. `Posted` takes the offer from the board and waits for the helpers inside before
        // this call ends, by whatever way; later nobody calls it.
        let work = unsafe {
            std::mem::transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(work)
        };
        let offer = Arc::new(Offer {
            work,
            count,
            next: AtomicUsize::new(0),
            n_inside: AtomicUsize::new(0),
            has_panicked: AtomicBool::new(false),
            panic: Mutex::default(),
        });
        let posted = Posted::new(self, &offer);
        offer.parts().for_each(work);
        drop(posted);
        if offer.has_panicked.load(Ordering::Acquire)
            && let Some(panic) = lock(&offer.panic).take()
        {
            resume_unwind(panic);
        }
    }

    /// There are helpers, and nothing held them up a moment ago.
    fn is_of_help(&self) -> bool {
        0 < self.n_helpers && lock(&self.alone_until).is_none_or(|until| until <= Instant::now())
    }

    fn hire(&self) -> Vec<JoinHandle<()>> {
        let hire = |_| {
            let shared = Arc::clone(&self.shared);
            let thread = thread::Builder::new().name("index-helper".to_owned());
            // A system that has no more threads has no helpers: the work is done all the same.
            thread.spawn(move || help(&shared)).ok()
        };
        (0..self.n_helpers).filter_map(hire).collect()
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.shared.board().is_dismissed = true;
        self.shared.news.notify_all();
        for thread in self.threads.take().into_iter().flatten() {
            // Panics of the work went to the one whose work it was.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn board(&self) -> MutexGuard<'_, Board> {
        lock(&self.board)
    }

    /// Work to help with; `None` at the end. Sleeps where there is none, and once it is woken looks for a while again.
    fn next(&self) -> Option<Arc<Offer>> {
        loop {
            let start = Instant::now();
            while start.elapsed() < AWAKE {
                if self.n_open.load(Ordering::Relaxed) != 0
                    && let Some(offer) = self.enter(&mut self.board())
                {
                    return Some(offer);
                }
                (0..32).for_each(|_| std::hint::spin_loop());
            }
            let mut board = self.board();
            if board.is_dismissed {
                return None;
            }
            if let Some(offer) = self.enter(&mut board) {
                return Some(offer);
            }
            board.n_asleep += 1;
            board = self.news.wait(board).unwrap_or_else(PoisonError::into_inner);
            board.n_asleep -= 1;
        }
    }

    /// Goes inside of the first offer with parts left; those without leave the board.
    fn enter(&self, board: &mut Board) -> Option<Arc<Offer>> {
        board.open.retain(|offer| offer.next.load(Ordering::Relaxed) < offer.count);
        self.n_open.store(board.open.len(), Ordering::Relaxed);
        let offer = board.open.first()?;
        offer.n_inside.fetch_add(1, Ordering::Relaxed);
        Some(Arc::clone(offer))
    }
}

impl Offer {
    /// Takes one part after the other, until there is none.
    fn parts(&self) -> impl Iterator<Item = usize> {
        let next = || Some(self.next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(next).take_while(|part| *part < self.count)
    }
}

/// An offer on the board. Dropped, it is not there any more and no helper is inside.
struct Posted<'a> {
    crew: &'a Crew,
    offer: &'a Arc<Offer>,
    since: Instant,
}

impl<'a> Posted<'a> {
    fn new(crew: &'a Crew, offer: &'a Arc<Offer>) -> Posted<'a> {
        let shared = &crew.shared;
        let mut board = shared.board();
        board.open.push(Arc::clone(offer));
        shared.n_open.store(board.open.len(), Ordering::Relaxed);
        let is_any_asleep = board.n_asleep != 0;
        drop(board);
        if is_any_asleep {
            match offer.count {
                2 => shared.news.notify_one(),
                _ => shared.news.notify_all(),
            }
        }
        Posted { crew, offer, since: Instant::now() }
    }
}

impl Drop for Posted<'_> {
    fn drop(&mut self) {
        let Posted { crew, offer, since } = self;
        let worked = since.elapsed();
        let shared = &crew.shared;
        let mut board = shared.board();
        board.open.retain(|other| !Arc::ptr_eq(other, offer));
        shared.n_open.store(board.open.len(), Ordering::Relaxed);
        drop(board);
        let mut n_looks = 0;
        let start = Instant::now();
        // What helpers have written is seen after this.
        while offer.n_inside.load(Ordering::Acquire) != 0 {
            n_looks += 1;
            if n_looks < LOOKS { std::hint::spin_loop() } else { thread::yield_now() }
        }
        let waited = start.elapsed();
        if LOOKS <= n_looks && HELD_UP.max(worked) < waited {
            let until = Instant::now() + waited.saturating_mul(ALONE).min(LONGEST_ALONE);
            let mut alone_until = lock(&crew.alone_until);
            *alone_until = (*alone_until).max(Some(until));
        }
    }
}

/// What a helper does all its life.
fn help(shared: &Shared) {
    while let Some(offer) = shared.next() {
        let work = || {
            for part in offer.parts() {
                // SAFETY: this helper is inside, so the one whose work it is still waits.
                let work = unsafe { &*offer.work };
                work(part);
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            *lock(&offer.panic) = Some(panic);
            offer.has_panicked.store(true, Ordering::Release);
        }
        offer.n_inside.fetch_sub(1, Ordering::Release);
    }
}

/// A panic elsewhere leaves what is guarded here whole: each change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn taken<T>(done: Mutex<Option<T>>) -> T {
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.expect("each part was done, or this call has panicked")
}

#[cfg(test)]
mod tests;
