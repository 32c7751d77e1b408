//! The pages for people: they come whole from this server, and ask no other.

use http_body_util::BodyExt as _;

use super::story::Story;

#[tokio::test]
async fn pages_ask_no_other_host() {
    let story = Story::begin().await;
    for path in
        ["/", "/openapi.json", "/swagger-ui/", "/swagger-ui/swagger-initializer.js", "/swagger-ui/index.css"]
    {
        let response = story.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        let (parts, body) = response.into_parts();
        let policy = parts.headers["content-security-policy"].to_str().expect("a policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("http"), "{path}: {policy}");
        assert_eq!(parts.headers["x-content-type-options"], "nosniff", "{path}");
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        if path != "/openapi.json" {
            assert!(!text.contains("https://") && !text.contains("//cdn"), "{path} leads elsewhere");
        }
    }
}

#[tokio::test]
async fn swagger_ui_reads_this_servers_document() {
    let story = Story::begin().await;
    let body = story.get("/swagger-ui/swagger-initializer.js").await.into_body();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    assert!(text.contains("\"/openapi.json\"") && !text.contains("petstore"), "{text}");
    for path in ["/swagger-ui/swagger-ui-bundle.js", "/swagger-ui/swagger-ui.css"] {
        let response = story.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert!(!response.headers().contains_key("content-encoding"), "{path}: packed, though nobody asked");
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        assert!(bytes.len() > 100_000 && bytes.is_ascii() || std::str::from_utf8(&bytes).is_ok(), "{path}");
    }
    let missing = story.get("/swagger-ui/no-such-file.js").await;
    assert_eq!(
        (missing.status().as_u16(), missing.headers()["content-type"].as_bytes()),
        (404, &b"application/problem+json"[..])
    );
}
