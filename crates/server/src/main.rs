//! The `flashtix` command.
fn main() {}
