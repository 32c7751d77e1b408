//! What the command prints about itself: completions, the manual, the API's description.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, Ended, say};

/// The arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// Which shell; for bash: flashtix completions bash > /etc/bash_completion.d/flashtix
    #[arg(value_enum)]
    shell: Shell,
}

/// `flashtix completions`.
pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<Ended> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "flashtix", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Ended::Well)
}

/// `flashtix man`: one page with every subcommand.
pub(super) fn man() -> anyhow::Result<Ended> {
    let command = Cli::command();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands() {
        let name = format!("flashtix {}", subcommand.get_name());
        writeln!(page, ".SH \"{}\"", name.to_uppercase())?;
        let man = clap_mangen::Man::new(subcommand.clone().display_name(name));
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    std::io::stdout().write_all(&page)?;
    Ok(Ended::Well)
}

/// `flashtix openapi`.
pub(super) fn openapi() -> anyhow::Result<Ended> {
    say(crate::http::openapi::document()?);
    Ok(Ended::Well)
}
