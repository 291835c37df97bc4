//! Descriptors of the helpers: who inherits them, who hands them on, and files that live in memory; nothing about mounts.

use std::{
    ffi::c_uint,
    fs::File,
    io::{self, IoSlice, IoSliceMut, Seek, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
};

use rustix::{
    fs::{MemfdFlags, SealFlags, fcntl_add_seals},
    io::{FdFlags, fcntl_setfd},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    },
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

/// Says hello, and hands over a descriptor with it, if there is one.
pub(super) fn hand_over(to: &UnixStream, fd: Option<BorrowedFd<'_>>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fds: Vec<BorrowedFd<'_>> = fd.into_iter().collect();
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(&fds)) {
        return Err(io::Error::other("no room for a descriptor"));
    }
    sendmsg(to, &[IoSlice::new(b"h")], &mut control, SendFlags::empty())?;
    Ok(())
}

/// Hears hello, and the descriptor that came with it.
pub(super) fn take_over(from: &UnixStream) -> io::Result<Option<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let res =
        recvmsg(from, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    if res.bytes != 1 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let fds = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    Ok(fds)
}
