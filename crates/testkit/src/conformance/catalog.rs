//! Checks on the catalog: keys, charts, events, and making them once.

use std::sync::Arc;

use domain::event::{Access, EventPatch, EventStatus, SaleWindow};
use domain::id::{ChartId, EventId, KeyId, OrganizationId, Seq};
use domain::place::SeatIndex;
use domain::time::Timestamp;
use engine::digest::Kind;
use engine::ledger::Position;
use engine::ledger::settings::WireSettings;
use engine::store::{
    CatalogReply, ChartReader as _, KeyRecord, Made, OrderFilter, Page, Probes, Scope, Store, StoreError,
    StoredReply, TransactError, Work,
};

use super::probes::look;
use super::scribe::{Part, a_hall, commit, keep_chart, keep_event, load, transact};
use crate::ask::{book, configure, digest, hold, seats};
use crate::clock::EPOCH;
use crate::hall::HallReader;
use crate::sale::{ORGANIZATION, event};

const ALL: Page = Page { after: 0, limit: 100 };

pub(super) async fn an_installation_knows_itself(store: Arc<dyn Store>) {
    let secret = store.secret().await.expect("a secret");
    assert_eq!(store.secret().await.expect("a secret"), secret, "the secret stays");
    assert_ne!(secret, [0; 32]);
    let organization = store.default_organization().await.expect("an organization");
    assert_eq!(store.default_organization().await.expect("an organization"), organization);
    let now = store.now().await.expect("a clock");
    assert!(now.0 > 0, "a store has a clock: {now}");
}

pub(super) async fn keys_are_made_once_and_revoked_once(store: Arc<dyn Store>) {
    let key = |id: u64, hash: u8| KeyRecord {
        id: KeyId(id),
        organization: ORGANIZATION,
        livemode: id == 2,
        is_secret: id == 1,
        scope: if id == 1 { Scope::BoxOffice } else { Scope::Integration },
        hash: [hash; 32],
        name: format!("key {id}"),
        created_at: EPOCH,
        revoked_at: None,
    };
    store.create_key(key(1, 1)).await.expect("a key");
    store.create_key(key(2, 2)).await.expect("a key");
    store.create_key(key(3, 1)).await.expect("a key with a known hash is no fault");
    let mut keys = store.keys().await.expect("keys");
    keys.sort_by_key(|key| key.id);
    assert_eq!(keys, [key(1, 1), key(2, 2)]);
    assert!(store.revoke_key(KeyId(1)).await.expect("a revocation"));
    assert!(!store.revoke_key(KeyId(1)).await.expect("a revocation"), "it is revoked already");
    assert!(!store.revoke_key(KeyId(9)).await.expect("a revocation"), "there is none");
    let keys = store.keys().await.expect("keys");
    let revoked: Vec<_> = keys.iter().filter(|key| key.revoked_at.is_some()).map(|key| key.id).collect();
    assert_eq!(revoked, [KeyId(1)]);
}

pub(super) async fn access_keys_are_numbered_and_retired_once(store: Arc<dyn Store>) {
    assert!(store.access_keys().await.expect("keys").is_empty());
    assert_eq!(store.add_access_key([1; 32]).await.expect("a key"), 1);
    assert_eq!(store.add_access_key([2; 32]).await.expect("a key"), 2);
    assert!(store.retire_access_key(1).await.expect("a retirement"));
    assert!(!store.retire_access_key(1).await.expect("a retirement"), "it is retired already");
    assert!(!store.retire_access_key(9).await.expect("a retirement"), "there is none");
    assert!(store.retire_access_key(0).await.expect("a retirement"), "the first has no row until then");
    assert!(!store.retire_access_key(0).await.expect("a retirement"), "it is retired already");
    assert_eq!(store.add_access_key([3; 32]).await.expect("a key"), 3);
    let keys = store.access_keys().await.expect("keys");
    let told: Vec<_> = keys.iter().map(|key| (key.number, key.secret[0], key.retired_at.is_some())).collect();
    assert_eq!(told, [(0, 0, true), (1, 1, true), (2, 2, false), (3, 3, false)]);
}

pub(super) async fn charts_are_kept_and_listed(store: Arc<dyn Store>) {
    let other = OrganizationId(2);
    for (id, organization, livemode) in
        [(1, ORGANIZATION, false), (2, ORGANIZATION, true), (3, other, false), (4, ORGANIZATION, false)]
    {
        keep_chart(&*store, ChartId(id), organization, livemode).await;
    }
    let record = store.chart(ChartId(1)).await.expect("a look").expect("the chart is there");
    assert_eq!((&*record.name, record.seats, record.capacity), ("Chart 1", 24, 34));
    assert_eq!((record.reference.as_deref(), record.metadata.as_deref()), (Some("ref 1"), Some("{\"a\":1}")));
    assert_eq!((record.created_at, record.organization, record.livemode), (EPOCH, ORGANIZATION, false));
    let document = store.chart_document(ChartId(1)).await.expect("a look").expect("the document is there");
    assert_eq!(document, a_hall().document());
    let chart = HallReader.read(&document).expect("the document is a hall");
    assert_eq!(chart.seats_len(), 24);
    assert!(store.chart(ChartId(9)).await.expect("a look").is_none());
    assert!(store.chart_document(ChartId(9)).await.expect("a look").is_none());
    let list = async |page| store.charts(ORGANIZATION, false, page).await.expect("a list");
    let ids: Vec<u64> = list(ALL).await.iter().map(|(_, chart)| chart.id.0).collect();
    assert_eq!(ids, [1, 4]);
    let first = list(Page { limit: 1, ..ALL }).await;
    let rest = list(Page { after: first[0].0, limit: 10 }).await;
    assert_eq!((first.len(), rest.len(), rest[0].1.id), (1, 1, ChartId(4)));
}

pub(super) async fn events_are_kept_and_listed(store: Arc<dyn Store>) {
    let opens_at = Timestamp(EPOCH.0 + 5);
    let made = keep_event(&*store, 1, |sale| {
        sale.area("Bar", 7).window(Some(opens_at), None).hold_seconds(33, 44).max_per_buyer(5)
    })
    .await;
    keep_event(&*store, 2, crate::sale::Sale::live).await;
    keep_event(&*store, 3, |sale| sale).await;
    let without_chart = event(4).area("Field", 50).build();
    store.create_event(without_chart.clone(), None).await.expect("an event without a chart");
    let kept = store.event(EventId(1)).await.expect("a look").expect("the event is there");
    assert_eq!(format!("{:?}", WireSettings::of(&kept)), format!("{:?}", WireSettings::of(&made)));
    assert_eq!((kept.organization, kept.livemode, kept.created_at), (ORGANIZATION, false, EPOCH));
    assert_eq!((&kept.categories, &kept.areas), (&made.categories, &made.areas));
    let charts = [&kept, &made].map(|event| (event.chart_id(), event.seats_len()));
    assert_eq!(charts[0], charts[1]);
    let kept = store.event(EventId(4)).await.expect("a look").expect("the event is there");
    assert!(kept.seating.is_none());
    let list = async |live, page| store.events(ORGANIZATION, live, page).await.expect("a list");
    let ids = |list: Vec<(i64, EventId)>| list.into_iter().map(|(_, id)| id.0).collect::<Vec<_>>();
    assert_eq!(ids(list(false, ALL).await), [1, 3, 4]);
    assert_eq!(ids(list(true, ALL).await), [2]);
    assert!(store.events(OrganizationId(2), false, ALL).await.expect("a list").is_empty());
    let first = list(false, Page { limit: 2, ..ALL }).await;
    assert_eq!(ids(list(false, Page { after: first[1].0, limit: 10 }).await), [4]);
    let mut all = store.all_events().await.expect("a list");
    all.sort();
    assert_eq!(all, [EventId(1), EventId(2), EventId(3), EventId(4)]);
}

pub(super) async fn settings_survive_their_changes(store: Arc<dyn Store>) {
    let made = keep_event(&*store, 1, |sale| sale).await;
    let patch = EventPatch {
        name: Some("Größer".to_owned()),
        starts_at: Some(Some(Timestamp(77))),
        status: Some(EventStatus::Paused),
        sale: Some(SaleWindow { opens_at: Some(Timestamp(1)), closes_at: Some(Timestamp(2)) }),
        max_per_buyer: Some(Some(3)),
        public_confirm: Some(true),
        access: Some(Access::Token),
        reference: Some(Some(Arc::from("mine"))),
        metadata: Some(Some(Arc::from("{\"b\":2}"))),
        ..EventPatch::default()
    };
    commit(&*store, made.id, vec![configure(patch.clone())]).await;
    let expected = made.patched(&patch);
    let loaded = load(&*store, made.id).await.event;
    let looked_up = store.event(made.id).await.expect("a look").expect("the event is there");
    for kept in [loaded, looked_up] {
        assert_eq!(format!("{:?}", WireSettings::of(&kept)), format!("{:?}", WireSettings::of(&expected)));
        assert_eq!((kept.reference.as_deref(), kept.metadata.as_deref()), (Some("mine"), Some("{\"b\":2}")));
        assert_eq!((kept.id, kept.created_at, &kept.areas), (made.id, made.created_at, &made.areas));
    }
    let patch = EventPatch { reference: Some(None), metadata: Some(None), ..EventPatch::default() };
    commit(&*store, made.id, vec![configure(patch)]).await;
    let kept = store.event(made.id).await.expect("a look").expect("the event is there");
    assert_eq!((&kept.reference, &kept.metadata), (&None, &None));
    assert_eq!(kept.status, EventStatus::Paused);
}

pub(super) async fn making_is_idempotent(store: Arc<dyn Store>) {
    let reply = |key: &str, body: &'static str| {
        let fingerprint = digest(Kind::Body, body);
        let reply = StoredReply { fingerprint, status: 201, body: body.into() };
        CatalogReply { key: digest(Kind::IdempotencyKey, key), reply }
    };
    let first = event(1).area("Field", 5).build();
    let made = store.create_event(first.clone(), Some(reply("key", "first"))).await;
    assert!(matches!(made, Ok(Made::New)), "not made: {made:?}");
    // A retry gets a new identifier before it is known to be one.
    let second = event(2).area("Field", 5).build();
    let made = store.create_event(second, Some(reply("key", "second"))).await;
    let Ok(Made::Before(before)) = made else { panic!("made twice: {made:?}") };
    assert_eq!(before, reply("key", "first").reply, "the first reply, fingerprint and all");
    assert!(store.event(EventId(2)).await.expect("a look").is_none());
    let known = store.reply(digest(Kind::IdempotencyKey, "key")).await.expect("a look");
    assert_eq!(known, Some(reply("key", "first").reply));
    assert!(store.reply(digest(Kind::IdempotencyKey, "other")).await.expect("a look").is_none());
    let again = store.create_event(first, Some(reply("other", "third"))).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "an identifier is used twice: {again:?}");
    assert!(store.reply(digest(Kind::IdempotencyKey, "other")).await.expect("a look").is_none());
    keep_chart(&*store, ChartId(1), ORGANIZATION, false).await;
    let record = store.chart(ChartId(1)).await.expect("a look").expect("the chart is there");
    let again = store.create_chart(record.clone(), a_hall().document(), None).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "an identifier is used twice: {again:?}");
    let reference = Some(Arc::from("another ref"));
    let record = engine::store::ChartRecord { id: ChartId(2), reference, ..record };
    let made = store.create_chart(record.clone(), a_hall().document(), Some(reply("chart", "a"))).await;
    assert!(matches!(made, Ok(Made::New)), "not made: {made:?}");
    let record = engine::store::ChartRecord { id: ChartId(3), ..record };
    let made = store.create_chart(record, a_hall().document(), Some(reply("chart", "b"))).await;
    assert!(matches!(made, Ok(Made::Before(_))), "made twice: {made:?}");
    assert!(store.chart(ChartId(3)).await.expect("a look").is_none());
}

pub(super) async fn a_test_event_is_deleted_whole(store: Arc<dyn Store>) {
    let test = keep_event(&*store, 1, |sale| sale).await;
    let live = keep_event(&*store, 2, crate::sale::Sale::live).await;
    let asked = vec![book("Ada", seats(&[SeatIndex(0)])), hold("Bob", seats(&[SeatIndex(1)]))];
    let made = commit(&*store, test.id, asked).await;
    let (order, kept) = (made.order(0), made.hold(1));
    commit(&*store, live.id, vec![book("Ada", seats(&[SeatIndex(0)]))]).await;
    assert!(!store.delete_event(live.id).await.expect("a deletion"), "live events stay");
    assert!(store.delete_event(test.id).await.expect("a deletion"));
    assert!(!store.delete_event(test.id).await.expect("a deletion"), "it is gone");
    assert!(store.load(test.id, 0).await.expect("a load").is_none());
    assert!(store.event(test.id).await.expect("a look").is_none());
    assert!(store.order(order).await.expect("a look").is_none());
    assert!(store.hold(kept).await.expect("a look").is_none());
    assert!(store.tail(test.id, Seq(0), 10).await.expect("a tail").is_empty());
    assert!(store.events(ORGANIZATION, false, ALL).await.expect("a list").is_empty());
    let orders = store.orders(ORGANIZATION, false, OrderFilter::default(), ALL).await.expect("a list");
    assert!(orders.is_empty());
    assert_eq!(store.all_events().await.expect("a list"), [live.id]);
    assert_eq!(load(&*store, live.id).await.position.seq, Seq(1), "other events are as they were");
}

/// A `ref` is unique within an organization and mode.
pub(super) async fn a_ref_is_taken_once(store: Arc<dyn Store>) {
    keep_chart(&*store, ChartId(1), ORGANIZATION, false).await;
    let first = store.chart(ChartId(1)).await.expect("a look").expect("the chart is there");
    let same = engine::store::ChartRecord { id: ChartId(2), ..first.clone() };
    let made = store.create_chart(same.clone(), a_hall().document(), None).await;
    assert!(matches!(made, Err(StoreError::Conflict(_))), "a chart's ref is taken twice: {made:?}");
    assert!(store.chart(ChartId(2)).await.expect("a look").is_none());
    let live = engine::store::ChartRecord { livemode: true, ..same };
    let made = store.create_chart(live, a_hall().document(), None).await;
    assert!(matches!(made, Ok(Made::New)), "live and test do not meet: {made:?}");
    let of = |id: u64, reference: &str| {
        let patch = EventPatch { reference: Some(Some(Arc::from(reference))), ..EventPatch::default() };
        Arc::new(event(id).area("Field", 5).build().patched(&patch))
    };
    store.create_event(of(1, "ref"), None).await.expect("an event");
    let made = store.create_event(of(2, "ref"), None).await;
    assert!(matches!(made, Err(StoreError::Conflict(_))), "an event's ref is taken twice: {made:?}");
    assert!(store.event(EventId(2)).await.expect("a look").is_none());
    store.create_event(of(2, "another"), None).await.expect("an event with another ref");
    // Nor may a later change take it, and whoever asks under the lock is told whose it is.
    let reference: Arc<str> = Arc::from("ref");
    let probes = Probes { event_refs: vec![reference.clone()], ..Probes::default() };
    for (id, owner) in [(2, Some(EventId(1))), (1, None)] {
        let work = Work { event: EventId(id), position: Position::default(), probes: probes.clone() };
        let found = look(&*store, work).await.found;
        assert_eq!(found.event_refs.get(&reference).copied(), owner);
    }
    let take = EventPatch { reference: Some(Some(reference)), ..EventPatch::default() };
    let part = Part::new(&*store, EventId(2), vec![configure(take)]).await;
    let (result, _) = transact(&*store, vec![part]).await;
    assert!(
        matches!(result, Err(TransactError::Stale(EventId(2)))),
        "a ref that is taken is not written: {result:?}"
    );
    let kept = store.event(EventId(2)).await.expect("a look").expect("the event is there");
    assert_eq!(kept.reference.as_deref(), Some("another"));
}
