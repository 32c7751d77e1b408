//! Sampled stacks, put together as a tree.

use std::collections::BTreeMap;

/// What says nothing about a server: the runtime that polls it, and the library that starts it. Their time is told as their
/// callers'; where they have none, as [`RUNTIME`]'s.
const LEFT_OUT: [&str; 5] = ["std::", "core::", "alloc::", "tokio::", "futures_util::"];
const LEFT_OUT_BY_NAME: [&str; 6] =
    ["[unknown]", "start_thread", "clone3", "__clone", "__GI___clone", "main"];
const RUNTIME: &str = "runtime";
/// How the kernel is called where code is from.
const KERNEL: &str = "[kernel";

/// A function, and all that it was seen to call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Frame {
    /// How often it was on the stack.
    pub(crate) samples: u64,
    pub(crate) callees: BTreeMap<String, Frame>,
}

/// All stacks.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Stacks {
    pub(crate) root: Frame,
    /// How often the innermost function that is not left out was somebody's.
    owners: BTreeMap<String, u64>,
}

impl Stacks {
    /// Reads what `perf script` prints with the fields comm, ip, sym and dso: a thread's name, its frames from the innermost to the
    /// outermost, and an empty line.
    pub(crate) fn read(told: &str) -> Self {
        let mut stacks = Self::default();
        let mut frames: Vec<(&str, &str)> = Vec::new();
        let mut thread = "";
        for line in told.lines().chain([""]) {
            if line.trim().is_empty() {
                if !thread.is_empty() {
                    stacks.add(thread, &frames);
                }
                (thread, frames) = ("", Vec::new());
            } else if line.starts_with(char::is_whitespace) {
                frames.extend(frame(line));
            } else {
                thread = line.trim();
            }
        }
        stacks
    }

    fn add(&mut self, thread: &str, frames: &[(&str, &str)]) {
        let innermost = frames.iter().find(|(name, _)| !is_left_out(name));
        let owner = innermost.map_or(RUNTIME, |(name, from)| owner(name, from));
        *self.owners.entry(owner.to_owned()).or_default() += 1;
        let names = frames.iter().rev().map(|(name, _)| *name).filter(|name| !is_left_out(name));
        let mut at = &mut self.root;
        at.samples += 1;
        for name in std::iter::once(thread).chain(names) {
            at = at.callees.entry(name.to_owned()).or_default();
            at.samples += 1;
        }
    }

    pub(crate) fn samples(&self) -> u64 {
        self.root.samples
    }

    /// Whose code the innermost functions are, and which share of the time each had, the largest first.
    pub(crate) fn owners(&self) -> Vec<(&str, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "samples are thousands")]
        let share = |samples: u64| samples as f64 / self.samples().max(1) as f64;
        let mut owners: Vec<(&str, f64)> =
            self.owners.iter().map(|(owner, samples)| (owner.as_str(), share(*samples))).collect();
        owners.sort_by(|one, other| other.1.total_cmp(&one.1));
        owners
    }
}

/// A line of an address, a symbol and, in brackets, where it is from.
fn frame(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.trim().split_once(' ')?;
    let (name, from) = rest.rsplit_once(" (")?;
    Some((plain(name), from.trim_end_matches(')')))
}

/// Without the hash that tells two versions of a function apart, and without the offset in it.
fn plain(name: &str) -> &str {
    let name = name.rsplit_once("+0x").map_or(name, |(name, _)| name);
    match name.rsplit_once("::h") {
        Some((plain, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => plain,
        _ => name,
    }
}

/// A name from its first word on, as in `<engine::desk::Desk as X>::y`.
fn bare(name: &str) -> &str {
    name.trim_start_matches(['<', '&', '_', ' '])
}

fn is_left_out(name: &str) -> bool {
    LEFT_OUT_BY_NAME.contains(&name) || LEFT_OUT.iter().any(|begin| bare(name).starts_with(begin))
}

/// The crate of a function; of what is no Rust, where it is from.
fn owner<'a>(name: &'a str, from: &'a str) -> &'a str {
    if from.starts_with(KERNEL) {
        return "kernel";
    }
    match bare(name).split_once("::") {
        Some((owner, _)) => owner,
        None if name.starts_with("mi_") || name.starts_with("_mi_") => "mimalloc",
        None => from.rsplit('/').next().unwrap_or(from).split('.').next().unwrap_or(from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "http \n\
        \t    55d engine::desk::glance::h0123456789abcdef+0x12 (/x/flashtix)\n\
        \t    55e <server::http::Service as tower::Service>::call::habcdefabcdefabcd (/x/flashtix)\n\
        \t    55f tokio::runtime::task::poll (/x/flashtix)\n\n\
        http \n\
        \t    fff tcp_sendmsg ([kernel.kallsyms])\n\
        \t    55e <server::http::Service as tower::Service>::call::habcdefabcdefabcd (/x/flashtix)\n\n\
        sqlite-writer \n\
        \t    7f0 __memmove (/usr/lib/libc.so.6)\n\
        \t    7f1 [unknown] ([unknown])\n";

    #[test]
    fn stacks_that_begin_alike_are_one() {
        let stacks = Stacks::read(TOLD);
        assert_eq!(stacks.samples(), 3);
        let call = &stacks.root.callees["http"].callees["<server::http::Service as tower::Service>::call"];
        assert_eq!(call.samples, 2);
        assert_eq!(call.callees.keys().collect::<Vec<_>>(), ["engine::desk::glance", "tcp_sendmsg"]);
        assert_eq!(stacks.root.callees["sqlite-writer"].callees.len(), 1);
    }

    #[test]
    fn time_is_that_of_the_innermost_function() {
        let third = 1.0 / 3.0;
        assert_eq!(Stacks::read(TOLD).owners(), [("engine", third), ("kernel", third), ("libc", third)]);
        assert_eq!(Stacks::read("").samples(), 0);
    }
}
