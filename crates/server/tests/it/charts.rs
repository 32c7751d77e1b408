//! `/v1/charts`: uploading, reading, listing.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::sale::{SEATS, TestServer, VIP, hall, id_of, text_of};

/// A seating plan as pretix's editor exports it.
const THEATRE: &str = include_str!("../data/pretix_theatre.json");

#[tokio::test]
async fn a_native_chart_is_told_in_short_and_read_in_full() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let made = organizer.post("/v1/charts", &hall()).await.ok(201);
    assert_eq!(
        (&made["name"], &made["seats"], &made["capacity"]),
        (&json!("Small Hall"), &json!(31), &json!(81))
    );
    assert_eq!((&made["livemode"], made["sections"].is_null()), (&json!(false), true));
    let id = id_of(&made);
    assert!(id.starts_with("cht_"));
    for client in [organizer.clone(), server.browser()] {
        let read = client.get(format!("/v1/charts/{id}")).await;
        assert!(read.header("cache-control").contains("immutable"));
        let chart = read.ok(200);
        assert_eq!((&chart["id"], &chart["areas"][0]["capacity"]), (&json!(id), &json!(50)));
        assert_eq!(chart["sections"][0]["rows"][2]["seats"][0]["accessible"], true);
        assert_eq!(chart["focal_point"], json!({ "x": 5.5, "y": 0 }));
    }
}

#[tokio::test]
async fn the_body_of_a_chart_makes_a_copy() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let id = server.chart().await;
    let read = organizer.get(format!("/v1/charts/{id}")).await;
    let copy = organizer.ask(http::Method::POST, "/v1/charts").body(read.body.clone()).await.ok(201);
    assert_ne!(id_of(&copy), id);
    let mut again = organizer.get(format!("/v1/charts/{}", id_of(&copy))).await.ok(200);
    let mut first = read.json();
    for chart in [&mut again, &mut first] {
        chart.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "created_at");
    }
    assert_eq!(again, first);
}

#[tokio::test]
async fn a_chart_is_cached_by_its_etag() {
    let server = TestServer::start().await;
    let path = format!("/v1/charts/{}", server.chart().await);
    let browser = server.browser();
    let first = browser.get(&path).await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag} is not strong");
    let cached = browser.get(&path).header("if-none-match", &format!("\"other\", {etag}")).await;
    assert_eq!((cached.status, cached.body.len(), cached.header("etag")), (304, 0, &*etag));
    assert_eq!(browser.get(&path).header("if-none-match", "\"other\"").await.status, 200);
}

#[tokio::test]
async fn a_chart_comes_compressed_for_those_who_take_it() {
    let server = TestServer::start().await;
    let path = format!("/v1/charts/{}", server.chart().await);
    let plain = server.browser().get(&path).await;
    assert_eq!(plain.header("content-encoding"), "");
    let packed = server.browser().get(&path).header("accept-encoding", "br, gzip").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let refused = server.browser().get(&path).header("accept-encoding", "gzip;q=0").await;
    assert_eq!(refused.body, plain.body);
}

#[tokio::test]
async fn a_pretix_plan_becomes_a_hall_that_sells() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let upload = organizer.ask(http::Method::POST, "/v1/charts?format=pretix").body(THEATRE);
    let made = upload.await.ok(201);
    assert_eq!((&made["seats"], &made["name"]), (&json!(1_134), &json!("Stadttheater, Großes Haus")));
    let renamed = made["renamed"].as_array().unwrap();
    assert!(!renamed.is_empty(), "the two boxes share their labels");
    let event = json!({ "chart_id": id_of(&made), "name": "Premiere" });
    let event = id_of(&organizer.post("/v1/events", &event).await.ok(201));
    let places = json!([renamed[0]["to"], format!("guid:{}", text_of(&renamed[1]["seat_guid"]))]);
    let body = json!({ "buyer": "b", "places": places });
    let hold = organizer.post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    assert_eq!(
        (&hold["places"][0]["label"], &hold["places"][1]["label"]),
        (&renamed[0]["to"], &renamed[1]["to"])
    );
    let wrong = organizer.ask(http::Method::POST, "/v1/charts?format=svg").body(THEATRE).await;
    wrong.invalid(400, "/query/format");
}

#[tokio::test]
async fn a_faulty_chart_names_its_fault() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let with = |pointer: &str, value: Value| {
        let mut chart = hall();
        *chart.pointer_mut(pointer).unwrap() = value;
        chart
    };
    let seat = "/sections/0/rows/0/seats/1";
    let faults = [
        (with(&format!("{seat}/category"), json!("gold")), format!("{seat}/category")),
        (with(&format!("{seat}/label"), json!("1")), seat.to_owned()),
        (with(&format!("{seat}/guid"), json!("g-1-1")), format!("{seat}/guid")),
        (with(&format!("{seat}/x"), json!("left")), format!("{seat}/x")),
        (with(&format!("{seat}/x"), json!(1e9)), format!("{seat}/x")),
        (with(&format!("{seat}/label"), json!("x".repeat(65))), format!("{seat}/label")),
        (with("/categories/1/key", json!("front")), "/categories/1/key".to_owned()),
        (with("/areas/0/capacity", json!(-1)), "/areas/0/capacity".to_owned()),
        (with("/areas/0/capacity", json!(0)), "/areas/0/capacity".to_owned()),
        (with("/areas/0/category", json!("gold")), "/areas/0/category".to_owned()),
        (with("/name", json!("")), "/name".to_owned()),
        (with("/name", json!("x".repeat(201))), "/name".to_owned()),
        (with("/name", json!(7)), "/name".to_owned()),
        (with("/focal_point", json!({ "x": "left", "y": 0 })), "/focal_point/x".to_owned()),
    ];
    for (chart, pointer) in faults {
        organizer.post("/v1/charts", &chart).await.invalid(422, &pointer);
    }
    let malformed = organizer.ask(http::Method::POST, "/v1/charts").body("{\"name\": ").await;
    malformed.problem(400, "validation");
    organizer.ask(http::Method::POST, "/v1/charts").body("").await.problem(400, "validation");
    let plan = organizer.ask(http::Method::POST, "/v1/charts?format=pretix");
    plan.body(r#"{"name":"x","categories":[],"zones":[{"name":"z","rows":[{"row_number":"1","seats":[{"seat_guid":"g","seat_number":"1","position":{"x":1,"y":1},"category":"none"}]}]}]}"#)
        .await
        .problem(422, "validation");
    assert_eq!(organizer.get("/v1/charts").await.ok(200)["items"], json!([]));
}

#[tokio::test]
async fn charts_are_listed_page_by_page() {
    let server = TestServer::start().await;
    let organizer = server.organizer();
    let mut made = Vec::new();
    for at in 0..5 {
        let mut chart = hall();
        chart["name"] = json!(format!("Hall {at}"));
        chart["ref"] = json!(format!("ref-{at}"));
        made.push(id_of(&organizer.post("/v1/charts", &chart).await.ok(201)));
    }
    let mut listed = Vec::new();
    let mut path = "/v1/charts?limit=2".to_owned();
    loop {
        let page = organizer.get(&path).await.ok(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        listed.extend(items.iter().map(id_of));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/charts?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(listed, made);
    let first = &organizer.get("/v1/charts").await.ok(200)["items"][0];
    assert_eq!((&first["seats"], &first["ref"]), (&json!(SEATS), &json!("ref-0")));
    let twice = {
        let mut chart = hall();
        chart["ref"] = json!("ref-0");
        chart
    };
    organizer.post("/v1/charts", &twice).await.problem(409, "ref_taken");
    for wrong in ["limit=0", "limit=1001", "limit=x", "limit=-1", "cursor=x", "cursor=c_%F0"] {
        organizer.get(format!("/v1/charts?{wrong}")).await.problem(400, "validation");
    }
}

#[tokio::test]
async fn only_an_organizer_uploads() {
    let server = TestServer::start().await;
    server.browser().post("/v1/charts", &hall()).await.problem(403, "forbidden");
    server.nobody().post("/v1/charts", &hall()).await.problem(401, "unauthorized");
    server.organizer().get("/v1/charts/cht_0000000000000").await.problem(404, "not_found");
    server.organizer().get("/v1/charts/nonsense").await.problem(404, "not_found");
}

#[tokio::test]
async fn a_seat_goes_by_its_guid_as_well() {
    let server = TestServer::start().await;
    let event = server.event(json!({})).await;
    let body = json!({ "buyer": "b", "places": ["guid:g-2-5", VIP] });
    let hold = server.organizer().post(format!("/v1/events/{event}/holds"), &body).await.ok(201);
    let label = json!({ "label": "A-2-5", "section": "A", "row": "2", "seat": "5", "guid": "g-2-5" });
    for (name, value) in label.as_object().unwrap() {
        assert_eq!(&hold["places"][0][name], value);
    }
}
