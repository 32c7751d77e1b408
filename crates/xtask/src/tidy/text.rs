//! Rules about any text file.

use super::Finding;
use super::tree::Tree;

/// Where machines keep their own: homes, and the folders that workplaces are mounted at. In two pieces, so that this
/// file has no such path.
const MACHINE_FOLDERS: [&str; 3] = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

/// Whitespace at the end of a line, and files that do not end in exactly one newline.
pub(super) fn whitespace(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !file.is_foreign() && !file.text.is_empty()) {
        for (number, line) in (1..).zip(file.text.split('\n')) {
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(Finding::line(&file.path, number, "whitespace at the end of the line"));
            }
        }
        if !file.text.ends_with('\n') {
            findings.push(Finding::file(&file.path, "does not end in a newline"));
        } else if file.text.ends_with("\n\n") {
            findings.push(Finding::file(&file.path, "ends in an empty line"));
        }
    }
    findings
}

/// Absolute paths that exist on one machine.
pub(super) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in (1..).zip(file.text.lines()) {
            if let Some(folder) = MACHINE_FOLDERS.iter().find(|folder| has_absolute(line, folder)) {
                findings.push(Finding::line(&file.path, number, format!("`{folder}` exists on one machine")));
            }
        }
    }
    findings
}

/// Whether the line has the folder at the start of a path, and not in the middle of one or of a URL.
fn has_absolute(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "._-~})]*".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(check: fn(&Tree) -> Vec<Finding>, path: &str, text: &str) -> Vec<Option<usize>> {
        check(&Tree::of(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn trailing_whitespace_is_found_on_its_line() {
        assert_eq!(found(whitespace, "a.md", "one\ntwo \nthree\t\nfour\r\n"), [Some(2), Some(3), Some(4)]);
        assert!(found(whitespace, "a.md", "one\n\n  two\n").is_empty());
    }

    #[test]
    fn a_file_ends_in_one_newline() {
        assert_eq!(found(whitespace, "a.md", "one"), [None]);
        assert_eq!(found(whitespace, "a.md", "one\n\n"), [None]);
        assert!(found(whitespace, "a.md", "").is_empty(), "an empty file has no line to end");
    }

    #[test]
    fn what_others_published_stays_as_it_is() {
        assert!(found(whitespace, "crates/domain/tests/fixtures/hall.json", "{} ").is_empty());
        assert!(found(whitespace, "crates/server/tests/it/snapshots/a.snap", "a \n").is_empty());
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        for folder in MACHINE_FOLDERS {
            for line in [
                format!("cd {folder}x"),
                format!("{folder}x"),
                format!("\"{folder}x\""),
                format!("A={folder}x"),
            ] {
                assert_eq!(found(machine_paths, "a.sh", &format!("\n{line}\n")), [Some(2)], "{line}");
            }
        }
    }

    #[test]
    fn the_middle_of_a_path_is_not() {
        for folder in MACHINE_FOLDERS {
            for line in
                [format!("https://x.example{folder}x"), format!("./a{folder}x"), format!("${{A}}{folder}x")]
            {
                assert!(found(machine_paths, "a.sh", &line).is_empty(), "{line}");
            }
        }
    }
}
