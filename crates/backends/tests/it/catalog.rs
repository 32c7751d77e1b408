//! Keys, charts and events.

use std::sync::Arc;

use bytes::Bytes;
use domain::id::{ChartId, EventId, KeyId, OrganizationId};
use domain::time::Timestamp;
use engine::store::{Catalog, CatalogReply, KeyRecord, Made, Page, StoreError, StoredReply};

use crate::teller::{ORGANIZATION, chart_record, digest, event};
use crate::{Place, plain_event};

const FIRST: Page = Page { after: 0, limit: 100 };

fn key(id: u64, secret: &str) -> KeyRecord {
    KeyRecord {
        id: KeyId(id),
        organization: ORGANIZATION,
        livemode: true,
        is_secret: true,
        scope: engine::store::Scope::Integration,
        hash: [secret.len() as u8; 32],
        name: "till".to_owned(),
        created_at: Timestamp(3),
        revoked_at: None,
    }
}

#[tokio::test]
async fn keys_are_made_once_and_revoked_once() {
    let place = Place::new();
    place.store.create_key(key(1, "a")).await.unwrap();
    place.store.create_key(key(2, "a")).await.unwrap();
    place.store.create_key(key(u64::MAX, "bb")).await.unwrap();
    assert_eq!(place.store.keys().await.unwrap(), [key(1, "a"), key(u64::MAX, "bb")], "one a secret");
    let taken = place.store.create_key(key(1, "ccc")).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    assert!(place.store.revoke_key(KeyId(1)).await.unwrap());
    assert!(!place.store.revoke_key(KeyId(1)).await.unwrap());
    assert!(!place.store.revoke_key(KeyId(7)).await.unwrap());
    assert_eq!(place.store.keys().await.unwrap()[0].revoked_at, Some(Timestamp(1_700_000_000_000)));
}

#[tokio::test]
async fn charts_come_in_pages_by_account() {
    let place = Place::new();
    for id in 1..=5 {
        let document = Bytes::from(format!("{id}x2"));
        place.store.create_chart(chart_record(ChartId(id)), document, None).await.unwrap();
    }
    let other = chart_record(ChartId(6));
    let other = engine::store::ChartRecord { livemode: true, ..other };
    place.store.create_chart(other, Bytes::from_static(b"1x1"), None).await.unwrap();
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let page = place.store.charts(ORGANIZATION, false, Page { after, limit: 2 }).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = *last;
        seen.extend(page.into_iter().map(|(_, chart)| chart.id.0));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    assert_eq!(place.store.charts(ORGANIZATION, true, FIRST).await.unwrap().len(), 1);
    assert_eq!(place.store.charts(OrganizationId(9), false, FIRST).await.unwrap().len(), 0);
    assert_eq!(place.store.chart_document(ChartId(3)).await.unwrap().unwrap(), "3x2");
    assert_eq!(place.store.chart_document(ChartId(9)).await.unwrap(), None);
    let read = place.store.chart(ChartId(3)).await.unwrap().unwrap();
    assert_eq!(format!("{read:?}"), format!("{:?}", chart_record(ChartId(3))));
}

#[tokio::test]
async fn identifiers_and_references_are_taken_once_within_an_account() {
    let place = Place::new();
    let document = || Bytes::from_static(b"10x10");
    let chart = engine::store::ChartRecord { reference: Some("hall".into()), ..chart_record(ChartId(1)) };
    place.store.create_chart(chart.clone(), document(), None).await.unwrap();
    let is_conflict = |made: Result<Made, StoreError>| matches!(made, Err(StoreError::Conflict(_)));
    assert!(is_conflict(place.store.create_chart(chart_record(ChartId(1)), document(), None).await));
    let same_ref = engine::store::ChartRecord { id: ChartId(2), ..chart };
    assert!(is_conflict(place.store.create_chart(same_ref.clone(), document(), None).await));
    let live = engine::store::ChartRecord { livemode: true, ..same_ref };
    place.store.create_chart(live, document(), None).await.unwrap();

    place.store.create_event(Arc::new(plain_event(1)), None).await.unwrap();
    let other = domain::event::Event { reference: None, ..plain_event(1) };
    assert!(is_conflict(place.store.create_event(Arc::new(other), None).await));
    assert!(is_conflict(place.store.create_event(Arc::new(plain_event(2)), None).await), "the same ref");
    let no_chart = domain::event::Event { reference: None, ..event(EventId(3), ChartId(77), b"10x10") };
    assert!(is_conflict(place.store.create_event(Arc::new(no_chart), None).await));
    assert_eq!(place.store.all_events().await.unwrap(), [EventId(1)]);
}

#[tokio::test]
async fn what_was_made_under_a_key_is_not_made_again() {
    let place = Place::new();
    let reply = |body: &'static str| {
        let reply = StoredReply { fingerprint: digest("body"), status: 201, body: Bytes::from(body) };
        Some(CatalogReply { key: digest("key"), reply })
    };
    let document = || Bytes::from_static(b"10x10");
    let first = place.store.create_chart(chart_record(ChartId(1)), document(), reply("one")).await.unwrap();
    assert!(matches!(first, Made::New));
    let second = place.store.create_chart(chart_record(ChartId(2)), document(), reply("two")).await.unwrap();
    assert!(matches!(second, Made::Before(reply) if reply.body == "one"));
    assert!(place.store.chart(ChartId(2)).await.unwrap().is_none());
    assert_eq!(place.store.reply(digest("key")).await.unwrap().unwrap().body, "one");
    assert_eq!(place.store.reply(digest("no key")).await.unwrap(), None);
}

#[tokio::test]
async fn events_come_in_pages_and_share_their_chart() {
    let place = Place::new();
    for id in 1..=5 {
        place.event(id).await;
    }
    let page = place.store.events(ORGANIZATION, false, Page { after: 0, limit: 3 }).await.unwrap();
    let ids: Vec<_> = page.iter().map(|(_, id)| id.0).collect();
    assert_eq!(ids, [1, 2, 3]);
    let rest = place.store.events(ORGANIZATION, false, Page { after: page[2].0, limit: 3 }).await.unwrap();
    assert_eq!(rest.iter().map(|(_, id)| id.0).collect::<Vec<_>>(), [4, 5]);
    assert!(place.store.events(ORGANIZATION, true, FIRST).await.unwrap().is_empty());
    let chart = async |id| {
        place.store.event(EventId(id)).await.unwrap().unwrap().seating.clone().unwrap().chart().clone()
    };
    assert!(Arc::ptr_eq(&chart(1).await, &chart(2).await));
}
