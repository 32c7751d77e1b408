//! `cargo xtask tidy`: the house rules that neither the compiler nor clippy knows.
//!
//! A rule is a function from the [`Tree`] of the project's files to [`Finding`]s, in [`RULES`] with its name and
//! its reason. [`tree`] reads the files; [`edges`] judges the manifests, [`layout`] files and names, [`text`] any
//! text, [`rust_source`] Rust, [`sql`] where statements may be, [`map`] the architecture's crate table.
//!
//! The rules look at text, not at syntax trees: they lean on rustfmt's layout, and stay fast to build and to read.
//! A line that must break a rule says so, and why: `tidy: allow(rule) because …`, on itself or on the line above.

mod edges;
mod layout;
mod map;
mod rust_source;
mod sql;
mod text;
mod tree;

use std::fmt;

use anyhow::{Result, bail};

use tree::Tree;

/// What `cargo xtask tidy` can be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Also warn of files that are on their way to being too long
    #[arg(long)]
    verbose: bool,

    /// Print every rule with its reason, and check nothing
    #[arg(long)]
    list: bool,
}

/// A house rule.
struct Rule {
    /// What findings and exceptions call it.
    name: &'static str,
    /// What it asks for, and the reason.
    why: &'static str,
    check: fn(&Tree) -> Vec<Finding>,
}

/// A place that breaks a rule.
#[derive(PartialEq, Eq, Debug)]
struct Finding {
    path: String,
    /// Counted from 1; none when the finding is about the whole file.
    line: Option<usize>,
    message: String,
}

impl Finding {
    fn file(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, message: message.into() }
    }

    fn line(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: Some(line), message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.path, self.message),
            None => write!(out, "{}: {}", self.path, self.message),
        }
    }
}

const RULES: &[Rule] = &[
    Rule {
        name: "crate-edges",
        why: "A crate depends only on what ARCHITECTURE.md allows it, in the workspace and outside: what a crate \
              cannot reach, it cannot come to need.",
        check: edges::check,
    },
    Rule {
        name: "crate-table",
        why: "Every crate has its line in ARCHITECTURE.md's crate table, and every line its crate: a map with \
              holes is not trusted.",
        check: map::check,
    },
    Rule {
        name: "file-size",
        why: "No .rs, .ts, .js or .css file over 800 lines outside tests: a file is read as a whole or not \
              understood.",
        check: layout::sizes,
    },
    Rule {
        name: "module-names",
        why: "A module is named after what it knows, not `utils`, `common`, `helpers`, `manager` or `misc`: a \
              drawer without a label collects everything.",
        check: layout::names,
    },
    Rule {
        name: "module-docs",
        why: "Every .rs file starts with `//!`: what it is, and what it must not do.",
        check: rust_source::module_docs,
    },
    Rule {
        name: "pure-domain",
        why: "The domain reads no clock, file, socket, thread or environment, so that every run of it can be \
              replayed.",
        check: rust_source::pure_domain,
    },
    Rule {
        name: "no-ignored-tests",
        why: "No test is switched off: a test that may not run is deleted, with the reason in the commit.",
        check: rust_source::ignored_tests,
    },
    Rule {
        name: "no-left-overs",
        why: "No marker of unfinished work stays: finish it, or file an issue.",
        check: rust_source::left_overs,
    },
    Rule {
        name: "no-sleeping-tests",
        why: "Tests wait for a condition, with a bound; a sleep is too short on a busy machine and too long on \
              every other.",
        check: rust_source::sleeping_tests,
    },
    Rule {
        name: "sql-in-backends",
        why: "SQL is written in crates/backends, crates/testkit and tests alone: elsewhere nothing may know what \
              the store is.",
        check: sql::check,
    },
    Rule {
        name: "whitespace",
        why: "No trailing whitespace, and a file ends in one newline: differences show what changed, nothing else.",
        check: text::whitespace,
    },
    Rule {
        name: "machine-paths",
        why: "No absolute path of one machine: it works nowhere else, and tells whose it was.",
        check: text::machine_paths,
    },
];

/// Runs the command.
///
/// # Errors
/// When a rule is broken.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.list {
        for rule in RULES {
            println!("{}\n    {}", rule.name, rule.why);
        }
        return Ok(());
    }
    if options.verbose {
        for warning in layout::long_files(&Tree::of_the_project()?) {
            println!("warning: {warning}");
        }
    }
    check()
}

/// Checks every rule on the project's files and prints what breaks one.
///
/// # Errors
/// When a rule is broken, or the files cannot be read.
pub(crate) fn check() -> Result<()> {
    let tree = Tree::of_the_project()?;
    let mut count = 0;
    for rule in RULES {
        let findings = findings_of(rule, &tree);
        for finding in &findings {
            println!("{finding}  [{}]", rule.name);
        }
        if !findings.is_empty() {
            println!("  why: {}\n", rule.why);
        }
        count += findings.len();
    }
    if count > 0 {
        bail!("house rules are broken in {count} place{}", if count == 1 { "" } else { "s" });
    }
    println!("tidy: {} files keep all {} rules", tree.files.len(), RULES.len());
    Ok(())
}

/// The rule's findings, without those that the file itself excuses with a reason.
fn findings_of(rule: &Rule, tree: &Tree) -> Vec<Finding> {
    let mut findings = (rule.check)(tree);
    findings.retain(|finding| !is_excused(rule.name, finding, tree));
    findings
}

fn is_excused(rule: &str, finding: &Finding, tree: &Tree) -> bool {
    let (Some(line), Some(file)) = (finding.line, tree.file(&finding.path)) else { return false };
    let excuse = format!("tidy: allow({rule}) because ");
    let above = line.saturating_sub(2);
    file.text.lines().skip(above).take(line - above).any(|text| {
        text.split_once(&excuse).is_some_and(|(_, reason)| reason.split_whitespace().count() >= 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whitespace() -> &'static Rule {
        RULES.iter().find(|rule| rule.name == "whitespace").expect("the rule exists")
    }

    fn excused(text: &str) -> bool {
        findings_of(whitespace(), &Tree::of(&[("a.md", text)])).is_empty()
    }

    #[test]
    fn a_finding_is_excused_by_a_reason_on_its_line_or_the_line_above() {
        assert!(!excused("one \n"));
        assert!(excused("tidy: allow(whitespace) because the format wants it\none \n"));
        assert!(excused("x tidy: allow(whitespace) because the format wants it \n"));
    }

    #[test]
    fn an_excuse_needs_a_reason_the_right_rule_and_the_right_place() {
        assert!(!excused("tidy: allow(whitespace)\none \n"));
        assert!(!excused("tidy: allow(whitespace) because so\none \n"), "one word is no reason");
        assert!(!excused("tidy: allow(file-size) because the format wants it\none \n"));
        assert!(!excused("tidy: allow(whitespace) because the format wants it\n\none \n"));
        assert!(!excused("one \ntidy: allow(whitespace) because the format wants it\n"));
    }

    #[test]
    fn rules_have_names_of_their_own() {
        let mut names = RULES.iter().map(|rule| rule.name).collect::<Vec<_>>();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }

    #[test]
    fn a_finding_reads_like_a_compilers() {
        assert_eq!(Finding::line("a.rs", 3, "bad").to_string(), "a.rs:3: bad");
        assert_eq!(Finding::file("a.rs", "bad").to_string(), "a.rs: bad");
    }
}
