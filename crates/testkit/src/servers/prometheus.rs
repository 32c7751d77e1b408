//! Prometheus, watching nodes by the deployment's own rules.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::free_port;

const RULES: &str = include_str!("../../../../deploy/prometheus/rules.yml");

/// A running Prometheus. It ends when it is dropped.
#[derive(Debug)]
pub struct Prometheus {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that asks the nodes on these ports of the loopback.
    ///
    /// # Errors
    /// A sentence, when it is not installed.
    pub fn start(nodes: &[u16]) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let port = free_port();
        let targets: Vec<String> = nodes.iter().map(|node| format!("\"127.0.0.1:{node}\"")).collect();
        let file = folder.path().join("prometheus.yml");
        let text = format!(
            "global: {{ scrape_interval: 5s, evaluation_interval: 5s }}\nrule_files: [rules.yml]\n\
             scrape_configs: [{{ job_name: flashtix, static_configs: [{{ targets: [{}] }}] }}]\n",
            targets.join(", ")
        );
        let write = |path: &Path, text: &str| std::fs::write(path, text).map_err(|error| error.to_string());
        write(&file, &text)?;
        write(&folder.path().join("rules.yml"), RULES)?;
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!(
                    "prometheus cannot be run ({error}): install Debian's package prometheus, or leave it out"
                )
            })?;
        Ok(Self { child, port, _folder: folder })
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
