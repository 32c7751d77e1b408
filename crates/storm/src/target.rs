//! Where the server is: the part of a URL that an HTTP/1.1 client without TLS needs.

use crate::Error;

/// A parsed `http://host[:port][/prefix]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Host and port for the socket and the `Host` header.
    pub(crate) authority: String,
    /// What comes before `/v1` or `/api` in paths; empty or `/something`.
    pub(crate) prefix: String,
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let wrong = |reason| Error::Url { url: url.to_owned(), reason };
        let rest = match url.split_once("://") {
            Some(("http", rest)) => rest,
            Some(("https", _)) => {
                return Err(wrong(
                    "https is not spoken here, since encryption would cost more than the load itself; \
                     point the storm at the server behind the TLS proxy",
                ));
            }
            Some(_) => return Err(wrong("the scheme must be http")),
            None => return Err(wrong("the scheme http:// is missing")),
        };
        let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if host.is_empty() || host.starts_with(':') {
            return Err(wrong("the host is missing"));
        }
        if host.contains('@') {
            return Err(wrong("user names in URLs are not supported; give the key as an option"));
        }
        if !rest.bytes().all(|b| b.is_ascii_graphic()) || rest.contains(['?', '#']) {
            return Err(wrong("only a host, a port and a plain path are possible"));
        }
        let port = match host.rfind(':') {
            // A colon inside brackets belongs to an IPv6 address.
            Some(at) if !host[at..].contains(']') => Some(&host[at + 1..]),
            _ => None,
        };
        let authority = match port {
            Some(port) if port.parse::<u16>().is_ok_and(|port| port > 0) => host.to_owned(),
            Some(_) => return Err(wrong("the port is not a number from 1 to 65535")),
            None => format!("{host}:80"),
        };
        Ok(Self { authority, prefix: path.trim_end_matches('/').to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expect: &str) {
        let got = match Target::parse(url) {
            Ok(target) => format!("{} {}", target.authority, target.prefix),
            Err(error) => error.to_string(),
        };
        assert!(got.contains(expect), "{url}: {got}");
    }

    #[test]
    fn urls() {
        check("http://127.0.0.1:8080", "127.0.0.1:8080 ");
        check("http://127.0.0.1:8080/", "127.0.0.1:8080 ");
        check("http://localhost", "localhost:80 ");
        check("http://[::1]:8080/tickets/", "[::1]:8080 /tickets");
        check("http://[::1]", "[::1]:80 ");
        check("https://example.org", "https is not spoken here");
        check("ftp://example.org", "must be http");
        check("127.0.0.1:8080", "http:// is missing");
        check("http://", "host is missing");
        check("http://:80", "host is missing");
        check("http://a:0", "port is not a number");
        check("http://a:b", "port is not a number");
        check("http://a:99999", "port is not a number");
        check("http://sk_1@a", "give the key as an option");
        check("http://a/?key=1", "plain path");
        check("http://a/\r\nX: y", "plain path");
    }
}
