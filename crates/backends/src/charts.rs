//! Charts in memory: read once, shared by all events that use them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};

use bytes::Bytes;
use domain::chart::Chart;
use domain::id::ChartId;
use engine::store::ChartReader;
use parking_lot::Mutex;

use crate::columns::Damaged;

/// Charts that are kept although no event in memory uses them.
const KEPT_MAX: usize = 4;

/// The charts.
pub(crate) struct Charts {
    reader: Arc<dyn ChartReader>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    all: HashMap<ChartId, Weak<Chart>>,
    kept: VecDeque<(ChartId, Arc<Chart>)>,
}

impl Charts {
    pub(crate) fn new(reader: Arc<dyn ChartReader>) -> Self {
        Self { reader, known: Mutex::default() }
    }

    /// A chart that is in memory already.
    pub(crate) fn get(&self, id: ChartId) -> Option<Arc<Chart>> {
        self.known.lock().all.get(&id)?.upgrade()
    }

    /// Reads a chart's document, beside the runtime: a large one takes a second. Charts never change, so what is read once
    /// stays right.
    pub(crate) async fn read(&self, id: ChartId, document: Bytes) -> Result<Arc<Chart>, Damaged> {
        let damaged = |reason: String| Damaged::new(format!("the document of {id} cannot be read: {reason}"));
        let reader = self.reader.clone();
        let read = tokio::task::spawn_blocking(move || reader.read(&document));
        let chart = read.await.map_err(|error| damaged(error.to_string()))?.map_err(damaged)?;
        let mut known = self.known.lock();
        if let Some(chart) = known.all.get(&id).and_then(Weak::upgrade) {
            return Ok(chart);
        }
        known.all.retain(|_, chart| chart.strong_count() > 0);
        known.all.insert(id, Arc::downgrade(&chart));
        known.kept.push_back((id, chart.clone()));
        if known.kept.len() > KEPT_MAX {
            known.kept.pop_front();
        }
        Ok(chart)
    }
}
