//! The `flashtix` command; see [`server::cli`].

use std::process::ExitCode;

use clap::Parser as _;
use server::cli::{Cli, Ended, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The kernel clears a huge page at its first touch, and whoever touched it waits: 10 ms have been seen. Where it cannot be
    // told, nothing is lost but that.
    #[cfg(target_os = "linux")]
    rustix::thread::disable_transparent_huge_pages(true).ok();
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => Err(error.into()),
    };
    match ended {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::Badly) => ExitCode::from(1),
        Err(error) => {
            server::cli::report(&error);
            ExitCode::from(server::cli::exit_code(&error))
        }
    }
}
