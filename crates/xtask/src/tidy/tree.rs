//! The project's files, as git sees them, and which of their lines are tests.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::workspace;

/// The text files that are, or are about to be, committed.
pub(super) struct Tree {
    pub(super) files: Vec<SourceFile>,
}

/// One text file.
pub(super) struct SourceFile {
    /// From the workspace's root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    /// Every text file that git tracks, or would if it were added.
    ///
    /// Untracked files count, so that a rule speaks before the commit and not after it.
    ///
    /// # Errors
    /// When git cannot list the files, or one cannot be read.
    pub(super) fn of_the_project() -> Result<Self> {
        let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = workspace::output(&mut workspace::program("git", &arguments))
            .context("tidy looks at the files of a git clone")?;
        let root = workspace::root();
        let mut files = Vec::new();
        for path in listed.split_terminator('\0') {
            let place = root.join(path);
            // Listed but not there: deleted and not yet committed. A folder: a submodule. Neither holds text.
            if !place.is_file() {
                continue;
            }
            let bytes = std::fs::read(&place).with_context(|| format!("cannot read {path}"))?;
            // What is not UTF-8 is not text, and no rule is about it.
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(SourceFile { path: path.to_owned(), text });
            }
        }
        Ok(Self { files })
    }

    /// A tree for a test.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| SourceFile { path: (*path).into(), text: (*text).into() };
        Self { files: files.iter().map(file).collect() }
    }

    pub(super) fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The Rust files.
    pub(super) fn rust(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.extension() == "rs")
    }
}

impl SourceFile {
    pub(super) fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
    }

    /// Whether the whole file is tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }

    /// Whether the file is kept as somebody else published it.
    pub(super) fn is_foreign(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "fixtures" | "vendor" | "dist"))
            || self.extension() == "snap"
    }

    /// Every line with its number, from 1, and whether it is test code: all of a test file, and in any other the
    /// item after each `#[cfg(test)]`, which rustfmt closes with a brace under the item's first letter.
    pub(super) fn lines(&self) -> Vec<Line<'_>> {
        let whole = self.is_test();
        let mut region = Region::None;
        (1..)
            .zip(self.text.lines())
            .map(|(number, text)| {
                let test = region.step(text);
                Line { number, text, test: whole || test }
            })
            .collect()
    }
}

/// One line of a file.
pub(super) struct Line<'a> {
    pub(super) number: usize,
    pub(super) text: &'a str,
    pub(super) test: bool,
}

impl Line<'_> {
    /// Whether the line is nothing but a comment.
    pub(super) fn is_comment(&self) -> bool {
        self.text.trim_start().starts_with("//")
    }
}

/// Where the lines stand to a `#[cfg(test)]`.
enum Region {
    None,
    /// After the attribute, before its item's body.
    Announced,
    /// In the body, until a closing brace that is this far in.
    Body {
        indent: usize,
    },
}

impl Region {
    /// Takes the next line, and says whether it belongs to a test.
    fn step(&mut self, line: &str) -> bool {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        match *self {
            Self::None => {
                let announced = trimmed.starts_with("#[cfg(test)]") || trimmed.starts_with("#[cfg(all(test");
                if announced {
                    *self = Self::Announced;
                }
                announced
            }
            Self::Announced => {
                if trimmed.ends_with('{') {
                    *self = Self::Body { indent };
                } else if trimmed.ends_with(';') || trimmed.ends_with('}') {
                    *self = Self::None;
                }
                true
            }
            Self::Body { indent: body } => {
                if indent == body && trimmed.starts_with('}') {
                    *self = Self::None;
                }
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_lines(path: &str, text: &str) -> Vec<usize> {
        let tree = Tree::of(&[(path, text)]);
        let lines = tree.files.iter().flat_map(SourceFile::lines);
        lines.filter(|line| line.test).map(|line| line.number).collect()
    }

    #[test]
    fn a_test_module_is_test_code_to_its_closing_brace() {
        let text = "fn a() {\n}\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\nfn c() {}\n";
        assert_eq!(test_lines("crates/engine/src/desk.rs", text), [3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_test_module_in_a_file_of_its_own_ends_with_its_semicolon() {
        let text = "#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests;\nfn c() {}\n";
        assert_eq!(test_lines("src/lib.rs", text), [1, 2, 3]);
    }

    #[test]
    fn a_nested_item_ends_at_its_own_brace() {
        let text = "impl A {\n    #[cfg(test)]\n    fn b() {\n        if x {\n        }\n    }\n\n    fn c() {}\n}\n";
        assert_eq!(test_lines("src/lib.rs", text), [2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_test_file_is_test_code_from_end_to_end() {
        assert_eq!(test_lines("crates/server/tests/it/main.rs", "fn a() {}\n"), [1]);
        assert_eq!(test_lines("crates/engine/src/desk/tests.rs", "fn a() {}\n"), [1]);
        assert!(test_lines("crates/engine/src/attests.rs", "fn a() {}\n").is_empty());
    }

    #[test]
    fn the_project_lists_this_very_file() {
        let tree = Tree::of_the_project().expect("a git clone");
        let file = tree.file("crates/xtask/src/tidy/tree.rs").expect("this file");
        assert!(file.text.starts_with("//! The project's files"));
        assert!(
            tree.files.iter().all(|file| !file.path.starts_with("target/")),
            "ignored files are no files"
        );
    }
}
