"""Attacks that use too much. What stops by itself says how far it got; what never stops is measured from outside."""

import ctypes
import mmap
import os
import signal
import socket
import time

from suite import bomb, burden, call, endless, libc, limit

MB = 1 << 20


def touched(n_bytes):
    return bytearray(b"x") * n_bytes


def over(n, name, unit=""):
    """What was had, if that is more than twice the limit."""
    return f"{n}{unit}" if 2 * limit(name) < n else None


@burden
def processes():
    n, wanted = 0, 3 * limit("PROCESSES")
    try:
        while n < wanted:
            if os.fork() == 0:
                signal.alarm(10)
                signal.pause()
            n += 1
    except OSError:
        pass
    return over(n, "PROCESSES")


@burden
def memory_of_one():
    held = []
    while len(held) * 16 * MB < 3 * limit("MEMORY"):
        held.append(touched(16 * MB))
    time.sleep(0.5)
    return over(len(held) * 16 * MB, "MEMORY")


@burden
def memory_of_many():
    part = limit("MEMORY") // 2
    for _ in range(6):
        if os.fork() == 0:
            signal.alarm(10)
            held = touched(part)
            signal.pause()
            del held
    time.sleep(3)
    return over(6 * part, "MEMORY")


@burden
def memory_in_shared_pages():
    held = []
    while len(held) * 16 * MB < 3 * limit("MEMORY"):
        pages = mmap.mmap(-1, 16 * MB)
        pages.write(touched(16 * MB))
        held.append(pages)
    time.sleep(0.5)
    return over(len(held) * 16 * MB, "MEMORY")


@burden
def memory_that_nobody_maps():
    """Shared memory of System V stays when the last process lets go of it; nobody's size tells."""
    libc.shmat.restype = ctypes.c_void_p
    base, n = int(os.environ["SHARED_KEY"]), 0
    while n * 16 * MB < 3 * limit("MEMORY"):
        segment = libc.shmget(base + n, 16 * MB, 0o1600)
        if segment < 0:
            break
        at = libc.shmat(segment, None, 0)
        libc.memset(ctypes.c_void_p(at), 1, 16 * MB)
        libc.shmdt(ctypes.c_void_p(at))
        n += 1
    return over(n * 16 * MB, "MEMORY")


@burden
def memory_in_sockets():
    """What was sent and not received belongs to the kernel."""
    told, total = mmap.mmap(-1, 4096), 0
    for child in range(24):
        try:
            if os.fork() != 0:
                continue
        except OSError:
            break
        signal.alarm(8)
        n, held = 0, []
        try:
            while True:
                held.extend(socket.socketpair())
                for end in held[-2:]:
                    end.setblocking(False)
                    try:
                        while True:
                            n += end.send(bytes(65536))
                    except BlockingIOError:
                        pass
        except OSError:
            pass
        told[child * 8 : child * 8 + 8] = n.to_bytes(8, "little")
        signal.pause()
    deadline = time.time() + 6
    while time.time() < deadline:
        time.sleep(0.1)
        total = sum(int.from_bytes(told[at * 8 : at * 8 + 8], "little") for at in range(24))
    return over(total, "MEMORY")


@burden
def semaphores():
    """Kernel memory that belongs to nobody."""
    n, held = 0, []
    try:
        while n < 64:
            held.append(call(64, 0, 32000, 0o600))
            n += 1
    except OSError:
        pass
    for semaphore in held:
        call(66, semaphore, 0, 0, 0)
    return f"{n} sets of 32,000" if n == 64 else None


@burden
def queues():
    n, held = 0, []
    try:
        while n < 2000:
            held.append(call(68, 0, 0o600))
            n += 1
    except OSError:
        pass
    for queue in held:
        call(71, queue, 0, None)
    return f"{n} queues" if n == 2000 else None


@burden
def memory_in_files():
    """Of a file system in memory."""
    return fill("/dev/shm/" + os.environ["NAME"], 3 * limit("SCRATCH"), "SCRATCH")


def fill(path, wanted, name):
    n = 0
    try:
        with open(path, "wb", 0) as file:
            while n < wanted:
                n += file.write(bytes(MB))
    except OSError:
        pass
    finally:
        try:
            os.unlink(path)
        except OSError:
            pass
    return over(n, name)


@burden
def disk_by_one_file():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    return fill("large", 3 * limit("FILE"), "FILE")


@burden
def disk_by_many_files():
    n = 0
    try:
        while n * 8 * MB < 3 * limit("SCRATCH"):
            with open(f"large-{n}", "wb", 0) as file:
                if file.write(bytes(8 * MB)) != 8 * MB:
                    break
            n += 1
            time.sleep(0.02)
    except OSError:
        pass
    return over(n * 8 * MB, "SCRATCH")


@burden
def disk_by_unlinked_files():
    """Which are in no folder that could be measured."""
    n, held = 0, []
    try:
        while n * 8 * MB < 3 * limit("SCRATCH"):
            held.append(open("gone", "wb", 0))
            os.unlink("gone")
            if held[-1].write(bytes(8 * MB)) != 8 * MB:
                break
            n += 1
            time.sleep(0.02)
    except OSError:
        pass
    return over(n * 8 * MB, "SCRATCH")


@burden
def inodes():
    n = 0
    try:
        while n < 50_000:
            os.mknod(f"empty-{n}")
            n += 1
    except OSError:
        pass
    return n if n == 50_000 else None


@endless
def hang():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        signal.pause()


@endless
def spin():
    while True:
        pass


@endless
def output_without_end():
    while True:
        os.write(1, b"x" * 65536)


@endless
def errors_without_end():
    while True:
        os.write(2, b"x" * 65536)


@endless
def memory_without_end():
    held = []
    while True:
        held.append(touched(16 * MB))


@endless
def disk_without_end():
    n = 0
    while True:
        with open(f"endless-{n}", "wb", 0) as file:
            file.write(bytes(8 * MB))
        n += 1
        time.sleep(0.01)


@bomb
def fork_bomb():
    while True:
        try:
            os.fork()
        except OSError:
            pass


@bomb
def fork_bomb_of_sessions():
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            pass


@bomb
def memory_bomb():
    """Each new process holds a little more."""
    held = []
    while True:
        try:
            os.fork()
            held.append(touched(4 * MB))
        except (OSError, MemoryError):
            pass


@bomb
def signal_to_everybody():
    """One that ends nobody and that the victim keeps for us to see."""
    os.kill(-1, signal.SIGURG)
