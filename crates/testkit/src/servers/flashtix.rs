//! FlashTix itself, as the binary that is shipped: one process, and questions to it.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, anyhow, ensure};
use serde_json::Value;

use super::{free_port, until};

/// One process of `flashtix serve`. Dropping it kills it.
#[derive(Debug)]
pub struct Node {
    child: Child,
    port: u16,
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself, with everything else, on Ctrl-C.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Node {
    /// Starts a node on a free port, with further arguments, and waits until it is ready. Its log goes to a file.
    ///
    /// # Errors
    /// When it cannot be started, or ends.
    pub fn start(binary: &Path, arguments: &[impl AsRef<OsStr>], log: &Path) -> anyhow::Result<Self> {
        let port = free_port();
        let log = std::fs::File::create(log)?;
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]).args(arguments);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} cannot be run", binary.display()))?;
        let mut node = Self { child, port };
        until("a node is ready", || match node.child.try_wait() {
            Ok(None) => matches!(ask(port, "GET", "/readyz", "", ""), Ok((200, _))).then_some(Ok(())),
            Ok(Some(ended)) => Some(Err(anyhow!("a node ended: {ended}"))),
            Err(error) => Some(Err(error.into())),
        })?;
        Ok(node)
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

/// A pair of keys of a store that has none yet; the secret one.
///
/// # Errors
/// When the store cannot be opened.
pub fn secret_key(binary: &Path, database_url: &str) -> anyhow::Result<String> {
    let keys = Command::new(binary)
        .args(["keys", "create", "--json", "--database-url", database_url])
        .output()
        .with_context(|| format!("{} cannot be run", binary.display()))?;
    let keys: Value = serde_json::from_slice(&keys.stdout).context("flashtix keys create says no JSON")?;
    Ok(keys["secret_key"].as_str().context("there is no secret key")?.to_owned())
}

/// One HTTP request over a connection of its own: status and body.
///
/// # Errors
/// When there is no answer, or none that can be read.
pub fn ask(port: u16, method: &str, path: &str, key: &str, body: &str) -> anyhow::Result<(u16, String)> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer without an end of its head")?;
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .context("an answer without a status")?;
    Ok((status, body.to_owned()))
}

/// Makes something, and gives its identifier.
///
/// # Errors
/// When it is refused.
pub fn make(port: u16, path: &str, key: &str, body: &Value) -> anyhow::Result<String> {
    let (status, answer) = ask(port, "POST", path, key, &body.to_string())?;
    ensure!(status == 201, "{path}: {status} {answer}");
    let answer: Value = serde_json::from_str(&answer)?;
    Ok(answer["id"].as_str().context("an answer without an id")?.to_owned())
}
