# FlashTix's front doors. Each target does its own set-up; `make` alone lists them.
# GNU make and a POSIX shell; everything cleverer than a line is in `cargo xtask`.

# Where rustup puts cargo, for a shell that has not read its profile again since the installation.
export PATH := $(PATH):$(HOME)/.cargo/bin

DATA_DIR ?= flashtix-demo
FLASHTIX := cargo run --locked --release --package server --bin flashtix --

.DEFAULT_GOAL := help
.PHONY: help run demo test bench setup clean-data

help: ## list the targets
	@echo 'FlashTix. Targets:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'
	@echo
	@echo 'Finer tools: cargo xtask --help'

# Builds the release binary, starts a demo arena of 20,000 seats on the embedded store, and lets a crowd of buyers
# at it, so that the first thing to see is a sale from the first seat to the last and the audit of it. The server
# then stays up until Ctrl-C.
run: setup ## build, start the demo arena, and watch a crowd buy it out
	$(FLASHTIX) demo --storm --data-dir "$$(mktemp -d)"

demo: setup ## build and start the demo arena without the crowd, to click around in
	$(FLASHTIX) demo --data-dir $(DATA_DIR)

test: TESTS := yes
test: setup ## the whole gate: format, lints, docs, house rules, dependencies, API drift, all tests
	cargo xtask ci

bench: setup ## FlashTix beside what others would build, five runs each, in release mode
	cargo xtask bench

setup: ## check for what is needed, and install what is missing where that is allowed (YES=1: through sudo)
	@command -v cargo >/dev/null 2>&1 || { \
	    echo 'make: cargo is missing. FlashTix is written in Rust; install it with the command that' >&2; \
	    echo '      https://rustup.rs shows, or with your system (Debian 13, Ubuntu 24.04: apt-get install rustup).' >&2; \
	    echo '      rust-toolchain.toml names the version, and rustup fetches it by itself.' >&2; \
	    exit 1; }
	@sh scripts/setup.sh $(if $(TESTS),--tests) $(if $(YES),--yes)

clean-data: ## delete the data of `make demo`; the next start begins a new sale
	rm -rf $(DATA_DIR)
