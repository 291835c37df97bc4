//! Descriptors of the helpers: who inherits them, and files that live in memory; nothing about mounts.

use std::{
    ffi::c_uint,
    fs::File,
    io::{self, Seek, Write},
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    fs::{MemfdFlags, SealFlags, fcntl_add_seals},
    io::{FdFlags, fcntl_setfd},
};

/// Closes `from` and all above.
pub(super) fn close_from(from: c_uint) {
    close_range(from, 0);
}

/// Lets no program that is started from here on have `from` and all above.
pub(super) fn close_on_exec_from(from: c_uint) {
    close_range(from, libc::CLOSE_RANGE_CLOEXEC as c_uint);
}

fn close_range(from: c_uint, flags: c_uint) {
    // SAFETY: integer arguments only. The caller owns no descriptor in the range that it still uses, or only marks them.
    let res = unsafe { libc::syscall(libc::SYS_close_range, from, c_uint::MAX, flags) };
    if res == 0 {
        return;
    }
    // Kernels before 5.9 do not have it.
    for fd in from..4096 {
        // SAFETY: as above.
        unsafe {
            if flags == 0 {
                libc::close(fd as i32);
            } else {
                libc::fcntl(fd as i32, libc::F_SETFD, libc::FD_CLOEXEC);
            }
        }
    }
}

/// Lets programs that are started have this one.
pub(super) fn pass_on(fd: impl AsFd) -> io::Result<()> {
    Ok(fcntl_setfd(fd, FdFlags::empty())?)
}

/// An unnamed file with this content, to be read from its start.
pub(super) fn memory_file(name: &str, bytes: &[u8]) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file = File::from(rustix::fs::memfd_create(name, flags)?);
    file.write_all(bytes)?;
    file.rewind()?;
    // Else a job could write to its own input, which is memory that nobody counts.
    fcntl_add_seals(
        &file,
        SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL,
    )?;
    Ok(file.into())
}
