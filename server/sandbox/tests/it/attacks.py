"""Tries to get out; each attack prints `held`, or `LEAK` and what it got. What is outside comes in as variables."""

import ctypes
import os
import signal
import socket
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
PORT, VICTIM, PARENT = (int(os.environ[name]) for name in ("PORT", "VICTIM", "PARENT"))
OUTSIDE = os.environ["OUTSIDE"]
HELPER = os.getppid()
ATTACKS = []


def attack(function):
    ATTACKS.append(function)


def call(number, *args):
    """Succeeds, or raises; "unknown call" is a refusal too."""
    result = libc.syscall(number, *args)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def read(path):
    with open(path, "rb") as file:
        return file.read(4096)


def write(path):
    """Only what is there: what is made inside stays inside, which is judged from outside."""
    with open(path, "r+") as file:
        file.write(file.read(100))
    return path


@attack
def tcp():
    return socket.create_connection(("127.0.0.1", PORT), 1)


@attack
def tcp_outside():
    return socket.create_connection(("192.0.2.1", 80), 0.3)


@attack
def udp():
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.settimeout(0.2)
    out.sendto(b"ping", ("127.0.0.1", PORT))
    return out.recv(10)


@attack
def udp_outside():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))


@attack
def dns():
    return socket.getaddrinfo("example.com", 80)


@attack
def unix_path():
    return socket.socket(socket.AF_UNIX).connect(OUTSIDE + "/socket") or "connected"


@attack
def unix_path_in_workspace():
    return socket.socket(socket.AF_UNIX).connect("socket") or "connected"


@attack
def unix_abstract():
    return socket.socket(socket.AF_UNIX).connect("\0" + os.environ["ABSTRACT"]) or "connected"


@attack
def vsock():
    return socket.socket(40, socket.SOCK_STREAM)


@attack
def netlink_audit():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)


@attack
def packet():
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


@attack
def raw():
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


@attack
def alg():
    return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)


@attack
def write_out():
    os.makedirs(OUTSIDE, exist_ok=True)
    with open(OUTSIDE + "/written", "w") as file:
        file.write("evil")


@attack
def write_system():
    return open("/usr/evil", "w") and "made"


@attack
def write_helper():
    return write("/run/baton/helper")


@attack
def unlink_out():
    return os.unlink(OUTSIDE + "/victim-file") or "gone"


@attack
def chmod_out():
    return os.chmod(OUTSIDE + "/victim-file", 0o777) or "changed"


@attack
def read_secret():
    return read(OUTSIDE + "/.ssh/id")


@attack
def read_shadow():
    return read("/etc/shadow")


@attack
def read_by_link():
    return read("planted-link")


@attack
def write_by_link():
    return write("planted-link")


@attack
def write_by_own_link():
    os.symlink(OUTSIDE + "/victim-file", "own-link")
    return write("own-link")


@attack
def hardlink():
    os.link(OUTSIDE + "/victim-file", "hard")
    return write("hard")


@attack
def environment_of_parent():
    return read(f"/proc/{PARENT}/environ")


@attack
def environment_of_victim():
    found = [pid for pid in os.listdir("/proc") if pid.isdigit()]
    for pid in found + [str(VICTIM)]:
        try:
            if b"HOST_SECRET" in read(f"/proc/{pid}/environ"):
                return pid
        except OSError:
            pass
    raise OSError("not found")


@attack
def command_lines():
    for pid in os.listdir("/proc"):
        try:
            if pid.isdigit() and b"70099" in read(f"/proc/{pid}/cmdline"):
                return pid
        except OSError:
            pass
    raise OSError("not found")


@attack
def memory_of_victim():
    return read(f"/proc/{VICTIM}/mem") + read(f"/proc/{VICTIM}/maps")


@attack
def memory_of_helper():
    return read(f"/proc/{HELPER}/environ") + read(f"/proc/{HELPER}/maps")


@attack
def descriptors_of_helper():
    for fd in os.listdir(f"/proc/{HELPER}/fd"):
        try:
            return os.open(f"/proc/{HELPER}/fd/{fd}", os.O_RDWR | os.O_NONBLOCK)
        except OSError:
            pass
    raise OSError("none")


@attack
def root_of_others():
    for pid in [VICTIM, PARENT, 1, HELPER]:
        try:
            return read(f"/proc/{pid}/root{OUTSIDE}/.ssh/id")
        except OSError:
            pass
    raise OSError("not found")


@attack
def leaked_descriptors():
    found = [fd for fd in os.listdir("/proc/self/fd") if int(fd) > 2]
    found = [fd for fd in found if not os.path.realpath(f"/proc/self/fd/{fd}").startswith("/proc/")]
    if found and any(os.path.exists(f"/proc/self/fd/{fd}") for fd in found):
        return found
    raise OSError("none")


@attack
def ptrace_victim():
    return call(101, 16, VICTIM, 0, 0)


@attack
def ptrace_child():
    return call(101, 0, 0, 0, 0)


@attack
def read_memory():
    return call(310, VICTIM, None, 0, None, 0, 0)


@attack
def take_descriptor():
    return call(438, call(434, os.getpid(), 0), 0, 0)


@attack
def kill_victim():
    return os.kill(VICTIM, 0) or "could"


@attack
def kill_parent():
    return os.kill(PARENT, 0) or "could"


@attack
def user_namespace():
    return call(272, 0x10000000)


@attack
def user_namespace_by_clone():
    pid = call(56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return pid


@attack
def clone3():
    arguments = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    pid = call(435, ctypes.byref(arguments), 64)
    if pid == 0:
        os._exit(0)
    return pid


@attack
def enter_namespace():
    return call(308, os.open("/proc/self/ns/net", os.O_RDONLY), 0)


@attack
def mount():
    return call(165, b"none", b"/tmp", b"tmpfs", 0, None)


@attack
def remount():
    return call(165, None, b"/usr", None, 32 | 4096, None)


@attack
def unmount():
    return call(166, b"/usr", 2)


@attack
def new_mount_api():
    return call(430, b"tmpfs", 0)


@attack
def chroot():
    return os.chroot("/tmp") or "could"


@attack
def open_by_handle():
    return call(304, -100, None, 0)


@attack
def io_uring():
    return call(425, 1, (ctypes.c_uint8 * 120)())


@attack
def bpf():
    return call(321, 0, (ctypes.c_uint8 * 128)(), 128)


@attack
def perf():
    return call(298, (ctypes.c_uint8 * 128)(1, 0, 0, 0, 128), 0, -1, -1, 0)


@attack
def keyring():
    return call(248, b"user", b"name", b"x", 1, -3)


@attack
def userfaultfd():
    return call(323, 1)


@attack
def memory_file():
    return call(319, b"x", 0)


@attack
def x32_calls():
    return call(0x40000000 + 39)


@attack
def type_into_terminal():
    import fcntl
    import pty

    return fcntl.ioctl(pty.openpty()[1], 0x5412, b"x") or "could"


@attack
def terminal():
    return os.open("/dev/tty", os.O_RDWR)


@attack
def devices():
    for name in ("mem", "kmem", "kvm", "vda", "sda", "fuse", "net/tun"):
        try:
            return os.open("/dev/" + name, os.O_RDWR)
        except OSError:
            pass
    raise OSError("none")


@attack
def make_device():
    return os.mknod("disk", 0o600 | 0o060000, os.makedev(254, 0)) or "could"


@attack
def system_settings():
    return os.open("/proc/sys/kernel/hostname", os.O_WRONLY)


@attack
def core_pattern():
    return os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY)


@attack
def system_request():
    return os.open("/proc/sysrq-trigger", os.O_WRONLY)


@attack
def capabilities():
    status = read("/proc/self/status").decode()
    held = [line for line in status.splitlines() if line.startswith(("CapEff", "CapPrm", "CapBnd")) and int(line.split()[1], 16)]
    # Without privileges to gain, the bounding set of a normal user is empty words.
    return [line for line in held if os.geteuid() == 0 or not line.startswith("CapBnd")] or None


@attack
def new_privileges():
    return None if "NoNewPrivs:\t1" in read("/proc/self/status").decode() else "could"


@attack
def other_user():
    return os.setuid(1000 if os.getuid() != 1000 else 1001) or "could"


@attack
def descriptors_without_end():
    held = []
    while len(held) < 5000:
        held.append(os.dup(0))
    return len(held)


@attack
def raise_limits():
    import resource

    return resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 16, 1 << 16)) or "could"


@attack
def settle_in_tree():
    with open(os.environ["REAL"] + "/settled", "w") as file:
        file.write("evil")


for function in ATTACKS:
    pid = os.fork()
    if pid == 0:
        signal.alarm(4)
        try:
            got = function()
            said = "held" if got is None else f"LEAK {str(got)[:60]}"
        except (OSError, ValueError, OverflowError):
            said = "held"
        print(f"{function.__name__}: {said}", flush=True)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if status != 0:
        print(f"{function.__name__}: died {status}", flush=True)
