//! Charts between the wire and the store: checked, written out, compressed.

use std::io::{BufReader, Read as _};
use std::sync::Arc;

use bytes::Bytes;
use domain::chart::Chart;
use domain::id::ChartId;
use domain::time::Timestamp;
use engine::store::ChartReader;
use flate2::Compression;
use flate2::read::GzDecoder;

use crate::gzip;
use crate::wire::chart::{ChartDocument, ChartHead, WireFault, read_stored};

/// The largest document that is unpacked, in bytes: a million seats are about 100 MB.
const DOCUMENT_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// How much of a stored document is unpacked at a time, in bytes.
const READ_BYTES: usize = 64 * 1024;

/// A chart that was read and checked.
#[derive(Debug)]
pub struct ChartMade {
    /// As its organizer wrote it.
    pub document: ChartDocument,
    /// The answer to the upload.
    pub summary: Vec<u8>,
    /// What is stored.
    pub packed: Bytes,
}

/// Reads, checks and packs an uploaded chart. Takes about a second for a million seats.
///
/// # Errors
/// The first fault, with a JSON pointer into the upload.
pub fn read(
    body: &[u8],
    is_pretix: bool,
    id: ChartId,
    livemode: bool,
    created_at: Timestamp,
) -> Result<ChartMade, WireFault> {
    let (document, renamed) = if is_pretix {
        ChartDocument::parse_pretix(body)?
    } else {
        (ChartDocument::parse_native(body)?, Vec::new())
    };
    make(document, &renamed, id, livemode, created_at)
}

/// Checks and packs a document.
///
/// # Errors
/// The first fault.
pub fn make(
    document: ChartDocument,
    renamed: &[domain::chart::pretix::Renamed],
    id: ChartId,
    livemode: bool,
    created_at: Timestamp,
) -> Result<ChartMade, WireFault> {
    Chart::new(document.plan())?;
    let (id, created_at) = (id.to_string(), crate::wire::time::rfc3339(created_at));
    let head = ChartHead { id: &id, livemode, created_at: &created_at };
    let summary = document.summary_json(&head, renamed);
    let packed = gzip::file(&document.geometry_json(&head), Compression::fast());
    Ok(ChartMade { document, summary, packed })
}

/// A stored document as a stream that ends at the limit.
fn unzipped(packed: &[u8]) -> impl std::io::Read {
    GzDecoder::new(packed).take(DOCUMENT_BYTES_MAX)
}

/// A stored document, unpacked.
///
/// # Errors
/// What is no gzip, or too large.
pub fn inflate(packed: &[u8]) -> Result<Vec<u8>, String> {
    let mut plain = Vec::with_capacity(packed.len() * 6);
    unzipped(packed).read_to_end(&mut plain).map_err(|error| error.to_string())?;
    Ok(plain)
}

/// A stored document as a chart.
///
/// # Errors
/// What is no chart.
pub fn unpack(packed: &[u8]) -> Result<Arc<Chart>, String> {
    read_stored(BufReader::with_capacity(READ_BYTES, unzipped(packed)))
        .map(Arc::new)
        .map_err(|error| error.to_string())
}

/// Reads stored charts for a store.
#[derive(Debug, Clone, Copy)]
pub struct JsonCharts;

impl ChartReader for JsonCharts {
    fn read(&self, document: &[u8]) -> Result<Arc<Chart>, String> {
        unpack(document)
    }
}
