//! How long files are, and what modules are called.

use super::Finding;
use super::tree::{SourceFile, Tree};

/// No file outside tests is longer.
const LINES_MAX: usize = 800;

/// What a file should stay under; beyond it, `--verbose` warns.
const LINES_AIM: usize = 400;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 9] =
    ["common", "helper", "helpers", "manager", "managers", "misc", "util", "utilities", "utils"];

/// Files that are too long.
pub(super) fn sizes(tree: &Tree) -> Vec<Finding> {
    longer_than(LINES_MAX, tree)
}

/// Files that are on their way there.
pub(super) fn long_files(tree: &Tree) -> Vec<Finding> {
    longer_than(LINES_AIM, tree)
}

fn longer_than(limit: usize, tree: &Tree) -> Vec<Finding> {
    let written = tree.files.iter().filter(|file| {
        matches!(file.extension(), "rs" | "ts" | "js" | "css") && !file.is_test() && !file.is_foreign()
    });
    written
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > limit)
        .map(|(file, lines)| Finding::file(&file.path, format!("{lines} lines, more than {limit}: split it")))
        .collect()
}

/// Modules, files and crates with a name that says nothing.
pub(super) fn names(tree: &Tree) -> Vec<Finding> {
    tree.rust().flat_map(|file| named_in_path(file).into_iter().chain(named_inside(file))).collect()
}

fn named_in_path(file: &SourceFile) -> Option<Finding> {
    let mut parts = file.path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
    let name = parts.find(|part| EMPTY_NAMES.contains(part))?;
    Some(Finding::file(&file.path, format!("`{name}` does not say what is inside")))
}

/// Only modules with a body: those without have a file of that name, which is found by its path.
fn named_inside(file: &SourceFile) -> Vec<Finding> {
    let named = |text: &str| {
        let words = text.trim().strip_suffix('{')?.trim();
        let name =
            words.rsplit_once("mod ").filter(|(before, _)| before.is_empty() || before.starts_with("pub"))?.1;
        EMPTY_NAMES.contains(&name).then(|| name.to_owned())
    };
    file.lines()
        .iter()
        .filter_map(|line| Some((line.number, named(line.text)?)))
        .map(|(number, name)| {
            Finding::line(&file.path, number, format!("`{name}` does not say what is inside"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn too_long(path: &str, lines: usize) -> bool {
        !sizes(&Tree::of(&[(path, &"x\n".repeat(lines))])).is_empty()
    }

    #[test]
    fn eight_hundred_lines_are_the_limit() {
        assert!(!too_long("crates/engine/src/desk.rs", 800));
        assert!(too_long("crates/engine/src/desk.rs", 801));
        assert!(too_long("web/shop.ts", 801) && too_long("web/shop.css", 801));
    }

    #[test]
    fn tests_and_other_kinds_of_files_may_be_longer() {
        for path in
            ["crates/engine/tests/it/desk.rs", "crates/engine/src/desk/tests.rs", "docs/api.md", "Cargo.lock"]
        {
            assert!(!too_long(path, 2000), "{path}");
        }
        assert!(!too_long("crates/server/src/web/vendor/swagger.js", 2000));
    }

    #[test]
    fn a_warning_comes_before_the_limit() {
        let tree = Tree::of(&[("a.rs", &"x\n".repeat(401)), ("b.rs", &"x\n".repeat(400))]);
        assert_eq!(long_files(&tree), [Finding::file("a.rs", "401 lines, more than 400: split it")]);
    }

    fn badly_named(path: &str, text: &str) -> bool {
        !names(&Tree::of(&[(path, text)])).is_empty()
    }

    #[test]
    fn a_name_that_says_nothing_is_found_in_a_path() {
        assert!(badly_named("crates/engine/src/utils.rs", ""));
        assert!(badly_named("crates/server/tests/common/mod.rs", ""));
        assert!(badly_named("crates/misc/src/lib.rs", ""));
        assert!(!badly_named("crates/engine/src/commons.rs", ""), "the whole name counts");
    }

    #[test]
    fn a_name_that_says_nothing_is_found_on_a_module_with_a_body() {
        assert!(badly_named("src/lib.rs", "pub(crate) mod helpers {\n}\n"));
        assert!(badly_named("src/lib.rs", "    mod manager {\n    }\n"));
        assert!(!badly_named("src/lib.rs", "mod hold {\n}\n// a mod utils {\n"));
    }
}
