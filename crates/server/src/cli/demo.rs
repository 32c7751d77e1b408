//! `flashtix demo`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain::event::{Access, Event, EventStatus, Price, Prices, SaleWindow, TicketType};
use domain::id::{ChartId, EventId, OrganizationId};
use domain::limits;
use domain::money::Amount;
use domain::seating::Seating;
use engine::Engine;
use engine::options::Options;
use engine::store::{ChartRecord, Store};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::serve::LISTEN_DEFAULT;
use super::store::{Use, open_sqlite};
use super::{Ended, Usage, config, remark, say, storm};
use crate::app::{
    AnyStore, Between, Server, ServerOptions, Threads, asked_to_stop, assemble, charts, forget, keys,
};
use crate::http::HttpOptions;
use crate::{demo, front};

/// Seats that a demo may have.
const SEATS_RANGE: std::ops::RangeInclusive<u32> = 100..=200_000;
/// Where the demo keeps its keys and its event's name, beside the store.
const STATE_FILE: &str = "demo.json";

/// How long the demo's crowd waits for somebody to look.
const CROWD_WAITS: Duration = Duration::from_secs(15);
/// What those who look have before it comes.
const WATCHERS_HEAD_START: Duration = Duration::from_secs(10);
/// How often it is looked whether somebody looks.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);

/// The arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The address to listen on
    #[arg(long, env = "FLASHTIX_LISTEN", default_value_t = LISTEN_DEFAULT, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Where the store is kept; the same directory continues the same sale with the same keys
    #[arg(long, default_value = "flashtix-demo", value_name = "DIR")]
    data_dir: PathBuf,
    /// How many seats the arena has
    #[arg(long, default_value_t = demo::SEATS_DEFAULT, value_name = "COUNT")]
    seats: u32,
    /// Print one line of JSON once everything is ready, and nothing else
    #[arg(long)]
    json: bool,
    /// Send a crowd against the sale, and watch the arena sell out
    #[arg(long)]
    storm: bool,
    /// How many buyers that crowd has
    #[arg(long, default_value_t = 200_000, value_name = "COUNT")]
    buyers: u64,
    /// What to log, such as info or engine=debug
    #[arg(long, env = "FLASHTIX_LOG", default_value = "warn", value_name = "FILTER")]
    log: String,
}

/// What a demo remembers about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    event_id: String,
    secret_key: String,
    publishable_key: String,
}

pub(super) async fn run(args: Args) -> anyhow::Result<Ended> {
    if !SEATS_RANGE.contains(&args.seats) {
        let range = format!("from {} to {}", SEATS_RANGE.start(), SEATS_RANGE.end());
        return Err(Usage(format!("--seats must be {range}")).into());
    }
    config::start_log(&args.log, false)?;
    std::fs::create_dir_all(&args.data_dir)
        .with_context(|| format!("the directory {} cannot be made", args.data_dir.display()))?;
    let sqlite = open_sqlite(&args.data_dir.join("flashtix.db"), Use::Serves)?;
    let store: Arc<dyn Store> = sqlite.clone();
    let state = match saved(&args.data_dir)? {
        Some(state) => state,
        None => begin(&store, &args.data_dir, args.seats).await?,
    };
    let pages_key = Some(state.publishable_key.clone());
    let http = HttpOptions { classic_api: true, pages_key, ..HttpOptions::default() };
    let shown = json!({ "event_id": state.event_id, "publishable_key": state.publishable_key });
    let options = Options::default();
    let threads = Threads::start(options.lanes).context("the engine gets no threads")?;
    let (between, supervisor) = (Between::default(), threads.supervisor());
    let mut assembled = assemble(store, between, options.clone(), http, Some(shown), supervisor).await?;
    assembled.supervisor.critical(
        "forgetting",
        forget::run(AnyStore::Sqlite(sqlite), assembled.fleet.clone(), options, None),
    );
    let event: EventId = state.event_id.parse().context("the demo's event has no proper identifier")?;
    let free = assembled.app.engine.desk(event).await?.read(|inventory| inventory.total_counts().free);
    let options = ServerOptions { listen: args.listen, front: front::Options::default() };
    let draining = assembled.draining.clone();
    let app = assembled.app.clone();
    let server = Server::bind(assembled, options).await?;
    let asked_to_stop = asked_to_stop(draining, Duration::ZERO)?;
    let url = format!("http://{}", server.address()?);
    if args.json {
        say(json!({
            "url": url,
            "event_id": state.event_id,
            "secret_key": state.secret_key,
            "publishable_key": state.publishable_key,
        }));
    } else {
        introduce(&url, &state, free);
    }
    let stormed = async {
        if args.storm {
            wait_for_watchers(&app.engine).await;
            storm::show(&url, &state.event_id, &state.secret_key, args.buyers).await;
            remark("The server goes on; end it with Ctrl-C.");
        }
        std::future::pending::<()>().await;
    };
    let stop = async {
        tokio::select! {
            () = stormed => {}
            () = asked_to_stop => {}
        }
    };
    Box::pin(server.run(stop)).await?;
    Ok(Ended::Well)
}

/// Gives people time to open the map before the crowd comes, and does not wait for those who want to see numbers only.
async fn wait_for_watchers(engine: &Engine) {
    remark(format_args!(
        "The crowd comes in {} seconds. Open the seat map to see it, and to be faster.",
        CROWD_WAITS.as_secs()
    ));
    let patience = tokio::time::Instant::now() + CROWD_WAITS;
    let mut looks = tokio::time::interval(LOOK_INTERVAL);
    while engine.feed_listeners() == 0 && tokio::time::Instant::now() < patience {
        looks.tick().await;
    }
    if engine.feed_listeners() > 0 {
        remark(format_args!(
            "Somebody watches: the crowd comes in {} seconds.",
            WATCHERS_HEAD_START.as_secs()
        ));
        tokio::time::sleep(WATCHERS_HEAD_START).await;
    }
}

/// Tells a newcomer what is there and what to try.
fn introduce(url: &str, state: &State, free: u32) {
    let State { event_id, secret_key, publishable_key } = state;
    say(format_args!(
        "FlashTix is selling an arena on {url} ({free} places left).\n\n  \
         event            {event_id}\n  \
         secret key       {secret_key}\n  \
         publishable key  {publishable_key}\n  \
         seat map         {url}/e/{event_id}\n  \
         box office       {url}/console#key={secret_key}\n  \
         API              {url}/swagger-ui\n\n\
         Two together, please:\n  \
         curl -s {url}/v1/events/{event_id}/holds -H 'Authorization: Bearer {publishable_key}' \\\n    \
         -d '{{\"buyer\":\"me\",\"best_available\":{{\"quantity\":2}}}}'\n\n\
         A crowd, in another terminal:\n  \
         flashtix storm --url {url} --event {event_id} --key {secret_key} --scenario arena\n"
    ));
}

fn saved(dir: &Path) -> anyhow::Result<Option<State>> {
    let path = dir.join(STATE_FILE);
    match std::fs::read(&path) {
        Ok(bytes) => {
            let state = serde_json::from_slice(&bytes).with_context(|| {
                format!("{} is not a demo's: remove the directory to begin a new sale", path.display())
            })?;
            Ok(Some(state))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// Begins a sale: chart, event, keys.
async fn begin(store: &Arc<dyn Store>, dir: &Path, seats: u32) -> anyhow::Result<State> {
    let organization = store.default_organization().await?;
    let secret = keys::create(store, organization, true, false, "demo").await?;
    let publishable = keys::create(store, organization, false, false, "demo").await?;
    let event = put_on_sale(store, organization, seats).await?;
    let state =
        State { event_id: event.to_string(), secret_key: secret.text, publishable_key: publishable.text };
    write_private(&dir.join(STATE_FILE), &serde_json::to_vec_pretty(&state)?)?;
    Ok(state)
}

/// Writes a file that only its owner may read, whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let temporary = path.with_extension("new");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    Ok(())
}

async fn put_on_sale(
    store: &Arc<dyn Store>,
    organization: OrganizationId,
    seats: u32,
) -> anyhow::Result<EventId> {
    let created_at = store.now().await?;
    let chart_id = ChartId(rand::random());
    let made = charts::make(demo::arena(seats), &[], chart_id, false, created_at)?;
    let record = ChartRecord {
        id: chart_id,
        organization,
        livemode: false,
        name: made.document.plan().name.clone(),
        seats: u32::try_from(made.document.seats()).unwrap_or(u32::MAX),
        capacity: made.document.capacity(),
        reference: None,
        metadata: None,
        created_at,
    };
    let chart = Arc::new(domain::chart::Chart::new(made.document.plan())?);
    store.create_chart(record, made.packed, None).await?;
    let (categories, areas) = Event::lay_out(Some(&chart), &[])?;
    let prices = demo::suggested_prices()
        .into_iter()
        .filter(|(key, _)| categories.iter().any(|known| **known == **key))
        .map(|(key, amount)| (Arc::from(key), Price::Flat(Amount(amount))))
        .collect();
    let event = Event {
        id: EventId(rand::random()),
        organization,
        livemode: false,
        created_at,
        reference: None,
        metadata: None,
        name: "Opening Night".to_owned(),
        starts_at: Some(created_at.plus_seconds(30 * 24 * 3_600)),
        currency: "EUR".parse()?,
        status: EventStatus::Open,
        sale: SaleWindow::default(),
        hold_seconds: limits::HOLD_SECONDS_DEFAULT,
        max_hold_seconds: limits::MAX_HOLD_SECONDS_DEFAULT,
        max_per_buyer: None,
        public_confirm: true,
        access: Access::Open,
        ticket_types: vec![TicketType { key: "standard".into(), name: "Standard".to_owned(), public: true }],
        prices: Prices::ByCategory(prices),
        categories,
        areas,
        seating: Some(Arc::new(Seating::new(chart_id, chart))),
    };
    event.check_settings()?;
    let id = event.id;
    store.create_event(Arc::new(event), None).await?;
    Ok(id)
}
