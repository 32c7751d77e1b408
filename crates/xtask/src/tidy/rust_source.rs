//! Rules about Rust files, and about markers of unfinished work in any code.
//!
//! The patterns are written in two pieces, so that this file does not break the rules it checks.

use super::Finding;
use super::tree::{Line, SourceFile, Tree};

const IGNORED: &str = concat!("#[", "ignore");
const UNWRITTEN: &str = concat!("to", "do!");
const MARKERS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const SLEEPS: [&str; 2] = [concat!("thread::", "sleep"), concat!("time::", "sleep")];

/// What the domain must not reach for, though the standard library offers it.
const IMPURE: [&str; 9] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "SystemTime::now",
];

/// Files that do not start by saying what they are.
pub(super) fn module_docs(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| Finding::file(&file.path, "does not start with a `//!` that says what it is"))
        .collect()
}

/// A domain that is not pure.
pub(super) fn pure_domain(tree: &Tree) -> Vec<Finding> {
    let files = tree.rust().filter(|file| file.path.starts_with("crates/domain/src/"));
    lines_with(files, |line| {
        if line.test || line.is_comment() {
            return None;
        }
        let reached = IMPURE.iter().find(|path| line.text.contains(**path))?;
        Some(format!("the domain may not reach for `{reached}`"))
    })
}

/// Tests that are switched off.
pub(super) fn ignored_tests(tree: &Tree) -> Vec<Finding> {
    lines_with(tree.rust(), |line| {
        (line.text.contains(IGNORED) && !line.is_comment())
            .then(|| "an ignored test proves nothing".to_owned())
    })
}

/// Markers of unfinished work: as a macro in Rust, as a word in the comments of any code.
pub(super) fn left_overs(tree: &Tree) -> Vec<Finding> {
    let code = tree.files.iter().filter(|file| is_code(file));
    code.flat_map(|file| {
        lines_with(std::iter::once(file), |line| {
            // In Rust only after `//`: in a string the same word may be data, as the currency code of "none" is.
            let watched = match file.extension() {
                "rs" => line.text.split_once("//").map_or("", |(_, comment)| comment),
                _ => line.text,
            };
            let marker = words(watched).find(|word| MARKERS.contains(word));
            let macro_call = (file.extension() == "rs" && line.text.contains(UNWRITTEN)).then_some(UNWRITTEN);
            marker.or(macro_call).map(|found| format!("`{found}` marks work that is not finished"))
        })
    })
    .collect()
}

fn is_code(file: &SourceFile) -> bool {
    let by_extension = matches!(
        file.extension(),
        "rs" | "ts" | "js" | "css" | "html" | "sql" | "sh" | "toml" | "yml" | "yaml"
    );
    let by_name = matches!(file.path.as_str(), "Makefile" | ".ci/run");
    (by_extension || by_name) && !file.is_foreign()
}

/// Tests that wait for a time to pass, instead of for what they wait for.
pub(super) fn sleeping_tests(tree: &Tree) -> Vec<Finding> {
    lines_with(tree.rust(), |line| {
        let sleep = SLEEPS.iter().find(|sleep| line.text.contains(**sleep))?;
        (line.test && !line.is_comment())
            .then(|| format!("`{sleep}` in a test: wait for the condition, with a bound"))
    })
}

/// The lines about which `judge` has something to say.
fn lines_with<'a>(
    files: impl Iterator<Item = &'a SourceFile>,
    judge: impl Fn(&Line<'_>) -> Option<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        for line in file.lines() {
            if let Some(message) = judge(&line) {
                findings.push(Finding::line(&file.path, line.number, message));
            }
        }
    }
    findings
}

/// The words of a line, as an identifier is a word.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Check = fn(&Tree) -> Vec<Finding>;

    /// The lines of a file that the rule finds something on.
    fn found(check: Check, path: &str, text: &str) -> Vec<Option<usize>> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_file_says_first_what_it_is() {
        assert!(found(module_docs, "src/a.rs", "//! A thing.\n").is_empty());
        assert_eq!(found(module_docs, "src/a.rs", "// A thing.\n"), [None]);
        assert_eq!(found(module_docs, "src/a.rs", "\n//! A thing.\n"), [None], "first means first");
        assert_eq!(found(module_docs, "src/a.rs", "//!\n"), [None], "it has to say something");
        assert!(found(module_docs, "a.ts", "let a\n").is_empty());
    }

    #[test]
    fn the_domain_is_pure() {
        let clock = "use std::time::Instant;\n";
        assert_eq!(found(pure_domain, "crates/domain/src/hold.rs", clock), [Some(1)]);
        assert!(
            found(pure_domain, "crates/engine/src/clock.rs", clock).is_empty(),
            "the engine is not the domain"
        );
        let fine =
            "use std::time::Duration;\n// no std::fs here\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
        assert!(found(pure_domain, "crates/domain/src/hold.rs", fine).is_empty());
    }

    #[test]
    fn an_ignored_test_is_found() {
        let text = format!("#[test]\n    {IGNORED} = \"slow\"]\nfn a() {{}}\n");
        assert_eq!(found(ignored_tests, "crates/a/tests/it/main.rs", &text), [Some(2)]);
        assert!(found(ignored_tests, "src/a.rs", &format!("// never {IGNORED}]\n")).is_empty());
    }

    #[test]
    fn markers_are_found_in_comments_of_any_code() {
        for marker in MARKERS {
            assert_eq!(found(left_overs, "src/a.rs", &format!("let a = 1; // {marker}: b\n")), [Some(1)]);
            assert_eq!(found(left_overs, "Makefile", &format!("run: # {marker}\n")), [Some(1)]);
            assert!(
                found(left_overs, "src/a.rs", &format!("let a = \"{marker}\";\n")).is_empty(),
                "a string"
            );
            assert!(found(left_overs, "src/a.rs", &format!("// {marker}S\n")).is_empty(), "another word");
            assert!(
                found(left_overs, "docs/a.md", &format!("{marker}\n")).is_empty(),
                "a document may name it"
            );
        }
    }

    #[test]
    fn an_unwritten_function_is_found() {
        assert_eq!(found(left_overs, "src/a.rs", &format!("fn a() {{\n    {UNWRITTEN}()\n}}\n")), [Some(2)]);
    }

    #[test]
    fn a_sleep_is_found_in_tests_alone() {
        for sleep in SLEEPS {
            let line = format!("{sleep}(Duration::from_secs(1));\n");
            assert_eq!(found(sleeping_tests, "crates/a/tests/it/main.rs", &line), [Some(1)]);
            assert_eq!(found(sleeping_tests, "crates/a/src/desk/tests.rs", &line), [Some(1)]);
            let module = format!("#[cfg(test)]\nmod tests {{\n    {line}}}\n");
            assert_eq!(found(sleeping_tests, "src/a.rs", &module), [Some(3)]);
            assert!(found(sleeping_tests, "src/a.rs", &line).is_empty());
        }
    }
}
