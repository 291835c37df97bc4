//! A program that tries to get out, judged by what it got and by what is left outside.
#![cfg(target_arch = "x86_64")]

use std::{
    fs,
    net::{TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::{
            fs::{PermissionsExt, symlink},
            net::{SocketAddr, UnixListener},
        },
    },
    process::{Child, Command},
};

use expect_test::{Expect, expect};
use sandbox::Level;

use crate::support::{Fixture, at, text};

/// What there is to be reached.
struct Outside {
    tcp: TcpListener,
    udp: UdpSocket,
    unix: Vec<UnixListener>,
    victim: Child,
    /// Without close-on-exec, as a careless library would leave them.
    leaked: Vec<i32>,
}

impl Outside {
    fn new(fixture: &Fixture) -> Outside {
        let outside = fixture.outside();
        fs::create_dir(outside.join(".ssh")).unwrap();
        fs::write(outside.join(".ssh/id"), "secret").unwrap();
        fs::write(outside.join("victim-file"), "mine").unwrap();
        symlink(outside.join("victim-file"), fixture.path().join("planted-link")).unwrap();
        fixture.put("attacks.py", include_str!("attacks.py"));
        let abstract_name = SocketAddr::from_abstract_name(abstract_name(fixture)).unwrap();
        let unix = vec![
            UnixListener::bind(outside.join("socket")).unwrap(),
            UnixListener::bind(fixture.path().join("socket")).unwrap(),
            UnixListener::bind_addr(&abstract_name).unwrap(),
        ];
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind(tcp.local_addr().unwrap()).unwrap();
        tcp.set_nonblocking(true).unwrap();
        udp.set_nonblocking(true).unwrap();
        unix.iter().for_each(|unix| unix.set_nonblocking(true).unwrap());
        let victim =
            Command::new("sleep").arg("70099").env("HOST_SECRET", "secret").spawn().unwrap();
        let leaked = [outside.join(".ssh/id"), outside.to_owned()].map(|path| {
            let file = fs::File::open(path).unwrap();
            // SAFETY: duplicates a descriptor that is open here.
            unsafe { libc::dup(std::os::fd::AsRawFd::as_raw_fd(&file)) }
        });
        Outside { tcp, udp, unix, victim, leaked: leaked.to_vec() }
    }

    /// Whether anybody came.
    fn is_untouched(&mut self, fixture: &Fixture) {
        assert!(self.tcp.accept().is_err());
        assert!(self.udp.recv(&mut [0; 10]).is_err());
        assert!(self.unix.iter().all(|unix| unix.accept().is_err()));
        assert_eq!(self.victim.try_wait().unwrap(), None);
        let outside = fixture.outside();
        assert_eq!(fs::read_to_string(outside.join("victim-file")).unwrap(), "mine");
        assert!(!outside.join("written").exists());
        assert!(!fixture.path().join("settled").exists());
        assert!(!fixture.path().join("own-link").exists());
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = self.victim.kill();
        let _ = self.victim.wait();
        for fd in &self.leaked {
            // SAFETY: made by `dup` above and used by nobody else.
            unsafe { libc::close(*fd) };
        }
    }
}

fn abstract_name(fixture: &Fixture) -> String {
    format!("baton-test-{}", fixture.outside().display())
}

async fn check(level: Level, expect: Expect) {
    let Some(fixture) = at(level).await else { return };
    let mut outside = Outside::new(&fixture);
    let mut job = fixture.job(["/usr/bin/python3", "attacks.py"]);
    let variables = [
        ("PORT", outside.tcp.local_addr().unwrap().port().to_string()),
        ("VICTIM", outside.victim.id().to_string()),
        ("PARENT", std::process::id().to_string()),
        ("OUTSIDE", fixture.outside().display().to_string()),
        ("ABSTRACT", abstract_name(&fixture)),
        ("REAL", fixture.root().to_string()),
    ];
    job.env.extend(variables.map(|(name, value)| (name.to_owned(), value)));
    let said = text(&fixture.run(&job).await);
    outside.is_untouched(&fixture);
    let held = said.lines().filter(|line| line.ends_with(": held")).count();
    // What a leak shows is of no interest, other words are.
    let rest = said
        .lines()
        .filter(|line| !line.ends_with(": held"))
        .map(|line| line.split(": LEAK").next().unwrap_or(line));
    expect.assert_eq(&format!(
        "held: {held}\n{}",
        rest.map(|line| format!("{line}\n")).collect::<String>()
    ));
    let mode = fs::metadata(fixture.outside().join("victim-file")).unwrap().permissions().mode();
    assert!(level != Level::Full || mode & 0o777 != 0o777);
}

#[tokio::test]
async fn nothing_gets_out_at_the_full_level() {
    check(
        Level::Full,
        expect![[r#"
            held: 68
        "#]],
    )
    .await;
}

/// FIXME: without namespaces, modes of the user's other files can be changed and command lines can be read; newer
/// versions of Landlock will do.
#[tokio::test]
async fn little_gets_out_at_the_restricted_level() {
    check(
        Level::Restricted,
        expect![[r#"
            held: 66
            chmod_out
            command_lines
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_environment_is_an_allow_list() {
    for level in [Level::Full, Level::Restricted] {
        let Some(fixture) = at(level).await else { return };
        // The test runner itself has dozens of variables.
        let names = fixture.output("env | cut -d= -f1 | sort").await;
        let known = "BATON_OUT CARGO_HOME CARGO_NET_OFFLINE DOTNET_CLI_TELEMETRY_OPTOUT DOTNET_NOLOGO GOMODCACHE GOPROXY GOROOT \
                     GOTOOLCHAIN HOME JAVA_HOME LANG LC_ALL LC_CTYPE LOGNAME MAVEN_USER_HOME NUGET_PACKAGES NVM_DIR PATH PIP_NO_INDEX PWD PYENV_VERSION PYTHONUSERBASE RUSTUP_AUTO_INSTALL RUSTUP_HOME \
                     RUSTUP_TOOLCHAIN TERM TMPDIR TZ USER VIRTUAL_ENV _ SHLVL OLDPWD";
        let unknown: Vec<&str> = names
            .lines()
            .filter(|name| !known.split_whitespace().any(|known| known == *name))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
