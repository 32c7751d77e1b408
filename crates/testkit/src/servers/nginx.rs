//! nginx in front of nodes, by the deployment's own file.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{free_port, until};

/// What `deploy/nginx/flashtix.conf` says of nodes; each line is written once for every node here.
const NODE: &str = "flashtix-1:8080";
const OTHER_NODE: &str = "flashtix-2:8080";
const DEPLOYED: &str = include_str!("../../../../deploy/nginx/flashtix.conf");
/// Debian keeps it where only root looks.
const PROGRAMS: [&str; 3] = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"];

/// A running load balancer. It ends when it is dropped.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Nginx {
    /// Whether this machine has the program.
    #[must_use]
    pub fn is_there() -> bool {
        program().is_some()
    }

    /// Starts one in front of nodes on these ports of the loopback.
    ///
    /// # Errors
    /// A sentence, when it is not installed or does not start.
    pub fn start(nodes: &[u16]) -> Result<Self, String> {
        let program =
            program().ok_or("nginx is missing: install Debian's package nginx-light, or leave it out")?;
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let port = free_port();
        let path = folder.path().display().to_string();
        let text = format!(
            "daemon off; pid {path}/pid; error_log {path}/error.log; worker_processes 1;\n\
             worker_rlimit_nofile 65536; events {{ worker_connections 32768; multi_accept on; }}\n\
             http {{ client_body_temp_path {path}/body; proxy_temp_path {path}/proxy; fastcgi_temp_path {path}/f; \
             uwsgi_temp_path {path}/u; scgi_temp_path {path}/s;\n{}\n}}\n",
            site(nodes, port).replace("/var/log/nginx/access.log", &format!("{path}/access.log"))
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, text).map_err(|error| error.to_string())?;
        let child = Command::new(program)
            .args(["-p", &path, "-c", &file.display().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("nginx cannot be run: {error}"))?;
        let mut server = Self { child, port, _folder: folder };
        until("nginx listens", || {
            if server.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                let log = std::fs::read_to_string(format!("{path}/error.log")).unwrap_or_default();
                return Some(Err(format!("nginx ended: {log}")));
            }
            std::net::TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).is_ok().then_some(Ok(()))
        })?;
        Ok(server)
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

fn program() -> Option<PathBuf> {
    PROGRAMS.iter().map(PathBuf::from).find(|path| path.exists())
}

/// The deployment's file, for these nodes and this port.
fn site(nodes: &[u16], port: u16) -> String {
    let mut lines = Vec::new();
    for line in DEPLOYED.lines().filter(|line| !line.contains(OTHER_NODE)) {
        if line.contains(NODE) {
            lines.extend(nodes.iter().map(|node| line.replace(NODE, &format!("127.0.0.1:{node}"))));
        } else {
            lines.push(
                line.replace("listen 80 default_server", &format!("listen 127.0.0.1:{port} default_server")),
            );
        }
    }
    lines.join("\n")
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it only when it is asked.
        let asked = Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}
