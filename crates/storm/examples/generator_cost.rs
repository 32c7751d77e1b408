//! What the generator itself costs: a storm against a server that does next to nothing.
//!
//! `cargo run --release -p storm --example generator_cost -- [refuse|book] [buyers] [connections] [rate]` prints
//! the report; the line about the generator's CPU is what this is for. The server answers from a
//! thread of its own and keeps no state, so the verdict is as wrong as it must be.

use std::io::Write;
use std::net::TcpListener;

use storm::{Options, Progress, Scenario};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SEATS: usize = 100_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let books = arguments.next().is_some_and(|word| word == "book");
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let scenario = if books { Scenario::Sustained } else { Scenario::OneSeat };
    let mut options = Options::new(format!("http://{}", listener.local_addr()?), scenario);
    options.key = Some("sk_test_1".to_owned());
    options.buyers = arguments.next().map_or(Ok(300_000), |word| word.parse())?;
    options.connections = arguments.next().map_or(Ok(128), |word| word.parse())?;
    options.rate = arguments.next().map(|word| word.parse()).transpose()?;
    std::thread::Builder::new().name("server".to_owned()).spawn(move || serve(listener, books))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(storm::run(options, Progress::terminal()))?;
    if let Ok(path) = std::env::var("REPORT") {
        report.write_html(path.as_ref())?;
    }
    std::io::stdout().write_all(report.to_text().as_bytes())?;
    Ok(())
}

fn serve(listener: TcpListener, books: bool) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let mut connections = tokio::task::JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await?;
            connections.spawn(answer_all(stream, books));
        }
    })
}

/// One read holds one request: the generator sends no other way.
async fn answer_all(mut stream: tokio::net::TcpStream, books: bool) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 4_096];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let request = String::from_utf8_lossy(&buffer[..length]);
        stream.write_all(answer(&request, books).as_bytes()).await?;
    }
}

fn answer(request: &str, books: bool) -> String {
    let (status, body) = if request.starts_with("POST") {
        let label = request.rsplit("[\"").next().and_then(|rest| rest.split('"').next()).unwrap_or_default();
        if books {
            let key = request.split("Idempotency-Key: ").nth(1).and_then(|rest| rest.lines().next());
            (201, order(key.unwrap_or_default(), label))
        } else {
            let problem = "\"type\":\"about:blank\",\"title\":\"Place unavailable\",\"status\":409,\
                           \"detail\":\"The place is sold.\",\"code\":\"place_unavailable\",\"retryable\":false,\
                           \"request_id\":\"req_0123456789abcdef\"";
            (409, format!("{{{problem},\"reasons\":{{\"{label}\":\"sold\"}}}}"))
        }
    } else if request.contains("/availability") {
        (200, format!("{{\"seats\":\"{}\",\"areas\":{{}}}}", "f".repeat(SEATS)))
    } else if request.contains("/orders") {
        (200, "{\"items\":[]}".to_owned())
    } else if request.contains("/charts/") {
        let seats: Vec<String> = (0..SEATS).map(|n| format!("{{\"label\":\"{n}\"}}")).collect();
        let row = format!("{{\"label\":\"1\",\"seats\":[{}]}}", seats.join(","));
        (200, format!("{{\"sections\":[{{\"name\":\"A\",\"rows\":[{row}]}}]}}"))
    } else if request.contains("/events/") {
        (200, "{\"id\":\"evt_1\",\"name\":\"Bare\",\"chart_id\":\"cht_1\"}".to_owned())
    } else {
        (200, "{\"items\":[{\"id\":\"evt_1\",\"status\":\"open\"}]}".to_owned())
    };
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn order(id: &str, label: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"event_id\":\"evt_1\",\"ref\":null,\"buyer\":\"b\",\"status\":\"confirmed\",\"version\":1,\
         \"seq\":1,\"currency\":\"EUR\",\"amount\":4500,\"amount_cancelled\":0,\"created_at\":\"2026-01-01T00:00:00Z\",\
         \"places\":[{{\"label\":\"{label}\",\"section\":\"A\",\"row\":\"1\",\"seat\":\"1\",\"category\":\"one\"}}],\
         \"areas\":[],\"tickets\":[{{\"id\":\"tkt_1\",\"label\":\"{label}\",\"section\":\"A\",\"row\":\"1\",\
         \"seat\":\"1\",\"category\":\"one\",\"ticket_type\":\"standard\",\"price\":4500,\"status\":\"valid\"}}]}}"
    )
}
