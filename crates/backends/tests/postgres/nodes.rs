//! Several nodes over one database: real desks and sequencers, each with connections of its own.

use std::sync::Arc;
use std::time::Duration;

use backends::postgres::PostgresStore;
use domain::command::{ChangeOrder, Claim, Command, Ignored, Pass, Swap};
use domain::event::Event;
use domain::id::{ChartId, TicketId};
use domain::place::{AreaIndex, Place, SeatIndex};
use domain::rejection::Rejection;
use domain::time::Timestamp;
use engine::clock::{Outside, RuntimeClock};
use engine::fleet::Fleet;
use engine::options::Options;
use engine::request::{Reply, Request};
use engine::store::{Catalog as _, ChartRecord};
use engine::supervisor::Supervisor;
use engine::{Engine, Error, Ports};
use testkit::ask::{book, buyer_key, confirm, hold, keyed, purchase, request, seats, units, with_ref};
use testkit::clock::EPOCH;
use testkit::entropy::SeededEntropy;
use testkit::hall::hall;
use testkit::renderer::{PlainRenderer, hold_of, order_of};
use testkit::sale::{ORGANIZATION, event};
use testkit::servers::postgres::Postgres;
use tokio::task::JoinSet;

use crate::open;

const FLOOR: AreaIndex = AreaIndex(0);
const NODES: u64 = 3;

/// One node; dropping it ends its tasks as a crash would.
pub(crate) struct Node {
    pub(crate) engine: Arc<Engine>,
    pub(crate) store: Arc<PostgresStore>,
    supervisor: Supervisor,
}

impl Node {
    pub(crate) async fn start(url: &str, options: Options, seed: u64) -> Arc<Self> {
        Self::start_in(Arc::default(), url, options, seed).await
    }

    pub(crate) async fn start_in(fleet: Arc<Fleet>, url: &str, options: Options, seed: u64) -> Arc<Self> {
        let store = open(url.to_owned()).await;
        let mut node = Self::over(fleet, store.clone(), options, seed);
        node.supervisor.critical("news", async move { store.exchange_news().await });
        Arc::new(node)
    }

    /// A node that hears of others only when it asks.
    pub(crate) fn over(fleet: Arc<Fleet>, store: Arc<PostgresStore>, options: Options, seed: u64) -> Self {
        let outside =
            Outside { clock: Arc::new(RuntimeClock::start()), entropy: Arc::new(SeededEntropy::new(seed)) };
        let mut supervisor = Supervisor::new();
        let ports =
            Ports { store: store.clone(), gate: None, relay: None, fleet, renderer: Arc::new(PlainRenderer) };
        let engine = Engine::start(ports, outside, options, &mut supervisor);
        Self { engine, store, supervisor }
    }

    pub(crate) async fn ask(&self, event: &Event, request: Request) -> Result<Reply, Error> {
        self.engine.submit(event.id, request).await
    }
}

/// A sale of forty seats and a floor, kept by the first node.
pub(crate) async fn sale(node: &Node, id: u64) -> Arc<Event> {
    let hall = hall(4, 10).area("Floor", 100);
    let record = ChartRecord {
        id: ChartId(id),
        organization: ORGANIZATION,
        livemode: false,
        name: "Hall".to_owned(),
        seats: 40,
        capacity: 140,
        reference: None,
        metadata: None,
        created_at: EPOCH,
    };
    node.store.create_chart(record, hall.document(), None).await.unwrap();
    let event = event(id).chart(ChartId(id), hall.build()).max_per_buyer(5).build();
    node.store.create_event(event.clone(), None).await.unwrap();
    event
}

struct Cluster {
    server: Arc<Postgres>,
    database: String,
    nodes: Vec<Arc<Node>>,
    event: Arc<Event>,
}

impl Cluster {
    async fn start(options: Options) -> Self {
        let server = Postgres::shared();
        let url = server.database();
        let mut nodes = Vec::new();
        for seed in 0..NODES {
            nodes.push(Node::start(&url, options.clone(), seed).await);
        }
        let event = sale(&nodes[0], 1).await;
        let database = url.rsplit('/').next().unwrap().to_owned();
        Self { server, database, nodes, event }
    }

    /// Has requests asked at once, each of another node than the one before.
    async fn ask_all(&self, requests: Vec<Request>) -> Vec<Result<Reply, Error>> {
        let mut asking = JoinSet::new();
        for (at, request) in requests.into_iter().enumerate() {
            let (node, event) = (self.nodes[at % self.nodes.len()].clone(), self.event.clone());
            asking.spawn(async move { (at, node.ask(&event, request).await) });
        }
        let mut answers = asking.join_all().await;
        answers.sort_by_key(|(at, _)| *at);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    fn count(&self, table: &str) -> String {
        self.server.sql(&self.database, &format!("SELECT count(*) FROM {table}"))
    }
}

fn seat(at: u32) -> SeatIndex {
    SeatIndex(at)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_three_hundred_gets_the_seat_whatever_layer_is_off() {
    for desk_refuses in [true, false] {
        let cluster = Cluster::start(Options { desk_refuses, ..Options::default() }).await;
        let ask = |at: usize| keyed(book(&format!("buyer {at}"), seats(&[seat(7)])), &format!("key {at}"));
        let answers = cluster.ask_all((0..300).map(ask).collect()).await;
        let winners: Vec<usize> = (0..300).filter(|at| answers[*at].is_ok()).collect();
        let [winner] = winners[..] else { panic!("{} of 300 got the seat", winners.len()) };
        for answer in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            let is_truth = matches!(
                answer,
                Error::Rejected(Rejection::PlaceUnavailable(_) | Rejection::PlaceContended(_))
            );
            assert!(is_truth, "{answer:?}");
        }
        for node in &cluster.nodes {
            let again = node.ask(&cluster.event, ask(winner)).await.unwrap();
            assert!(again.is_replay && Ok(&again.body) == answers[winner].as_ref().map(|first| &first.body));
        }
        assert_eq!(cluster.count("orders"), "1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_is_one_order_on_all_nodes() {
    let cluster = Cluster::start(Options::default()).await;
    let same = keyed(book("Ada", units(FLOOR, 2)), "key");
    let answers = cluster.ask_all(vec![same; 60]).await;
    let orders: Vec<_> = answers.iter().flatten().filter_map(order_of).collect();
    assert!(!orders.is_empty() && orders.iter().all(|order| *order == orders[0]));
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert_eq!(*refused, Rejection::IdempotencyInFlight.into());
    }
    assert_eq!(cluster.count("orders"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_exact_across_nodes() {
    let cluster = Cluster::start(Options::default()).await;
    let answers = cluster.ask_all((0..60).map(|_| book("Ada", units(FLOOR, 1))).collect()).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5, "of five that one buyer may have");
    assert_eq!(cluster.server.sql(&cluster.database, "SELECT sold FROM area_pools"), "5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_holds_another_confirms() {
    let cluster = Cluster::start(Options::default()).await;
    let [one, two, three] = &cluster.nodes[..] else { panic!("three nodes") };
    let held = one.ask(&cluster.event, hold("Ada", seats(&[seat(0), seat(1)]))).await.unwrap();
    let id = hold_of(&held).unwrap();
    let refused = two.ask(&cluster.event, book("Bob", seats(&[seat(0)]))).await;
    assert!(matches!(refused, Err(Error::Rejected(Rejection::PlaceUnavailable(_)))), "{refused:?}");
    let order = two.ask(&cluster.event, confirm(id)).await.unwrap();
    let again = three.ask(&cluster.event, confirm(id)).await.unwrap();
    assert_eq!((order_of(&order), again.status), (order_of(&again), 200));
    assert_eq!(cluster.count("seats WHERE status = 2"), "2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ref_is_one_order_on_all_nodes() {
    let cluster = Cluster::start(Options::default()).await;
    let same = with_ref(book("Ada", seats(&[seat(3)])), "ref");
    let other = with_ref(book("Bob", seats(&[seat(4)])), "ref");
    let answers = cluster.ask_all([vec![same; 30], vec![other; 30]].concat()).await;
    let orders: Vec<_> = answers.iter().flatten().filter_map(order_of).collect();
    assert!(!orders.is_empty() && orders.iter().all(|order| *order == orders[0]));
    assert_eq!(cluster.count("orders"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_is_sold_to_its_last_seat_by_three_nodes_at_once() {
    let cluster = Cluster::start(Options::default()).await;
    let best = |at: usize| {
        let purchase = purchase(&format!("buyer {at}"), testkit::ask::party(2));
        request(domain::command::Command::Book { purchase, payment: domain::command::Payment::default() })
    };
    let answers = cluster.ask_all((0..60).map(best).collect()).await;
    let sold = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(sold, 20, "forty seats are twenty pairs: {answers:?}");
    assert_eq!(cluster.count("seats WHERE status = 2"), "40");
    assert_eq!(cluster.count("(SELECT DISTINCT ticket ->> 's' FROM orders, json_array_elements(tickets::json) AS ticket) AS sold"), "40");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_hears_of_commits_without_asking() {
    // Nobody polls within the test: whoever follows was told.
    let hour = Duration::from_secs(3_600);
    let options = Options { follow_interval: hour, refusal_age_max: hour * 2, ..Options::default() };
    let cluster = Cluster::start(options).await;
    let [first, second, _] = &cluster.nodes[..] else { panic!("three nodes") };
    let event = &cluster.event;
    second.engine.desk(event.id).await.unwrap();
    // The very first words may be spoken before anybody listens.
    for at in 0..20 {
        let book = book(&format!("buyer {at}"), seats(&[seat(at)]));
        first.ask(event, book).await.unwrap();
        let seq = first.engine.desk(event.id).await.unwrap().position().seq;
        if second.engine.desk_at(event.id, seq).await.unwrap().position().seq == seq {
            return;
        }
    }
    panic!("the second node never heard of a commit");
}

/// The race behind CVE-2024-45300: one code, many at once, on every node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_good_for_as_many_as_it_says_on_all_nodes_together() {
    let cluster = Cluster::start(Options::default()).await;
    let end = Timestamp(i64::MAX);
    let ask = |at: usize| {
        let mut wanted = purchase(&format!("buyer {at}"), units(FLOOR, 1));
        let pass = Pass { buyer: wanted.buyer.digest, opens_at: None, closes_at: None, expires_at: end };
        wanted.pass = Some(pass);
        wanted.claims = vec![Claim { key: buyer_key("code 4711"), max: Some(5), held_only: false }];
        request(Command::Hold { purchase: wanted, seconds: None })
    };
    let answers = cluster.ask_all((0..50).map(ask).collect()).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        let is_truth = matches!(refused, Error::Rejected(Rejection::LimitExceeded { max: 5, .. }));
        assert!(is_truth, "{refused:?}");
    }
    assert_eq!(cluster.count("holds"), "5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_change_one_ticket_on_all_nodes_one_wins() {
    let cluster = Cluster::start(Options::default()).await;
    let sold = cluster.nodes[0].ask(&cluster.event, book("Ada", seats(&[seat(0)]))).await.unwrap();
    let order = order_of(&sold).unwrap();
    let ask = |at: usize| {
        let to = Place::Seat(seat(1 + u32::try_from(at % 5).unwrap()));
        let ticket = TicketId { order, index: 0 };
        request(Command::Change(ChangeOrder {
            order,
            version: None,
            swap: vec![Swap { ticket, to, ticket_type: None, price: None, code: None }],
            add: None,
            cancel: Vec::new(),
            then: None,
            payment_ref: None,
            claims: Vec::new(),
            channels: Vec::new(),
            ignored: Ignored::default(),
        }))
    };
    let answers = cluster.ask_all((0..30).map(ask).collect()).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        let is_truth = matches!(
            refused,
            Error::Rejected(Rejection::TicketCancelled { .. } | Rejection::PlaceUnavailable(_))
        );
        assert!(is_truth, "{refused:?}");
    }
    assert_eq!(
        (
            cluster.count("orders, json_array_elements(tickets::json)"),
            cluster.count("seats WHERE status = 2")
        ),
        ("2".into(), "1".into())
    );
}
