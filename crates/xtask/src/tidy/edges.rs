//! Which crate may depend on which: ARCHITECTURE.md's table, as the manifests must keep it.

use toml::Table;

use super::Finding;
use super::tree::{SourceFile, Tree};

/// What one crate of the workspace may depend on.
struct Boundary {
    name: &'static str,
    /// Crates of the workspace that it may use.
    uses: &'static [&'static str],
    /// Crates of the workspace that its tests may use besides.
    tests_use: &'static [&'static str],
    /// Crates from outside that it may use.
    outside: Outside,
}

/// What a crate may use from outside the workspace. Development dependencies are not judged: tests may compare with
/// anything.
enum Outside {
    Only(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

/// Anything that stores, serves or speaks HTTP: the engine knows stores and gates only as ports.
const STORES_AND_WIRES: &[&str] = &[
    "axum",
    "deadpool-postgres",
    "diesel",
    "fred",
    "http",
    "http-body",
    "hyper",
    "hyper-util",
    "postgres",
    "redis",
    "reqwest",
    "rusqlite",
    "sqlx",
    "tokio-postgres",
    "tower",
    "tower-http",
    "utoipa",
    "warp",
];

/// What serves HTTP: nothing but the server does.
const FRONTS: &[&str] = &["axum", "hyper", "hyper-util", "tower", "tower-http", "utoipa", "warp"];

/// Databases: the load generator is a black-box client and sees FlashTix only over HTTP.
const DATABASES: &[&str] =
    &["deadpool-postgres", "diesel", "fred", "postgres", "redis", "rusqlite", "sqlx", "tokio-postgres"];

const BOUNDARIES: &[Boundary] = &[
    Boundary { name: "domain", uses: &[], tests_use: &[], outside: Outside::Only(&["thiserror"]) },
    Boundary {
        name: "engine",
        uses: &["domain"],
        tests_use: &["testkit"],
        outside: Outside::AllBut(STORES_AND_WIRES),
    },
    Boundary {
        name: "backends",
        uses: &["domain", "engine"],
        tests_use: &["testkit"],
        outside: Outside::AllBut(FRONTS),
    },
    Boundary { name: "storm", uses: &["domain"], tests_use: &[], outside: Outside::AllBut(DATABASES) },
    Boundary {
        name: "server",
        uses: &["backends", "domain", "engine", "storm"],
        tests_use: &["testkit"],
        outside: Outside::AllBut(&[]),
    },
    Boundary { name: "testkit", uses: &["domain", "engine"], tests_use: &[], outside: Outside::AllBut(&[]) },
    Boundary { name: "bench", uses: &["storm", "testkit"], tests_use: &[], outside: Outside::AllBut(&[]) },
    Boundary { name: "xtask", uses: &[], tests_use: &[], outside: Outside::AllBut(&[]) },
];

/// Judges the manifest of every crate.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().filter(|file| crate_folder(&file.path).is_some()).flat_map(judge).collect()
}

/// `crates/NAME/Cargo.toml` is the manifest of a crate.
pub(super) fn crate_folder(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml").filter(|name| !name.contains('/'))
}

fn judge(file: &SourceFile) -> Vec<Finding> {
    let path = &file.path;
    let manifest = match file.text.parse::<Table>() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::file(path, format!("is not TOML: {}", error.message()))],
    };
    let folder = crate_folder(path).unwrap_or_default();
    let name = manifest.get("package").and_then(|package| package.get("name")?.as_str()).unwrap_or_default();
    if name != folder {
        return vec![Finding::file(path, format!("the package is called `{name}`, its folder `{folder}`"))];
    }
    let Some(boundary) = BOUNDARIES.iter().find(|boundary| boundary.name == name) else {
        let message =
            format!("`{name}` has no boundary in crates/xtask/src/tidy/edges.rs: say what it may use");
        return vec![Finding::file(path, message)];
    };
    let used = ["dependencies", "build-dependencies"].iter().flat_map(|kind| dependencies(&manifest, kind));
    let mut findings =
        used.filter_map(|used| Some(Finding::file(path, boundary.objection(&used)?))).collect::<Vec<_>>();
    let in_tests = dependencies(&manifest, "dev-dependencies");
    findings.extend(
        in_tests
            .into_iter()
            .filter(|used| is_ours(used) && !boundary.uses.contains(&used.as_str()))
            .filter(|used| !boundary.tests_use.contains(&used.as_str()))
            .map(|used| Finding::file(path, format!("the tests of `{name}` may not use `{used}`"))),
    );
    findings
}

impl Boundary {
    fn objection(&self, used: &str) -> Option<String> {
        let name = self.name;
        if is_ours(used) {
            return (!self.uses.contains(&used)).then(|| format!("`{name}` may not depend on `{used}`"));
        }
        match self.outside {
            Outside::Only(allowed) if !allowed.contains(&used) => {
                Some(format!("`{name}` may use only std and {}, not `{used}`", allowed.join(", ")))
            }
            Outside::AllBut(forbidden) if forbidden.contains(&used) => {
                Some(format!("`{name}` may not use `{used}`: that belongs in another crate"))
            }
            Outside::Only(_) | Outside::AllBut(_) => None,
        }
    }
}

fn is_ours(name: &str) -> bool {
    BOUNDARIES.iter().any(|boundary| boundary.name == name)
}

/// The packages a manifest names in tables of one kind, those for one platform too, by their real names.
fn dependencies(manifest: &Table, kind: &str) -> Vec<String> {
    let platforms = manifest.get("target").and_then(|target| target.as_table());
    let for_platforms =
        platforms.into_iter().flat_map(Table::values).filter_map(|platform| platform.get(kind));
    let tables = manifest.get(kind).into_iter().chain(for_platforms).filter_map(|table| table.as_table());
    tables
        .flatten()
        .map(|(name, detail)| {
            let renamed = detail.get("package").and_then(|package| package.as_str());
            renamed.unwrap_or(name).to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said about a crate with these lines after its `[package]`.
    fn objections(name: &str, tables: &str) -> Vec<String> {
        let path = format!("crates/{name}/Cargo.toml");
        let manifest = format!("[package]\nname = \"{name}\"\n{tables}");
        check(&Tree::of(&[(&path, &manifest)])).into_iter().map(|finding| finding.message).collect()
    }

    fn uses(name: &str, dependency: &str) -> bool {
        objections(name, &format!("[dependencies]\n{dependency}.workspace = true\n")).is_empty()
    }

    #[test]
    fn every_edge_of_the_table_and_no_other() {
        let crates = ["domain", "engine", "backends", "storm", "server", "testkit", "xtask"];
        let allowed = crates.map(|from| {
            let to = crates.iter().copied().filter(|to| *to != from && uses(from, to));
            format!("{from}: {}", to.collect::<Vec<_>>().join(" "))
        });
        let table = [
            "domain: ",
            "engine: domain",
            "backends: domain engine",
            "storm: domain",
            "server: domain engine backends storm",
            "testkit: domain engine",
            "xtask: ",
        ];
        assert_eq!(allowed, table);
    }

    #[test]
    fn the_domain_uses_thiserror_and_nothing_else_from_outside() {
        assert!(uses("domain", "thiserror"));
        for outside in ["tokio", "serde", "rand", "uuid"] {
            assert!(!uses("domain", outside), "{outside}");
        }
    }

    #[test]
    fn the_engine_knows_no_database_and_no_http() {
        assert!(uses("engine", "tokio") && uses("engine", "tracing"));
        for outside in ["rusqlite", "tokio-postgres", "redis", "axum", "hyper"] {
            assert!(!uses("engine", outside), "{outside}");
        }
        assert!(uses("backends", "rusqlite") && !uses("backends", "axum"));
        assert!(uses("storm", "hyper") && !uses("storm", "rusqlite"));
    }

    #[test]
    fn the_test_kit_is_for_tests() {
        assert!(!uses("server", "testkit"));
        assert!(objections("server", "[dev-dependencies]\ntestkit.workspace = true\n").is_empty());
        let refused = objections("storm", "[dev-dependencies]\nserver.workspace = true\nproptest = \"1\"\n");
        assert_eq!(refused, ["the tests of `storm` may not use `server`"]);
    }

    #[test]
    fn no_table_and_no_other_name_hides_an_edge() {
        let hidden = [
            "[build-dependencies]\nserver.workspace = true\n",
            "[target.'cfg(unix)'.dependencies]\nserver = { path = \"../server\" }\n",
            "[dependencies]\nfriend = { package = \"server\", path = \"../server\" }\n",
            "[dependencies.server]\npath = \"../server\"\n",
        ];
        for tables in hidden {
            assert_eq!(objections("engine", tables), ["`engine` may not depend on `server`"], "{tables}");
        }
    }

    #[test]
    fn a_new_crate_must_say_what_it_may_use() {
        assert!(objections("boxoffice", "").first().is_some_and(|text| text.contains("no boundary")));
    }

    #[test]
    fn a_crate_is_named_after_its_folder() {
        let tree = Tree::of(&[("crates/engine/Cargo.toml", "[package]\nname = \"motor\"\n")]);
        assert_eq!(check(&tree).len(), 1);
        assert_eq!(
            check(&Tree::of(&[("crates/engine/Cargo.toml", "[package\n")])).len(),
            1,
            "and it is TOML"
        );
    }
}
