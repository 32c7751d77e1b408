//! Statements, whose plans must stay what they are.

use super::journal::STATEMENTS;

#[test]
fn guarded_statements_fail_on_the_server_when_their_count_is_short() {
    for sql in STATEMENTS {
        assert!(
            !sql.contains("UPDATE") || sql.contains("1 / (count(*) =") || sql.contains("excluded.units"),
            "{sql}"
        );
    }
}
