//! The `flashtix` command; see [`server::cli`].

use std::process::ExitCode;

use clap::Parser as _;
use server::cli::{Cli, Ended, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
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
