//! What a feed may say to its listeners, and what it must not.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;

const SNAPSHOT: &str = "event: snapshot\nid: 1.1\ndata: {\"seq\":1,\"seats\":\"ffff\",\"areas\":{}}\n\n";
const SECOND: &str =
    "event: commit\nid: 1.2\ndata: {\"from\":2,\"seq\":2,\"seats\":{\"0\":\"h\",\"3\":\"s\"}}\n\n";
const THIRD: &str = "event: commit\nid: 1.3\ndata: {\"from\":3,\"seq\":3,\"seats\":{\"0\":\"s\"}}\n\n";
const BOTH: &str =
    "event: commit\nid: 1.3\ndata: {\"from\":2,\"seq\":3,\"seats\":{\"0\":\"s\",\"3\":\"s\"}}\n\n";
const HEAD: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\xff";
const REMARK: &str = ": alive\n\nretry: 1000\n\n";

/// A feed that says this to each listener in turn, one piece at a time.
async fn fed(scripts: &[&[&str]], seats: &str) -> anyhow::Result<Heard> {
    let encode = |piece: &&str| packed(piece);
    let scripts = scripts.iter().map(|script| script.iter().map(encode).collect()).collect();
    sent(scripts, seats).await
}

/// A text, packed by itself.
fn packed(text: &str) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.flush()).expect("memory");
    std::mem::take(encoder.get_mut())
}

/// A feed that sends these bytes to each listener in turn.
async fn sent(scripts: Vec<Vec<Vec<u8>>>, seats: &str) -> anyhow::Result<Heard> {
    let server = TcpListener::bind("127.0.0.1:0").await?;
    let port = server.local_addr()?.port();
    let count = scripts.len();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut open = Vec::new();
        for script in scripts {
            let (mut stream, _) = server.accept().await.expect("a listener");
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await.expect("a request");
            }
            stream.write_all(HEAD).await.expect("a reader");
            for piece in script {
                stream.write_all(&piece).await.expect("a reader");
                stream.flush().await.expect("a reader");
            }
            open.push(stream);
        }
        std::future::pending::<()>().await;
    });
    let listeners = Listeners::start(port, "evt_1", "sk", count).await?;
    listeners.converge(3, seats, Duration::from_secs(5)).await
}

#[tokio::test]
async fn all_ways_to_the_same_seats_converge() {
    let (first, rest) = SECOND.split_at(20);
    let scripts: [&[&str]; 3] =
        [&[SNAPSHOT, SECOND, THIRD], &[REMARK, SNAPSHOT, first, rest, REMARK, THIRD], &[SNAPSHOT, BOTH]];
    let heard = fed(&scripts, "sffs").await.expect("frames");
    assert_eq!((heard.converged, heard.frames, heard.reconnections), (3, 8, 0), "{heard:?}");
}

#[tokio::test]
async fn frames_are_read_however_they_arrive() {
    let bytes = [REMARK, SNAPSHOT, SECOND, THIRD].map(packed).concat();
    let whole = vec![bytes.clone()];
    let in_pieces = bytes.chunks(7).map(<[u8]>::to_vec).collect();
    let heard = sent(vec![whole, in_pieces], "sffs").await.expect("frames");
    assert_eq!((heard.converged, heard.frames), (2, 6), "{heard:?}");
}

#[tokio::test]
async fn what_cannot_be_unpacked_is_an_error_and_no_wait() {
    let mut wrong = packed(SECOND);
    wrong[0] = 0xff;
    assert!(sent(vec![vec![packed(SNAPSHOT), wrong]], "ffff").await.is_err());
}

#[tokio::test]
async fn a_gap_and_another_seat_are_found() {
    let scripts: [&[&str]; 2] = [&[SNAPSHOT, SECOND, THIRD], &[SNAPSHOT, THIRD]];
    let heard = fed(&scripts, "sffs").await.expect("frames");
    assert_eq!(heard.converged, 1);
    assert!(heard.first_wrong.expect("a reason").contains("gap"));
    let heard = fed(&[&[SNAPSHOT, BOTH]], "sfff").await.expect("frames");
    assert_eq!(heard.converged, 0);
    assert!(heard.first_wrong.expect("a reason").contains("Some(3)"));
}

#[tokio::test]
async fn what_is_no_feed_is_an_error() {
    assert!(fed(&[&[SNAPSHOT, "event: commit\nid: 1.2\ndata: nothing\n\n"]], "ffff").await.is_err());
}

#[test]
fn the_last_listener_is_the_one_who_heard_of_the_last_commit_last() {
    let mut table = Table::default();
    let [first, second, third] = [SNAPSHOT, SECOND, THIRD].map(|frame| {
        table.keep(frame.as_bytes(), frame.as_bytes()).expect("a frame").expect("one with seats")
    });
    let begin = Instant::now();
    let way = |seconds: [u64; 3]| Way {
        chain: vec![first, second, third],
        heard_at: seconds.map(|seconds| begin + Duration::from_secs(seconds)).to_vec(),
        ..Way::default()
    };
    let goal = |seq, seats: &str| Goal { seq, seats: seats.into() };
    let ways = [way([0, 1, 4]), way([0, 3, 5]), way([0, 2, 3])];
    let heard = compare(&table, &ways, &goal(3, "sffs"));
    assert_eq!((heard.converged, heard.all_heard), (3, Some(begin + Duration::from_secs(5))));
    // What they hear after it does not count.
    assert_eq!(compare(&table, &ways, &goal(2, "hffs")).all_heard, Some(begin + Duration::from_secs(3)));
    assert_eq!(compare(&table, &ways, &goal(9, "sffs")).all_heard, None);
}
