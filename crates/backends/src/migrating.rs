//! What opening a store may do about its schema.

/// What opening a store may do about a schema that is not this binary's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrating {
    /// Refuse it, whatever it is.
    Never,
    /// Make it where there is none yet, and refuse an older one. For commands that work beside servers: an older schema
    /// is what those servers need, and a step may take away what they read.
    NewOnly,
    /// Bring it up to date.
    Always,
}
