//! What forgetting came to.

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Holds that had ended long ago.
    pub holds: usize,
    /// Commits whose replies were forgotten.
    pub replies: usize,
    /// Replies of the catalog.
    pub catalog_replies: usize,
    /// Rows of test events that were deleted.
    pub rows_of_deleted_events: usize,
}
