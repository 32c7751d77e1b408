//! `POST /v1/events/{id}/grace`: more time for everybody who holds something.

use serde_json::{Value, json};

use crate::sale::{TestServer, id_of};

#[tokio::test]
async fn every_running_hold_has_more_time_and_no_hold_twice() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let event = server.event(json!({})).await;
    let path = format!("/v1/events/{event}");
    let hold = async |seconds: u32| {
        let body = json!({ "buyer": "b", "areas": [{ "name": "Floor", "quantity": 1 }], "seconds": seconds });
        organizer.post(format!("{path}/holds"), &body).await.ok(201)
    };
    let lapsing = hold(5).await;
    let mut running = Vec::new();
    for at in 0..30 {
        running.push(hold(60 + at).await);
    }
    let sold = hold(60).await;
    organizer.post(format!("/v1/holds/{}/confirm", id_of(&sold)), &json!({})).await.ok(201);
    server.clock.advance_seconds(20);
    organizer.patch(&path, &json!({ "status": "paused" })).await.ok(200);
    let grace = async |seconds: Value, key: &str| {
        organizer.post(format!("{path}/grace"), &json!({ "seconds": seconds })).key(key).await
    };
    assert_eq!(grace(json!(300), "outage").await.ok(200), json!({ "extended": 30, "ended": 0 }));
    // The same again moves nothing; another grace does.
    assert_eq!(grace(json!(300), "outage").await.ok(200)["extended"], 30);
    let ends = |hold: &Value| hold["expires_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    for (hold, more) in running.iter().zip(std::iter::repeat(300)) {
        let now = organizer.get(format!("/v1/holds/{}", id_of(hold))).await.ok(200);
        let moved = ends(&now).duration_since(ends(hold)).as_secs_f64();
        assert!((f64::from(more)..f64::from(more) + 2.0).contains(&moved), "{moved}");
    }
    assert_eq!(grace(json!(60), "pause").await.ok(200)["extended"], 30);
    let now = organizer.get(format!("/v1/holds/{}", id_of(&running[0]))).await.ok(200);
    assert!(ends(&now).duration_since(ends(&running[0])).as_secs() >= 360);
    let gone = organizer.get(format!("/v1/holds/{}", id_of(&lapsing))).await.ok(200);
    assert_eq!((&gone["status"], &gone["expires_at"]), (&json!("expired"), &lapsing["expires_at"]));
    grace(json!(0), "x").await.invalid(422, "/seconds");
    grace(json!(86_401), "x").await.invalid(422, "/seconds");
    let keyless = organizer.post(format!("{path}/grace"), &json!({ "seconds": 60 })).await;
    keyless.invalid(400, "/headers/Idempotency-Key");
}
