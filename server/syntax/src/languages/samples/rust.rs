//! Shelves and what is on them.

use std::{collections::HashMap as Map, fmt, io::Read};

/// How many parcels one shelf takes.
pub const MAX_PARCELS: usize = 64;

/// Keeps parcels of one kind.
#[derive(Clone, Debug)]
pub struct Shelf<T: Kind> {
    items: Map<Key, Option<T>>,
}

pub trait Store {
    type Item;
    /// Puts one on the shelf.
    fn put(&mut self, item: Self::Item) -> Result<(), Full>;
}

impl<T: Kind> Store for Shelf<T> {
    type Item = T;

    fn put(&mut self, item: T) -> Result<(), Full> {
        if MAX_PARCELS <= self.items.len() {
            return Err(Full::new(item.weight()));
        }
        let key = parse::key::<T>(&item)?;
        notify!(self, "{} parcels", self.items.len());
        Registry::global().add(key, item).map(drop)
    }
}

impl<T: Kind> fmt::Display for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.items.len())
    }
}

pub enum State {
    Waiting,
    Here { at: usize },
}

macro_rules! notify {
    ($shelf:expr, $($rest:tt)*) => { $shelf.tell(format!($($rest)*)) };
}

pub async fn open<R: Read>(from: R) -> Shelf<Parcel> {
    todo!("read {from:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keeps_what_is_put() {
        assert_eq!(open(&[][..]).await.items.len(), 0);
    }
}
