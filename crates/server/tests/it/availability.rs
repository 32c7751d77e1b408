//! `GET /v1/events/{id}/availability`.

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::sale::{SEATS, TestServer, VIP, id_of};
use crate::waiting::until;

#[tokio::test]
async fn it_tells_who_has_what_in_the_chart_s_order() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let before = server.availability(&event).await;
    assert_eq!((&before["seq"], &before["status"]), (&json!(0), &json!("open")));
    assert_eq!(before["seats"], "f".repeat(SEATS));
    let hold = json!({ "buyer": "b", "places": ["A-1-2"], "areas": [{ "name": "Floor", "quantity": 3 }] });
    organizer.post(format!("{path}/holds"), &hold).await.ok(201);
    let order = json!({ "buyer": "b", "places": ["A-2-1", VIP], "areas": [{ "name": "Floor", "quantity": 4 }], "ref": "r" });
    organizer.post(format!("{path}/orders"), &order).await.ok(201);
    let block = json!({ "places": ["A-3-10"], "areas": [{ "name": "Floor", "quantity": 5 }] });
    organizer.post(format!("{path}/block"), &block).await.ok(200);
    let after = server.browser().get(format!("{path}/availability")).await.ok(200);
    assert_eq!(after["seats"], "fhffffffffsffffffffffffffffffbs");
    assert_eq!(after["areas"], json!({ "Floor": { "free": 38, "held": 3, "sold": 4, "blocked": 5 } }));
    assert_eq!(
        after["categories"],
        json!({
            "front": { "free": 9, "held": 1, "sold": 0, "blocked": 0 },
            "back": { "free": 18, "held": 0, "sold": 1, "blocked": 1 },
            "vip": { "free": 0, "held": 0, "sold": 1, "blocked": 0 },
            "floor": { "free": 38, "held": 3, "sold": 4, "blocked": 5 },
        })
    );
    assert_eq!(after["seq"], 3);
    let chart = organizer.get(&path).await.ok(200)["chart_id"].clone();
    assert_eq!(after["chart_id"], chart);
}

#[tokio::test]
async fn it_is_at_least_as_new_as_demanded() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}/availability");
    let hold = json!({ "buyer": "b", "places": ["A-1-1"] });
    organizer.post(format!("/v1/events/{event}/holds"), &hold).await.ok(201);
    assert_eq!(organizer.get(&path).header("if-seq", "1").await.ok(200)["seq"], 1);
    // Nobody has such a commit: after a bounded wait the answer is what there is.
    assert_eq!(organizer.get(&path).header("if-seq", "2").await.ok(200)["seq"], 1);
    for wrong in ["x", "-1", "1.5", "99999999999999999999"] {
        organizer.get(&path).header("if-seq", wrong).await.invalid(400, "/headers/If-Seq");
    }
}

#[tokio::test]
async fn a_large_one_is_compressed() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let rows: Vec<_> = (0..20)
        .map(|row| {
            let seats: Vec<_> =
                (0..100).map(|seat| json!({ "label": seat, "x": seat, "y": row, "category": "c" })).collect();
            json!({ "label": row, "seats": seats })
        })
        .collect();
    let chart =
        json!({ "name": "Big", "categories": [{ "key": "c" }], "sections": [{ "name": "S", "rows": rows }] });
    let chart = id_of(&organizer.post("/v1/charts", &chart).await.ok(201));
    let event = organizer.post("/v1/events", &json!({ "name": "Big", "chart_id": chart })).await.ok(201);
    let path = format!("/v1/events/{}/availability", id_of(&event));
    let plain = organizer.get(&path).await;
    assert_eq!(plain.ok(200)["seats"].as_str().unwrap().len(), 2_000);
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "accept-encoding"));
    let hold = json!({ "buyer": "b", "places": ["S-0-0"] });
    for free in [2_000, 1_999] {
        let packed = organizer.get(&path).header("accept-encoding", "br, gzip").await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
        assert!(packed.body.len() * 4 < plain.body.len());
        let availability: Value = serde_json::from_reader(GzDecoder::new(&packed.body[..])).unwrap();
        assert_eq!(availability["seats"].as_str().unwrap().matches('f').count(), free, "of its own commit");
        if free == 2_000 {
            organizer.post(format!("/v1/events/{}/holds", id_of(&event)), &hold).await.ok(201);
        }
    }
}

#[tokio::test]
async fn a_hold_that_lapsed_reads_as_free_soon() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let hold = json!({ "buyer": "b", "places": ["A-1-1"], "seconds": 60 });
    server.organizer().post(format!("/v1/events/{event}/holds"), &hold).await.ok(201);
    assert_eq!(server.availability(&event).await["seats"].as_str().unwrap().as_bytes()[0], b'h');
    server.clock.advance_seconds(71);
    until("the sweep", async || {
        (server.availability(&event).await["seats"].as_str().unwrap().as_bytes()[0] == b'f').then_some(())
    })
    .await;
}
