//! A new segment's file, written from its start to its end, so that no more of it is in memory than is in the making.
//! What the bytes mean is `sections`' part, and which files count is `storage`'s.
#![allow(clippy::disallowed_methods, reason = "the index's own files, in its own folder")]

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use memmap2::Mmap;

use crate::checksum::checksum;
use crate::segment::bytes::Bytes;
use crate::segment::layout::{HEADER_BYTES, PAGE_BYTES};

/// Bytes that are handed to the system together.
const BUFFER_BYTES: usize = 256 << 10;

/// See the module.
#[derive(Debug)]
pub(crate) struct Out {
    file: BufWriter<File>,
    /// Header and body so far.
    len: usize,
    /// The page of the body that is not whole yet.
    page: Vec<u8>,
    /// The checksums of the whole ones.
    sums: Vec<u8>,
    /// The first error: what is written after it goes nowhere, and it is told at the end.
    error: Option<io::Error>,
}

impl Out {
    /// A new file with room for the header.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn create(path: &Path) -> io::Result<Out> {
        let mut options = OpenOptions::new();
        options.write(true).read(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = BufWriter::with_capacity(BUFFER_BYTES, options.open(path)?);
        file.write_all(&[0; HEADER_BYTES])?;
        let page = Vec::with_capacity(PAGE_BYTES);
        Ok(Out { file, len: HEADER_BYTES, page, sums: Vec::new(), error: None })
    }

    /// Bytes of header and body so far.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Appends to the body.
    pub(crate) fn write(&mut self, mut bytes: &[u8]) {
        // Counted after an error too: what is written then has its place, and is told to be lost in the end.
        self.len += bytes.len();
        if self.error.is_some() {
            return;
        }
        if let Err(error) = self.file.write_all(bytes) {
            self.error = Some(error);
            return;
        }
        while let Some((head, tail)) = bytes.split_at_checked(PAGE_BYTES - self.page.len()) {
            self.page.extend_from_slice(head);
            self.end_page();
            bytes = tail;
        }
        self.page.extend_from_slice(bytes);
    }

    /// Appends zeros up to a multiple of `align`.
    pub(crate) fn pad(&mut self, align: usize) {
        let zeros = self.len.next_multiple_of(align) - self.len;
        self.write(&vec![0; zeros]);
    }

    /// What was written so far, to be read. `None` after an error.
    pub(crate) fn map(&mut self) -> Option<Mmap> {
        if self.error.is_some() {
            return None;
        }
        let flushed = self.file.flush();
        match flushed.and_then(|()| Bytes::of_file(self.file.get_ref())) {
            Ok(map) => Some(map),
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// Completes the file and waits until the disk has it. `header`: of the checksum of the pages' checksums.
    ///
    /// # Errors
    /// The first thing that the system said against it. A part of the file may be there; it counts for nothing.
    pub(crate) fn finish(mut self, header: impl FnOnce(u64) -> Vec<u8>) -> io::Result<Mmap> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if !self.page.is_empty() {
            self.end_page();
        }
        self.file.write_all(&self.sums)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header(checksum(&self.sums)))?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Bytes::of_file(&file)
    }

    fn end_page(&mut self) {
        self.sums.extend_from_slice(&checksum(&self.page).to_le_bytes());
        self.page.clear();
    }
}

#[cfg(test)]
mod tests;
