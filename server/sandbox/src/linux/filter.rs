//! Seccomp: system calls that no build or test needs and that reach the kernel or other processes; files are in `rules`.
//!
//! A deny-list, because an allow-list breaks with each new runtime. What must not be reached is also out of reach by
//! namespaces at the full level; at the restricted one this and Landlock are all there is.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter, sock_filter,
};

use super::wire::Sockets;

/// Calls that are refused whatever their arguments are.
const DENIED: &[i64] = &[
    // other processes
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // kernel surface
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_fanotify_init,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_lookup_dcookie,
    libc::SYS_syslog,
    // kernel memory that belongs to no process, so that nobody counts it
    libc::SYS_msgget,
    // namespaces and mounts
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    // the machine
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
];

/// Calls that are answered with "unknown": programs fall back to what can be filtered or counted.
///
/// The flags of `clone3` are behind a pointer; memory files are memory that no process seems to hold.
const UNKNOWN: &[i64] = &[libc::SYS_clone3, libc::SYS_memfd_create, libc::SYS_memfd_secret];

/// Memory and semaphores of System V outlive their processes and are in no process's size: what databases ask for, and no more.
const SHARED_BYTES: u64 = 64 << 10;
/// As above, in one set. A system has 4,096 segments and 32,000 sets at most.
const SEMAPHORES: u64 = 32;

/// Calls that find objects of other processes by name or number, where there is no namespace of them.
const SHARED: &[i64] = &[
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
];

/// Calls that change another process, and the argument that is zero for one's own.
const OTHERS: &[(i64, u8)] = &[
    (libc::SYS_prlimit64, 0),
    (libc::SYS_sched_setattr, 0),
    (libc::SYS_sched_setparam, 0),
    (libc::SYS_sched_setscheduler, 0),
    (libc::SYS_setpriority, 1),
    (libc::SYS_ioprio_set, 1),
];

/// Bits of `clone` and `unshare` that make namespaces.
const NAMESPACES: &[libc::c_int] = &[
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWCGROUP,
];

/// The bits of a socket's type that say of what kind it is; the others are flags.
const SOCKET_KIND: u64 = 0xf;

/// Restricts this process for good.
pub(super) fn apply(sockets: Sockets) -> Result<(), seccompiler::Error> {
    let denied = program(denied(sockets)?, libc::EPERM)?;
    let unknown = program(UNKNOWN.iter().map(|call| (*call, Vec::new())).collect(), libc::ENOSYS)?;
    #[cfg(target_arch = "x86_64")]
    apply_filter(&x32())?;
    apply_filter(&unknown)?;
    apply_filter(&denied)
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn program(rules: Rules, errno: i32) -> Result<BpfProgram, seccompiler::Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter =
        SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(errno as u32), arch)?;
    Ok(filter.try_into()?)
}

fn denied(sockets: Sockets) -> Result<Rules, seccompiler::Error> {
    use SeccompCmpArgLen::Dword;
    use SeccompCmpOp::{Eq, MaskedEq, Ne};

    let when = |arg: u8, op: SeccompCmpOp, value: i32| {
        SeccompCondition::new(arg, Dword, op, u64::from(value as u32))
    };
    let mut rules: Rules = DENIED.iter().map(|call| (*call, Vec::new())).collect();

    let mut namespaces = Vec::new();
    for bit in NAMESPACES {
        namespaces.push(SeccompRule::new(vec![when(0, MaskedEq(u64::from(*bit as u32)), *bit)?])?);
    }
    rules.insert(libc::SYS_clone, namespaces.clone());
    // The bit of the time namespace is part of the exit signal's byte in `clone`.
    namespaces.push(SeccompRule::new(vec![when(0, MaskedEq(0x80), 0x80)?])?);
    rules.insert(libc::SYS_unshare, namespaces);

    // Typing into somebody's terminal.
    let typing = [libc::TIOCSTI as i32, libc::TIOCLINUX as i32];
    let typing = typing.map(|request| SeccompRule::new(vec![when(1, Eq, request)?]));
    rules.insert(libc::SYS_ioctl, typing.into_iter().collect::<Result<_, _>>()?);

    // One of a pair of datagram sockets can send to any name.
    let pairs = || -> Result<Vec<SeccompRule>, seccompiler::Error> {
        let other = vec![when(0, Ne, libc::AF_UNIX)?];
        let named = vec![when(1, MaskedEq(SOCKET_KIND), libc::SOCK_DGRAM)?];
        Ok(vec![SeccompRule::new(other)?, SeccompRule::new(named)?])
    };
    if sockets != Sockets::Pairs {
        // Local sockets have names in the network that they are in: in the machine's, those of other programs.
        let local = (sockets == Sockets::Own).then_some(libc::AF_UNIX);
        let families = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK].into_iter().chain(local);
        let other = families.map(|family| when(0, Ne, family)).collect::<Result<_, _>>()?;
        if sockets == Sockets::Outgoing {
            rules.insert(libc::SYS_listen, Vec::new());
            rules.insert(libc::SYS_socketpair, pairs()?);
        }
        // Listing one's interfaces goes through the route family, and nothing else does.
        let netlink = vec![when(0, Eq, libc::AF_NETLINK)?, when(2, Ne, libc::NETLINK_ROUTE)?];
        rules.insert(libc::SYS_socket, vec![SeccompRule::new(other)?, SeccompRule::new(netlink)?]);
        for (call, most) in [(libc::SYS_shmget, SHARED_BYTES), (libc::SYS_semget, SEMAPHORES)] {
            let larger = SeccompCondition::new(1, SeccompCmpArgLen::Qword, SeccompCmpOp::Gt, most)?;
            rules.insert(call, vec![SeccompRule::new(vec![larger])?]);
        }
    } else {
        // Pairs stay: they reach nobody else, and runtimes need them.
        rules.insert(libc::SYS_socket, Vec::new());
        rules.insert(libc::SYS_socketpair, pairs()?);
        rules.extend(SHARED.iter().map(|call| (*call, Vec::new())));
        for (call, arg) in OTHERS {
            rules.insert(*call, vec![SeccompRule::new(vec![when(*arg, Ne, 0)?])?]);
        }
    }
    Ok(rules)
}

/// Refuses the calls of the x32 interface: they have other numbers, which the lists above do not name.
#[cfg(target_arch = "x86_64")]
fn x32() -> BpfProgram {
    const X32_BIT: u32 = 0x4000_0000;
    let line = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    vec![
        line(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        line(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, X32_BIT),
        line(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
        line(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}
