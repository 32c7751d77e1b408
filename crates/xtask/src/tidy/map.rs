//! Whether ARCHITECTURE.md's crate table lists the crates there are.

use super::Finding;
use super::edges::crate_folder;
use super::tree::Tree;

/// The file with the table.
const MAP: &str = "ARCHITECTURE.md";

/// Crates without a row, and rows without a crate.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    // Until there is a map, there is nothing to be missing from.
    let Some(map) = tree.file(MAP) else { return Vec::new() };
    let rows = rows(&map.text);
    if rows.is_empty() {
        return vec![Finding::file(MAP, "has no table whose first column is headed `crate`")];
    }
    let crates = tree.files.iter().filter_map(|file| crate_folder(&file.path)).collect::<Vec<_>>();
    let unlisted = crates
        .iter()
        .filter(|name| rows.iter().all(|(_, row)| row != *name))
        .map(|name| Finding::file(MAP, format!("the crate table has no row for `{name}`")));
    let gone = rows
        .iter()
        .filter(|(_, row)| !crates.contains(row))
        .map(|(line, row)| Finding::line(MAP, *line, format!("there is no crate `{row}`")));
    unlisted.chain(gone).collect()
}

/// The crates that the table names, each with its line: the first word of every row's first cell.
fn rows(text: &str) -> Vec<(usize, &str)> {
    (1..)
        .zip(text.lines())
        .skip_while(|(_, line)| !name_in(line).is_some_and(|name| name.eq_ignore_ascii_case("crate")))
        .skip(1)
        .map_while(|(number, line)| Some((number, name_in(line)?)))
        .filter(|(_, name)| !name.starts_with('-') && !name.starts_with(':'))
        .collect()
}

fn name_in(line: &str) -> Option<&str> {
    let cell = line.trim_start().strip_prefix('|')?.split('|').next()?;
    Some(cell.split_whitespace().next().unwrap_or_default().trim_matches(|mark| mark == '`' || mark == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# Map\n\n| word | meaning |\n| --- | --- |\n| hold | kept |\n\n\
        | crate | holds |\n| --- | --- |\n| `domain` | rules |\n| `testkit` (dev) | tests |\n\nEnd.\n";

    fn messages(table: &str, crates: &[&str]) -> Vec<String> {
        let manifests = crates.iter().map(|name| format!("crates/{name}/Cargo.toml")).collect::<Vec<_>>();
        let mut files = manifests.iter().map(|path| (path.as_str(), "")).collect::<Vec<_>>();
        files.push((MAP, table));
        check(&Tree::of(&files)).into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_complete_table_is_fine() {
        assert!(messages(TABLE, &["domain", "testkit"]).is_empty());
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        let missing = messages(TABLE, &["domain", "testkit", "storm"]);
        assert_eq!(missing, ["ARCHITECTURE.md: the crate table has no row for `storm`"]);
    }

    #[test]
    fn a_row_without_a_crate_is_found() {
        assert_eq!(messages(TABLE, &["domain"]), ["ARCHITECTURE.md:10: there is no crate `testkit`"]);
    }

    #[test]
    fn a_map_without_the_table_is_found_and_no_map_is_not() {
        assert_eq!(messages("# Map\n", &["domain"]).len(), 1);
        assert!(check(&Tree::of(&[("crates/domain/Cargo.toml", "")])).is_empty());
    }
}
