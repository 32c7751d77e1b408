//! What `deploy/` and the runbook say, against a real server: no metric, setting or problem code that it does not know.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Process, run, url_of};

/// Commands whose flags and variables deployment files use.
const COMMANDS: [&str; 4] = ["serve", "migrate", "keys", "audit"];

#[tokio::test]
async fn deployment_files_say_what_is_true() {
    let directory = TempDir::new().unwrap();
    let file = |name: &str| directory.path().join(name);
    let (server, client) =
        Process::serve(directory.path(), &url_of(&file("flashtix.db")), &["--classic-api"]).await;
    std::fs::write(file("metrics"), client.get("/metrics").await.text()).unwrap();
    assert!(!server.said().contains('\u{1b}'), "a log that is no terminal has colours: {}", server.said());
    server.stop().await;
    let mut help = String::new();
    for command in COMMANDS {
        help += &run(&[command, "--help"]).await.ok();
    }
    std::fs::write(file("help"), help).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/check_deploy.py");
    let checked = Command::new("python3").arg(script).args([file("metrics"), file("help")]).output().unwrap();
    let said = [checked.stdout, checked.stderr].concat();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&said));
}
