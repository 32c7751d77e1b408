//! `sim --seed N` replays one seed and prints what happened; `sim --seeds K` tries fresh ones until one fails.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to whoever runs it")]

use std::process::ExitCode;

use testkit::simulation::{Options, simulate};

/// What was asked for.
enum Wanted {
    One(u64),
    Fresh(u64),
}

fn wanted() -> Result<Wanted, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().map_err(|error| format!("{text:?} is no number: {error}"));
    match *texts {
        ["--seed", seed] => number(seed).map(Wanted::One),
        ["--seeds", seeds] => number(seeds).map(Wanted::Fresh),
        [] => Ok(Wanted::Fresh(200)),
        _ => Err("usage: sim [--seed N | --seeds K]".to_owned()),
    }
}

fn one(seed: u64) -> ExitCode {
    match simulate(seed, &Options::default()) {
        Ok(summary) => {
            summary.trace.iter().for_each(|line| println!("{line}"));
            println!("seed {seed}: every invariant held; trace hash {:016x}", summary.trace_hash);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            failure.trace.iter().for_each(|line| println!("{line}"));
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn fresh(seeds: u64) -> ExitCode {
    // Short enough to be typed.
    let base = u64::from(rand::random::<u32>());
    eprintln!("{seeds} seeds from {base} on");
    for (done, seed) in (base..base + seeds).enumerate() {
        if let Err(failure) = simulate(seed, &Options::default()) {
            println!("{seed}");
            eprintln!("{failure}");
            return ExitCode::FAILURE;
        }
        if done % 50 == 49 {
            eprintln!("{} of {seeds} seeds done", done + 1);
        }
    }
    eprintln!("every invariant held");
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    match wanted() {
        Ok(Wanted::One(seed)) => one(seed),
        Ok(Wanted::Fresh(seeds)) => fresh(seeds),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
