//! Where SQL may be written: in the backends, in the test kit, and in tests.

use super::Finding;
use super::rust_source::words;
use super::tree::{SourceFile, Tree};

/// How a statement begins: one word, or a word and another within reach of it. In two pieces each, so that this
/// file does not look like SQL.
const BEGINNINGS: [(&str, Option<&str>); 5] = [
    (concat!("SEL", "ECT"), None),
    (concat!("INS", "ERT"), Some("INTO")),
    (concat!("DEL", "ETE"), Some("FROM")),
    (concat!("UPD", "ATE"), Some("SET")),
    (concat!("CRE", "ATE"), Some("TABLE")),
];

/// How many words may stand between the two of a beginning: a table's name, its alias, `OR IGNORE`.
const REACH: usize = 4;

/// Statements in files that must not know what the store is.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().filter(|file| is_watched(file)).flat_map(statements).collect()
}

fn is_watched(file: &SourceFile) -> bool {
    let home = ["crates/backends/", "crates/testkit/", "crates/bench/"]
        .iter()
        .any(|home| file.path.starts_with(home));
    matches!(file.extension(), "rs" | "ts" | "js" | "sql") && !home && !file.is_test() && !file.is_foreign()
}

/// Keywords in capitals, outside comments and tests. Over lines, because long statements are written over lines.
fn statements(file: &SourceFile) -> Vec<Finding> {
    let lines = file.lines();
    let code = lines.iter().filter(|line| !line.test && !line.is_comment());
    let words = code.flat_map(|line| words(line.text).map(|word| (line.number, word))).collect::<Vec<_>>();
    let mut findings = Vec::new();
    for (index, (line, word)) in words.iter().enumerate() {
        let within_reach = words.iter().skip(index + 1).take(REACH);
        let begins = BEGINNINGS.iter().any(|(first, second)| {
            first == word && second.is_none_or(|second| within_reach.clone().any(|(_, next)| *next == second))
        });
        if begins {
            findings.push(Finding::line(&file.path, *line, "SQL outside crates/backends"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<Option<usize>> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
    }

    const HANDLER: &str = "crates/server/src/http/orders.rs";

    #[test]
    fn every_kind_of_statement_is_found() {
        for statement in [
            "SELECT id FROM orders",
            "INSERT INTO orders VALUES (1)",
            "INSERT OR IGNORE INTO orders VALUES (1)",
            "UPDATE orders AS o SET state = 1",
            "DELETE FROM orders",
            "CREATE TABLE orders (id)",
        ] {
            assert_eq!(lines(HANDLER, &format!("\nlet sql = \"{statement}\";\n")), [Some(2)], "{statement}");
        }
        assert_eq!(lines(HANDLER, "\"UPDATE orders\n    SET a = 1\"\n"), [Some(1)], "over two lines");
    }

    #[test]
    fn the_backends_the_test_kit_and_tests_may_write_it() {
        let text = "let sql = \"SELECT 1\";\n";
        for path in
            ["crates/backends/src/sqlite/read.rs", "crates/testkit/src/a.rs", "crates/server/tests/it/a.rs"]
        {
            assert!(lines(path, text).is_empty(), "{path}");
        }
        assert!(lines(HANDLER, &format!("#[cfg(test)]\nmod tests {{\n    {text}}}\n")).is_empty());
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        let text =
            "tokio::select! {}\n// no SELECT here\nconst UPDATE: u8 = 1;\nselection.insert(into);\nDELETED\n";
        assert!(lines(HANDLER, text).is_empty());
    }
}
