//! Storms that cannot start say why, and what to do.

use storm::{Api, Error, Options, Scenario};
use tokio::net::TcpListener;

use crate::fake::{Fake, Fault, Shop, Transport};
use crate::options;

async fn refused(scenario: Scenario, change: impl FnOnce(&mut Options)) -> Error {
    let fake = Fake::start(Shop::new(10, Fault::None), Transport::Plain).await;
    let mut options = options(&fake.url, scenario);
    change(&mut options);
    storm::run(options, ()).await.unwrap_err()
}

#[tokio::test]
async fn errors_name_the_way_out() {
    let error = refused(Scenario::Arena, |o| o.key = Some("sk_test_wrong".to_owned())).await;
    assert!(matches!(error, Error::KeyRefused), "{error}");
    let error = refused(Scenario::Arena, |o| o.key = None).await;
    assert!(matches!(error, Error::KeyMissing), "{error}");
    let error = refused(Scenario::Arena, |o| o.event = Some("evt_9".to_owned())).await;
    assert!(error.to_string().contains("evt_9"), "{error}");
    let error = refused(Scenario::OneSeat, |o| o.place = Some("Z-1-1".to_owned())).await;
    assert!(error.to_string().contains("Z-1-1"), "{error}");
    let error =
        refused(Scenario::OneSeat, |o| (o.api, o.place) = (Api::Classic, Some("VIP".to_owned()))).await;
    assert!(error.to_string().contains("VIP"), "{error}");
    let error = refused(Scenario::Arena, |o| o.url = o.url.replace("http", "https")).await;
    assert!(error.to_string().contains("https is not spoken here"), "{error}");
}

#[tokio::test]
async fn nobody_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = storm::run(options(&url, Scenario::Arena), ()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("flashtix demo"), "{error}");
}

#[tokio::test]
async fn what_answers_is_no_shop() {
    let fake = Fake::start(Shop::new(10, Fault::None), Transport::Garbage).await;
    let mut options = options(&fake.url, Scenario::OneSeat);
    options.event = Some("evt_1".to_owned());
    options.url += "/elsewhere";
    let error = storm::run(options, ()).await.unwrap_err();
    assert!(matches!(error, Error::EventUnknown { .. }), "{error}");
}
