//! What a command reaches that is let into the machine's network, and what it does not reach there either.

use std::{
    net::TcpListener,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener},
    },
};

use sandbox::{End, Job, Level, Network, Outcome};

use crate::support::{Fixture, at, full, text};

/// Says for each attempt whether it went, and if not with which error.
const TRY: &str = r#"
import errno, os, socket, sys
port, abstract = int(sys.argv[1]), sys.argv[2]
def attempt(name, act):
    try:
        act()
        print(name, "yes")
    except OSError as error:
        print(name, errno.errorcode[error.errno])
def tcp(): socket.create_connection(("127.0.0.1", port), 5).close()
def unix(address): socket.socket(socket.AF_UNIX).connect(address)
def listen():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
def implicit(): socket.socket().listen()
attempt("tcp", tcp)
attempt("abstract", lambda: unix("\0" + abstract))
attempt("path", lambda: unix("socket"))
attempt("listen", listen)
attempt("listen-unbound", implicit)
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("pair", lambda: socket.socketpair())
attempt("pair-of-datagrams", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
attempt("datagrams-of-names", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
print("names", os.path.exists("/etc/resolv.conf"))
"#;

struct Host {
    tcp: TcpListener,
    abstract_name: String,
    _unix: [UnixListener; 2],
}

fn host(fixture: &Fixture) -> Host {
    fixture.put("try.py", TRY);
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let abstract_name =
        format!("baton-network-{}-{}", std::process::id(), tcp.local_addr().unwrap().port());
    let unix = [
        UnixListener::bind_addr(&SocketAddr::from_abstract_name(&abstract_name).unwrap()).unwrap(),
        UnixListener::bind(fixture.path().join("socket")).unwrap(),
    ];
    Host { tcp, abstract_name, _unix: unix }
}

async fn attempt(fixture: &Fixture, host: &Host, network: Network) -> Outcome {
    let port = host.tcp.local_addr().unwrap().port().to_string();
    let job = fixture.job(["python3", "try.py", &port, &host.abstract_name]);
    fixture.run(&Job { network, ..job }).await
}

#[tokio::test]
async fn its_own_network_has_nothing_of_the_machine() {
    let Some(fixture) = full().await else { return };
    let host = host(&fixture);
    let outcome = attempt(&fixture, &host, Network::Own).await;
    let said = text(&outcome);
    for line in ["tcp ECONNREFUSED", "listen yes", "listen-unbound yes", "pair yes", "names False"]
    {
        assert!(said.contains(&format!("{line}\n")), "{line}: {said}");
    }
    for not in ["abstract yes", "path yes", "packet yes"] {
        assert!(!said.contains(not), "{said}");
    }
}

#[tokio::test]
async fn the_machines_network_can_be_called_from_and_nothing_else() {
    let Some(fixture) = full().await else { return };
    let host = host(&fixture);
    let outcome = attempt(&fixture, &host, Network::Host).await;
    assert_eq!(outcome.end, End::Exit(0));
    let names = std::path::Path::new("/etc/resolv.conf").is_file();
    let names = if names { "True" } else { "False" };
    let expected = format!(
        "tcp yes\nabstract EPERM\npath EPERM\nlisten EPERM\nlisten-unbound EPERM\npacket EPERM\npair yes\n\
         pair-of-datagrams EPERM\ndatagrams-of-names EPERM\nnames {names}\n"
    );
    assert_eq!(text(&outcome), expected);
    host.tcp.set_nonblocking(true).unwrap();
    assert!(host.tcp.accept().is_ok(), "it came from inside");
}

#[tokio::test]
async fn all_other_walls_stand() {
    let Some(fixture) = full().await else { return };
    let secret = fixture.outside().join("secret");
    std::fs::write(&secret, "BATON-SECRET").unwrap();
    let before = fixture.tree();
    let script = format!(
        "cat '{}'; echo new > kept.txt; ls /proc | grep -c '^[0-9]'; unshare -n true; echo $CARGO_NET_OFFLINE; id -u >/dev/null",
        secret.display()
    );
    let outcome = fixture.run(&Job { network: Network::Host, ..fixture.sh(&script) }).await;
    let said = text(&outcome);
    assert!(!said.contains("BATON-SECRET"), "{said}");
    assert!(said.contains("unshare failed: Operation not permitted"), "{said}");
    let seen: usize = said.lines().next().unwrap().parse().unwrap();
    assert!(seen < 10, "it sees the machine's processes: {said}");
    assert_eq!(fixture.tree(), before);
}

#[tokio::test]
async fn a_lesser_level_has_no_network_to_give() {
    let Some(fixture) = at(Level::Restricted).await else { return };
    let host = host(&fixture);
    let job = Job { network: Network::Host, ..fixture.sh("true") };
    let error = fixture.try_run(&job).await.unwrap_err();
    assert!(matches!(error, sandbox::Error::Refused(_)), "{error}");
    let said = text(&attempt(&fixture, &host, Network::Own).await);
    for line in ["tcp EPERM", "pair yes", "pair-of-datagrams EPERM"] {
        assert!(said.contains(&format!("{line}\n")), "{line}: {said}");
    }
}
