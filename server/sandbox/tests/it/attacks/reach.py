"""Attacks that reach for what is not theirs: sockets, files, processes, the kernel. None of them uses much of anything."""

import ctypes
import errno
import fcntl
import os
import re
import resource
import signal
import socket

from suite import HELPER, OUT, OUTSIDE, PARENT, PORT, REAL, VICTIM, attack, call, libc


def read(path):
    with open(path, "rb") as file:
        return file.read(65536)


def secret(data):
    """What is looked for, if `data` has it."""
    found = re.search(rb"BATON-SECRET-\w+", data)
    if not found:
        raise OSError("not in there")
    return found.group()


def any_of(paths, work):
    for path in paths:
        try:
            return work(path)
        except OSError:
            pass
    raise OSError("none of them")


def write(path):
    """Only what is there: what is made inside stays inside, which is judged from outside."""
    with open(path, "r+") as file:
        file.write("evil")
    return path


def make(path):
    """Says nothing of its own: it is judged from outside whether the file is really there."""
    with open(path, "w") as file:
        file.write("evil")


@attack
def tcp():
    return socket.create_connection(("127.0.0.1", PORT), 1)


@attack
def tcp_outside():
    return socket.create_connection(("192.0.2.1", 80), 0.3)


@attack
def tcp_six():
    return socket.create_connection(("::1", PORT), 1)


@attack
def udp():
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.settimeout(0.2)
    out.sendto(b"ping", ("127.0.0.1", PORT))


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
def unix_datagram():
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", OUTSIDE + "/datagrams")


@attack
def pair_of_datagrams():
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return pair[0].sendto(b"x", OUTSIDE + "/datagrams")


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
def other_families():
    """Keys, X.25, IRDA, CAN, TIPC, Bluetooth, ciphers, NFC, KCM, Qualcomm, SMC, XDP."""
    return any_of([15, 9, 23, 29, 30, 31, 38, 39, 41, 42, 43, 44], lambda family: socket.socket(family, socket.SOCK_RAW)
                  and f"family {family}")


@attack
def cipher_socket():
    return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)


@attack
def write_out():
    os.makedirs(OUTSIDE, exist_ok=True)
    make(OUTSIDE + "/written")


@attack
def write_tmp():
    make("/tmp/" + os.environ["NAME"])


@attack
def write_shm():
    make("/dev/shm/" + os.environ["NAME"])


@attack
def write_upward():
    make("../written")


@attack
def write_profile():
    with open(OUTSIDE + "/home/.profile", "a") as file:
        file.write("evil")


@attack
def write_system():
    return open("/usr/evil", "w") and "made"


@attack
def write_helper():
    return write("/run/baton/helper")


@attack
def write_through_proc():
    for way in ("/proc/self/root", "/proc/self/cwd/..", "/proc/thread-self/root", "/proc/1/root", f"/proc/{PARENT}/root"):
        try:
            make(way + ("" if way.endswith("..") else OUTSIDE) + "/written")
        except OSError:
            pass


@attack
def unlink_out():
    return os.unlink(OUTSIDE + "/victim-file") or "gone"


@attack
def rename_out():
    return os.rename(OUTSIDE + "/victim-file", OUTSIDE + "/written") or "moved"


@attack
def truncate_out():
    return os.truncate(OUTSIDE + "/victim-file", 0) or "cut"


@attack
def chmod_out():
    return os.chmod(OUTSIDE + "/victim-file", 0o777) or "changed"


@attack
def touch_out():
    return os.utime(OUTSIDE + "/victim-file", (1, 1)) or "changed"


@attack
def attribute_out():
    return os.setxattr(OUTSIDE + "/victim-file", "user.evil", b"x") or "changed"


@attack
def stat_out():
    return os.stat(OUTSIDE + "/.ssh/id").st_size


@attack
def watch_out():
    """Is told of each access to a file that it cannot read."""
    watch = libc.inotify_add_watch(libc.inotify_init(), (OUTSIDE + "/.ssh/id").encode(), 0xFFF)
    if watch < 0:
        raise OSError("refused")
    return "watches"


@attack
def read_secret():
    return secret(read(OUTSIDE + "/.ssh/id"))


@attack
def read_upward():
    return secret(any_of(["../.ssh/id", "./../.ssh/../.ssh/id", "/proc/self/cwd/../.ssh/id"], read))


@attack
def read_shm():
    return secret(read("/dev/shm/" + os.environ["SHARED"]))


@attack
def read_devices():
    return len(any_of(["/dev/kmsg", "/dev/mem", "/proc/kcore", "/proc/kmsg", "/sys/kernel/security/lsm"], lambda path: os.read(
        os.open(path, os.O_RDONLY | os.O_NONBLOCK), 10)))


@attack
def read_shadow():
    return read("/etc/shadow")


@attack
def read_by_link():
    return secret(read("planted-link"))


@attack
def write_by_link():
    return write("planted-link")


@attack
def write_by_own_link():
    os.symlink(OUTSIDE + "/victim-file", "own-link")
    return write("own-link")


@attack
def link_for_the_host():
    """Whoever reads the result follows it."""
    os.symlink(OUTSIDE + "/.ssh/id", OUT + "/report")


@attack
def folder_link_for_the_host():
    os.symlink(OUTSIDE + "/.ssh", OUT + "/reports")


@attack
def hard_link_for_the_host():
    os.link(OUTSIDE + "/.ssh/id", OUT + "/report")


@attack
def git_hook():
    os.makedirs(".git/hooks", exist_ok=True)
    make(".git/hooks/pre-commit")


@attack
def git_config():
    with open(".git/config", "a") as file:
        file.write("[core]\n\tfsmonitor = evil\n")


@attack
def settings_of_tools():
    for path in ("baton.toml", ".envrc", ".vscode/tasks.json", "Makefile", "conftest.py"):
        try:
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            make(path)
        except OSError:
            pass


@attack
def hardlink():
    os.link(OUTSIDE + "/victim-file", "hard")
    return write("hard")


@attack
def environment():
    return secret(repr(os.environ).encode())


@attack
def environment_of_parent():
    return secret(read(f"/proc/{PARENT}/environ"))


@attack
def environment_of_others():
    others = [pid for pid in os.listdir("/proc") if pid.isdigit()]
    return any_of([str(VICTIM)] + others, lambda pid: secret(read(f"/proc/{pid}/environ")))


@attack
def command_lines():
    """The victim's own: a secret may be on it."""
    others = [pid for pid in os.listdir("/proc") if pid.isdigit()]
    return any_of([str(VICTIM)] + others, lambda pid: secret(read(f"/proc/{pid}/cmdline")))


def memory(pid, mode="rb"):
    """Opens it at the start of its stack."""
    stack = next(line for line in read(f"/proc/{pid}/maps").decode().splitlines() if "[stack]" in line)
    start, end = (int(number, 16) for number in stack.split()[0].split("-"))
    file = open(f"/proc/{pid}/mem", mode, 0)
    file.seek(start)
    return file, start, end - start


@attack
def memory_of_victim():
    file, _, length = memory(VICTIM)
    return secret(file.read(length))


@attack
def write_memory_of_victim():
    return memory(VICTIM, "r+b")[0].write(b"\0") and "wrote"


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
    ways = [f"/proc/{pid}/{way}{OUTSIDE}/.ssh/id" for pid in (VICTIM, PARENT, 1, HELPER) for way in ("root", "cwd/../../../../..")]
    return secret(any_of(ways, read))


@attack
def leaked_descriptors():
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            return secret(os.pread(fd, 100, 0))
        except OSError:
            pass
    raise OSError("none")


@attack
def leaked_folders():
    inner = lambda fd: os.open(".ssh/id", os.O_RDONLY, dir_fd=int(fd))
    return secret(os.read(any_of(os.listdir("/proc/self/fd"), inner), 100))


@attack
def ptrace_victim():
    return call(101, 16, VICTIM, 0, 0)


@attack
def ptrace_child():
    return call(101, 0, 0, 0, 0)


def memory_call(number, buffer):
    """Reads or writes the victim's stack without its file."""
    _, start, length = memory(VICTIM)
    length = min(length, len(buffer))
    part = lambda address: (ctypes.c_uint64 * 2)(address, length)
    call(number, VICTIM, part(ctypes.addressof(buffer)), 1, part(start), 1, 0)
    return buffer.raw


@attack
def read_memory_by_call():
    return secret(memory_call(310, ctypes.create_string_buffer(1 << 20)))


@attack
def write_memory_by_call():
    return memory_call(311, ctypes.create_string_buffer(1)) and "wrote"


@attack
def take_descriptor():
    return call(438, call(434, os.getpid(), 0), 0, 0)


@attack
def descriptors_of_victim():
    return any_of(os.listdir(f"/proc/{VICTIM}/fd"), lambda fd: os.open(f"/proc/{VICTIM}/fd/{fd}", os.O_RDWR | os.O_NONBLOCK))


@attack
def kill_victim():
    return os.kill(VICTIM, signal.SIGKILL) or "could"


@attack
def kill_victim_by_descriptor():
    return call(424, call(434, VICTIM, 0), signal.SIGKILL, None, 0) or "could"


@attack
def kill_thread_of_victim():
    return call(200, VICTIM, signal.SIGKILL) or "could"


@attack
def stop_victim():
    return os.kill(VICTIM, signal.SIGSTOP) or "could"


@attack
def slow_victim():
    return os.setpriority(os.PRIO_PROCESS, VICTIM, 19) or "could"


@attack
def limit_victim():
    return resource.prlimit(VICTIM, resource.RLIMIT_NOFILE, (3, 3)) and "could"


@attack
def signal_of_io():
    """The kernel sends it for us."""
    pair = socket.socketpair()
    fcntl.fcntl(pair[0], fcntl.F_SETOWN, VICTIM)
    fcntl.fcntl(pair[0], 10, signal.SIGKILL)
    fcntl.fcntl(pair[0], fcntl.F_SETFL, fcntl.fcntl(pair[0], fcntl.F_GETFL) | os.O_ASYNC)
    pair[1].send(b"x")


@attack
def shared_memory():
    libc.shmat.restype = ctypes.c_void_p
    at = libc.shmat(int(os.environ["SHARED_ID"]), None, 0)
    if at == ctypes.c_void_p(-1).value:
        raise OSError("refused")
    return secret(ctypes.string_at(at, 100))


@attack
def message_queue():
    buffer = ctypes.create_string_buffer(8192)
    queue = call(240, os.environ["QUEUE"].encode(), os.O_RDONLY | os.O_NONBLOCK, 0, None)
    call(243, queue, buffer, 8192, None, None)
    return secret(buffer.raw)


@attack
def kill_parent():
    return os.kill(PARENT, 0) or "could"


@attack
def user_namespace():
    return call(272, 0x10000000)


@attack
def other_namespaces():
    """Mounts, names, queues, processes, network, groups, time."""
    return any_of([0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000, 0x2000000, 0x80], lambda bit: f"{call(272, bit)} {bit}")


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
    """On a folder of its own; a mount that others see is seen from outside."""
    os.makedirs("mountpoint", exist_ok=True)
    return call(165, b"none", b"mountpoint", b"tmpfs", 0, None) or "mounted"


def allowed(number, *args):
    """Whether it is only the argument that is wrong, as who asks is looked at first."""
    try:
        call(number, *args)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    return "could"


@attack
def remount():
    return allowed(165, None, b".", None, 32 | 4096, None)


@attack
def unmount():
    return allowed(166, b".", 2)


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
    return call(248, b"user", b"name", b"x", 1, -1)


@attack
def keyring_of_the_user():
    return call(250, 0, -4, 0)


@attack
def kernel_log():
    return call(103, 3, ctypes.create_string_buffer(100), 100)


@attack
def watch_everything():
    return call(300, 0, 0)


@attack
def host_name():
    """To what it is."""
    return socket.sethostname(socket.gethostname()) or "could"


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
def more_settings():
    paths = ["/proc/sys/vm/drop_caches", "/proc/irq/default_smp_affinity", "/proc/mtrr", "/sys/power/state", "/sys/kernel/mm/ksm/run",
             "/sys/kernel/profiling", "/sys/kernel/uevent_helper"]
    return any_of(paths, lambda path: os.open(path, os.O_WRONLY))


@attack
def groups_of_the_kernel():
    folders = ["/sys/fs/cgroup"] + ["/sys/fs/cgroup/" + name for name in ("pids", "memory", "unified", "systemd")]
    return any_of(folders, lambda path: os.open(path + "/cgroup.procs", os.O_WRONLY))


@attack
def spared_when_memory_is_short():
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("-1000")
    return "could"


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
def double_fork():
    """A daemon without group, session, parent or output."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for fd in range(3):
                os.close(fd)
            signal.alarm(0)
            while True:
                signal.pause()
        os._exit(0)


@attack
def daemon_that_ignores_signals():
    if os.fork() == 0:
        os.setsid()
        for number in set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP, 32, 33}:
            try:
                signal.signal(number, signal.SIG_IGN)
            except OSError:
                pass
        while True:
            signal.pause()


@attack
def stopped_daemon():
    if os.fork() == 0:
        os.setsid()
        os.kill(os.getpid(), signal.SIGSTOP)


@attack
def raise_limits():
    return resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 16, 1 << 16)) or "could"


@attack
def settle_in_tree():
    make(REAL + "/settled")
