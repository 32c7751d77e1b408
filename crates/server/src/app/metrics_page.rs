//! The Prometheus recorder behind `/metrics`.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// How often collected samples are folded into their buckets.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(2);
/// Buckets of latencies, in seconds.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// Buckets of counts.
const COUNTS: [f64; 11] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0];

/// The process's recorder; there can be only one, whoever asks first installs it.
pub(super) fn handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    let builder = builder
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(|builder| {
            builder.set_buckets_for_metric(Matcher::Suffix("_per_commit".to_owned()), &COUNTS)
        })
        .unwrap_or_else(|_| PrometheusBuilder::new());
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    // Fails only when somebody else installed a recorder; then this page stays empty.
    drop(metrics::set_global_recorder(recorder));
    describe();
    handle
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("flashtix_commits_total", "Durable commits");
    describe_counter!("flashtix_places_sold_total", "Places sold");
    describe_counter!("flashtix_refusals_total", "Answers that were a no, by code");
    describe_counter!("flashtix_sold_out_total", "Requests refused because places are gone");
    describe_counter!(
        "flashtix_lock_contention_total",
        "Requests refused because a place was being decided about"
    );
    describe_counter!("flashtix_shed_total", "Requests shed because they waited too long");
    describe_counter!("flashtix_conflicts_total", "Batches stopped by a guard of the store");
    describe_counter!("flashtix_store_failures_total", "Batches that the store did not commit");
    describe_counter!("flashtix_desk_reloads_total", "Events loaded anew because history was another");
    describe_gauge!(
        "flashtix_events_quarantined",
        "Events that cannot be read, and are refused until they can"
    );
    describe_counter!("flashtix_clock_steps_total", "Times that the store's clock was set");
    describe_histogram!("flashtix_batch_seconds", Unit::Seconds, "From a batch's begin to its commit");
    describe_histogram!("flashtix_bookings_per_commit", "Orders that one commit made durable");
    describe_histogram!(
        "flashtix_booking_duration_seconds",
        Unit::Seconds,
        "From a request that takes places to its answer"
    );
    describe_gauge!("flashtix_gate_bypassed", "1 while the gate is bypassed");
    describe_counter!("flashtix_gate_failures_total", "Times that the gate failed or was late");
    describe_counter!("flashtix_gate_lost_total", "Seats that another node was deciding about");
    describe_gauge!("flashtix_nodes_live", "Nodes that live, by the store's account");
    describe_gauge!("flashtix_relay_connected", "1 while the relay has its connection");
    describe_counter!("flashtix_relay_sent_total", "Commits for other nodes, by what became of them");
    describe_counter!("flashtix_relay_heard_total", "Commits of other nodes, by what became of them");
    describe_gauge!("flashtix_pool_connections", "Connections of the database pool");
    describe_gauge!("flashtix_pool_available", "Idle connections of the database pool");
    describe_gauge!("flashtix_pool_waiting", "Requests that wait for a connection of the database pool");
    describe_gauge!("flashtix_writers_idle", "Idle connections that commits are written on");
    describe_gauge!("flashtix_writers_free", "Connections for commits that may still be taken");
    describe_counter!(
        "flashtix_guesses_total",
        "Batches decided before their events were locked, by outcome"
    );
    describe_gauge!("flashtix_feed_clients", "Listeners of feeds");
    describe_gauge!("flashtix_http_connections", "Open connections");
    // Counters that dashboards chart exist from the start, at zero.
    for name in ["flashtix_sold_out_total", "flashtix_lock_contention_total", "flashtix_commits_total"] {
        metrics::counter!(name).increment(0);
    }
}

/// Folds samples, for ever.
pub(super) async fn upkeep(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}
