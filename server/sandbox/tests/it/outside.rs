//! What there is outside of a sandbox to be reached, and whether it was; the attacks themselves are in `attacks/`.
//!
//! Shared by the tests and by `examples/escapes`.

use std::{
    collections::BTreeMap,
    ffi::CString,
    fs,
    net::{TcpListener, UdpSocket},
    os::{
        fd::AsRawFd,
        linux::net::SocketAddrExt,
        unix::{
            fs::{MetadataExt, PermissionsExt, symlink},
            net::{SocketAddr, UnixDatagram, UnixListener},
            process::CommandExt,
        },
    },
    path::{Path, PathBuf},
    process::{Child, Command},
};

/// The program: its parts by their names.
pub(crate) const SCRIPTS: [(&str, &str); 3] = [
    ("suite.py", include_str!("attacks/suite.py")),
    ("reach.py", include_str!("attacks/reach.py")),
    ("burden.py", include_str!("attacks/burden.py")),
];

/// What stands on the command line of every process of an attack begins with this.
const MARK: &str = "baton-escape-";

/// What there is to be reached, new for each attack.
pub(crate) struct Outside {
    workspace: PathBuf,
    folder: PathBuf,
    secret: String,
    name: String,
    tcp: TcpListener,
    udp: UdpSocket,
    unix: Vec<UnixListener>,
    datagrams: UnixDatagram,
    victim: Child,
    /// Without close-on-exec, as a careless library would leave them.
    leaked: Vec<i32>,
    shared_id: i32,
    before: BTreeMap<PathBuf, String>,
}

impl Outside {
    /// `workspace`: an existing folder, which gets the program; `folder`: around it. `secret` begins with `BATON-SECRET-`.
    pub(crate) fn new(workspace: &Path, folder: &Path, secret: &str) -> Outside {
        let name = format!("{MARK}{}", folder.file_name().unwrap().to_str().unwrap());
        // Spaces are not for the names of queues.
        let name = name.replace(' ', "-");
        for made in [".ssh", "home", "out"] {
            fs::create_dir(folder.join(made)).unwrap();
        }
        fs::write(folder.join(".ssh/id"), secret).unwrap();
        fs::write(folder.join("victim-file"), "mine").unwrap();
        symlink(folder.join("victim-file"), workspace.join("planted-link")).unwrap();
        fs::create_dir_all(workspace.join(".git/hooks")).unwrap();
        fs::write(workspace.join(".git/config"), "").unwrap();
        for (script, text) in SCRIPTS {
            fs::write(workspace.join(script), text).unwrap();
        }
        let unix = vec![
            UnixListener::bind(folder.join("socket")).unwrap(),
            UnixListener::bind(workspace.join("socket")).unwrap(),
            UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap(),
        ];
        let datagrams = UnixDatagram::bind(folder.join("datagrams")).unwrap();
        let tcp = TcpListener::bind("[::]:0").or_else(|_| TcpListener::bind("0.0.0.0:0")).unwrap();
        let udp = UdpSocket::bind(tcp.local_addr().unwrap()).unwrap();
        tcp.set_nonblocking(true).unwrap();
        udp.set_nonblocking(true).unwrap();
        datagrams.set_nonblocking(true).unwrap();
        unix.iter().for_each(|unix| unix.set_nonblocking(true).unwrap());
        fs::write(Path::new("/dev/shm").join(shared(&name)), secret).unwrap();
        let shared_id = share(secret);
        queue(&name, secret);
        let leaked = [folder.join(".ssh/id"), folder.to_owned()].map(|path| {
            let file = fs::File::open(path).unwrap();
            // SAFETY: duplicates a descriptor that is open here.
            unsafe { libc::dup(file.as_raw_fd()) }
        });
        let victim = victim(secret);
        let mut outside = Outside {
            workspace: workspace.to_owned(),
            folder: folder.to_owned(),
            secret: secret.to_owned(),
            name,
            tcp,
            udp,
            unix,
            datagrams,
            victim,
            leaked: leaked.to_vec(),
            shared_id,
            before: BTreeMap::new(),
        };
        outside.before = outside.state();
        outside
    }

    /// What stands on the command lines of all processes of the attack.
    pub(crate) fn mark(&self) -> &str {
        &self.name
    }

    /// What the program has to know.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let hex = |path: &Path| {
            path.to_str().unwrap().bytes().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let all = [
            ("PORT", self.tcp.local_addr().unwrap().port().to_string()),
            ("VICTIM", self.victim.id().to_string()),
            ("PARENT", std::process::id().to_string()),
            ("OUTSIDE", self.folder.display().to_string()),
            ("ABSTRACT", self.name.clone()),
            ("NAME", self.name.clone()),
            ("REAL", hex(&self.workspace)),
            ("SHARED", shared(&self.name)),
            ("SHARED_ID", self.shared_id.to_string()),
            ("SHARED_KEY", shared_key().to_string()),
            ("QUEUE", self.name.clone()),
            ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ];
        all.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// What was reached, in words. `said`: all that came out of the sandbox.
    pub(crate) fn reached(&mut self, said: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        let mut note = |is_so: bool, what: &str| found.extend(is_so.then(|| what.to_owned()));
        note(self.tcp.accept().is_ok(), "connected by TCP");
        note(self.udp.recv(&mut [0; 10]).is_ok(), "sent by UDP");
        note(self.unix.iter().any(|unix| unix.accept().is_ok()), "connected to a socket file");
        note(self.datagrams.recv(&mut [0; 10]).is_ok(), "sent to a socket file");
        note(self.victim.try_wait().unwrap().is_some(), "ended a process outside");
        let secret = self.secret.as_bytes();
        note(said.windows(secret.len()).any(|part| part == secret), "read a secret");
        let left = marked(&self.name);
        note(!left.is_empty(), "left a process behind");
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        note(mounts.contains(MOUNTPOINT), "mounted for all to see");
        for (path, before) in &self.before {
            let now = state_of(path);
            note(now.as_ref() != Some(before), &format!("changed {}", self.named(path)));
        }
        for path in self.state().keys().filter(|path| !self.before.contains_key(*path)) {
            note(true, &format!("made {}", self.named(path)));
        }
        found
    }

    fn named(&self, path: &Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).display().to_string()
    }

    /// Everything that can be seen of what must stay as it is.
    fn state(&self) -> BTreeMap<PathBuf, String> {
        let mut all = BTreeMap::new();
        // What is collected is made there on purpose.
        let is_ours = |path: &Path| path != self.folder.join("out");
        list(&self.folder, &is_ours, &mut all);
        let victim = PathBuf::from(format!("/proc/{}", self.victim.id()));
        let places = [
            victim.join("stat"),
            victim.join("status"),
            victim.join("limits"),
            Path::new("/tmp").join(&self.name),
            Path::new("/dev/shm").join(&self.name),
        ];
        all.extend(places.into_iter().filter_map(|path| Some((path.clone(), state_of(&path)?))));
        all
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        for pid in marked(&self.name) {
            // SAFETY: a plain call; the process carries our mark on its command line.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
        unmount_all();
        let _ = self.victim.kill();
        let _ = self.victim.wait();
        for fd in &self.leaked {
            // SAFETY: made by `dup` above and used by nobody else.
            unsafe { libc::close(*fd) };
        }
        for path in [&self.name, &shared(&self.name)] {
            let _ = fs::remove_file(Path::new("/dev/shm").join(path));
        }
        let _ = fs::remove_file(Path::new("/tmp").join(&self.name));
        let queue = CString::new(format!("/{}", self.name)).unwrap();
        // SAFETY: plain calls by name and number; what an attack may have made has keys of our own.
        unsafe {
            libc::mq_unlink(queue.as_ptr());
            libc::shmctl(self.shared_id, libc::IPC_RMID, std::ptr::null_mut());
            for key in shared_key()..shared_key() + 256 {
                let id = libc::shmget(key, 0, 0);
                if 0 <= id {
                    libc::shmctl(id, libc::IPC_RMID, std::ptr::null_mut());
                }
            }
        }
    }
}

/// Takes away what an attack has mounted, with the copy of a workspace that could not be removed because of it.
fn unmount_all() {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    for at in mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .filter(|at| at.ends_with(MOUNTPOINT))
    {
        let _ = rustix::mount::unmount(at, rustix::mount::UnmountFlags::DETACH);
        let copy = Path::new(at).ancestors().find(|above| {
            above.file_name().is_some_and(|name| name.to_string_lossy().starts_with("baton-"))
        });
        let _ = copy.map(fs::remove_dir_all);
    }
}

/// Where an attack mounts something.
const MOUNTPOINT: &str = "/mountpoint";

/// The keys of what an attack makes begin here; others may run at the same time.
fn shared_key() -> i32 {
    0x4200_0000 | ((std::process::id() & 0xffff) << 8) as i32
}

/// A process that has the secret in its environment and on its command line, with a signal kept for us to see.
fn victim(secret: &str) -> Child {
    let mut command = Command::new("sleep");
    command.arg0(format!("sleep {secret}")).arg("70099").env("HOST_SECRET", secret);
    // SAFETY: only what may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, libc::SIGURG);
            libc::sigprocmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
            // Else it would depend on the system's settings who may look at it.
            libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY, 0, 0, 0);
            Ok(())
        });
    }
    command.spawn().unwrap()
}

fn shared(name: &str) -> String {
    format!("{name}-shared")
}

/// Shared memory of System V with the secret in it.
fn share(secret: &str) -> i32 {
    // SAFETY: a new segment, larger than what is copied into it.
    unsafe {
        let id = libc::shmget(libc::IPC_PRIVATE, 4096, 0o600);
        let at = libc::shmat(id, std::ptr::null(), 0);
        assert!(0 <= id && at as isize != -1);
        std::ptr::copy_nonoverlapping(secret.as_ptr(), at.cast(), secret.len());
        libc::shmdt(at);
        id
    }
}

/// A POSIX message queue with the secret in it.
fn queue(name: &str, secret: &str) {
    let name = CString::new(format!("/{name}")).unwrap();
    // SAFETY: valid strings with their lengths; the queue stays when its descriptor is closed.
    unsafe {
        let flags = libc::O_CREAT | libc::O_RDWR;
        let queue = libc::mq_open(name.as_ptr(), flags, 0o600, std::ptr::null::<libc::mq_attr>());
        assert!(0 <= queue, "{}", std::io::Error::last_os_error());
        libc::mq_send(queue, secret.as_ptr().cast(), secret.len(), 0);
        libc::mq_close(queue);
    }
}

/// The processes with this on their command line.
pub(crate) fn marked(mark: &str) -> Vec<i32> {
    let own = std::process::id() as i32;
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| *pid != own)
        .filter(|pid| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.windows(mark.len()).any(|part| part == mark.as_bytes())
        })
        .collect()
}

fn list(folder: &Path, is_ours: &dyn Fn(&Path) -> bool, all: &mut BTreeMap<PathBuf, String>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if !is_ours(&path) {
            continue;
        }
        all.extend(state_of(&path).map(|state| (path.clone(), state)));
        if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            list(&path, is_ours, all);
        }
    }
}

/// What of this is not to change: of a process its state, limits and priority, of a file all but the time of reading.
fn state_of(path: &Path) -> Option<String> {
    if path.starts_with("/proc") {
        let text = fs::read_to_string(path).ok()?;
        if path.ends_with("limits") {
            return Some(text);
        }
        if path.ends_with("status") {
            return text.lines().find(|line| line.starts_with("ShdPnd")).map(str::to_owned);
        }
        // Behind the name: the state, and 15 fields later the nice value.
        let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
        let is_stopped = matches!(fields[0], "T" | "t");
        return Some(format!("stopped: {is_stopped}, nice {}", fields[16]));
    }
    let meta = path.symlink_metadata().ok()?;
    let mode = meta.permissions().mode();
    let content = if meta.is_dir() {
        String::new()
    } else if meta.is_file() {
        // What is larger is nobody's but an attack's.
        let content =
            if meta.len() < 1 << 16 { fs::read(path).unwrap_or_default() } else { Vec::new() };
        format!("{} {} {} {content:?}", meta.len(), meta.mtime(), meta.mtime_nsec())
    } else {
        format!("{:?}", fs::read_link(path).ok())
    };
    let mut attribute = [0_u8; 16];
    let name = CString::new(path.to_str()?).ok()?;
    // SAFETY: valid strings, and a buffer with its length.
    let length = unsafe {
        let buffer = attribute.as_mut_ptr().cast();
        libc::lgetxattr(name.as_ptr(), c"user.evil".as_ptr(), buffer, attribute.len())
    };
    Some(format!("{mode:o} {} {} {content}", meta.uid(), 0 <= length))
}
