//! FlashTix: the HTTP API, its web pages, and the `flashtix` command.
//!
//! In reading order:
//!
//! - [`front`]: from a listening socket to the router, hardened
//! - [`wire`]: what travels over HTTP, as types
//! - [`access`]: tokens that let some people in before others
//! - [`token`] and [`render`]: tokens of holds, and answers as bytes
//! - [`gzip`]: what many are sent, compressed once
//! - [`http`]: routes, keys, problems
//! - [`app`]: puts everything together over a store
//! - [`demo`]: a believable arena, and the original's hall
//! - [`audit`]: everything that is stored, held against the ledger
//! - [`import`]: takes over the orders of another system
//! - [`cli`]: the `flashtix` command

pub mod access;
pub mod app;
pub mod audit;
pub mod cli;
pub mod demo;
pub mod front;
pub mod gzip;
pub mod http;
pub mod import;
pub mod render;
pub mod token;
pub mod wire;
