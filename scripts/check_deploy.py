#!/usr/bin/env python3
"""Checks that the files under deploy/ and docs/runbook.md say nothing that the server does not know.

    flashtix demo --data-dir "$(mktemp -d)" --listen 127.0.0.1:8099 & until curl -sf 127.0.0.1:8099/readyz; do sleep 0.1; done
    curl -s http://127.0.0.1:8099/metrics > metrics.txt
    for command in serve migrate keys audit; do flashtix $command --help; done > help.txt
    scripts/check_deploy.py metrics.txt help.txt
    curl -s http://127.0.0.1:8099/metrics | scripts/check_deploy.py - help.txt

What is checked:

  metrics   every flashtix_* metric of the rules, their tests, the dashboard and the runbook exists. Many metrics appear on
            /metrics only once something happened, so a name that is not there but that the code under crates/ registers is
            a note; with --strict it is an error
  codes     every problem code in an expression is one of docs/api.md
  alerts    every alert has its labels and annotations, a test, and a section of the runbook, and every section an alert
  settings  every FLASHTIX_* variable, every flag of a flashtix command and every line of a settings file exists
  numbers   times to stop are longer than the drain, files more than connections, the compiler the one of the repository
  files     all JSON and, where PyYAML is installed, all YAML parses; the dashboard's panels have units and do not overlap
  tools     promtool, nginx and kubectl agree, where they are on the PATH

Exits 1 and lists what is wrong, one a line. --self-check plants mistakes in copies, one at a time, and sees that each is found.
"""

import argparse
import functools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    yaml = None

RULES = "deploy/prometheus/rules.yml"
RULES_TEST = "deploy/prometheus/rules_test.yml"
RUNBOOK = "docs/runbook.md"
NGINX = "deploy/nginx/flashtix.conf"
UNIT = "deploy/systemd/flashtix.service"
COMPOSE = "deploy/compose.yaml"
DEPLOYMENT = "deploy/kubernetes/deployment.yaml"
CONFIG_MAP = "deploy/kubernetes/configmap.yaml"
DASHBOARDS = "deploy/grafana/dashboards"

# `serve --help` hides them, because a key has no place on a command line.
HIDDEN_VARIABLES = {"FLASHTIX_SECRET_KEY", "FLASHTIX_PUBLISHABLE_KEY"}
SEVERITIES = {"critical", "warning"}
ANNOTATIONS = ("summary", "description", "runbook")
# What each section of the runbook answers.
LEADS = ("**It means**", "**Buyers see**", "**Look first**", "**Do", "**It is over**")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
# How long a node keeps an idle connection, in seconds (server/src/front/options.rs).
IDLE_SECONDS = 75


class Report:
    def __init__(self):
        self.errors = []
        self.notes = []

    def error(self, place, what):
        self.errors.append(f"{place}: {what}")

    def note(self, what):
        if what not in self.notes:
            self.notes.append(what)


class Tree:
    """The files that are checked, and the source that they are compared with."""

    def __init__(self, root, source):
        self.root = pathlib.Path(root)
        self.source = pathlib.Path(source)

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def lines(self, path):
        return list(enumerate(self.text(path).split("\n"), 1))

    def under(self, folder, *suffixes):
        files = sorted(path for path in (self.root / folder).rglob("*") if path.is_file())
        # A filled-in .env is nobody's business.
        files = [path for path in files if path.name != ".env" and (not suffixes or path.suffix in suffixes)]
        return [path.relative_to(self.root).as_posix() for path in files]


class Known:
    """What the server knows: its metrics, by name and kind, and its settings, by command."""

    def __init__(self, metrics, help_text, source):
        self.on_page = dict(re.findall(r"(?m)^# TYPE (flashtix_\w+) (\w+)", metrics))
        for name in re.findall(r"(?m)^(flashtix_\w+)[ {]", metrics):
            if not any(name == base + suffix for base, kind in self.on_page.items() for suffix in SUFFIXES.get(kind, ())):
                self.on_page.setdefault(name, "untyped")
        self.in_source = registered(source)
        self.flags = {}
        self.variables = set(HIDDEN_VARIABLES)
        for part in re.split(r"(?m)^(?=Usage: )", help_text)[1:]:
            command = re.match(r"Usage: \S+ ([a-z]+)", part)
            if command:
                # Long help is wrapped, and an option may begin with a short form.
                flags = re.findall(r"(?m)^\s+(?:-\w, )?(--[a-z][a-z-]*)", part)
                self.flags[command[1]] = set(flags)
                self.variables |= set(re.findall(r"\[env:\s+(FLASHTIX_\w+)", part))

    def kind(self, name):
        return self.on_page.get(name) or self.in_source.get(name)

    def base(self, name):
        """The metric that a series belongs to, and the suffix that the series adds; None if there is none."""
        if self.kind(name):
            return name, ""
        for suffix in SUFFIXES["histogram"]:
            base = name.removesuffix(suffix)
            if base != name and suffix in SUFFIXES.get(self.kind(base), ()):
                return base, suffix
        return None


@functools.cache
def registered(source):
    """The metrics that the code registers or describes, by the macro that does so."""
    names, constants, uses = {}, {}, {}
    macro = r"\b(?:describe_)?(counter|gauge|histogram)!\(\s*"
    for path in source.glob("crates/*/src/**/*.rs"):
        text = path.read_text(encoding="utf-8")
        names.update((name, kind) for kind, name in re.findall(macro + r'"(flashtix_\w+)"', text))
        constants.update(re.findall(r'const (\w+): &str = "(flashtix_\w+)"', text))
        uses.update((constant, kind) for kind, constant in re.findall(macro + r"(?:\w+::)*([A-Z_]+)\b", text))
    names.update((constants[constant], kind) for constant, kind in uses.items() if constant in constants)
    return names


def check_metrics(tree, known, report, strict):
    if not known.on_page:
        report.error("METRICS", "names no flashtix_* metric: is it the text of /metrics?")
    used = set()
    expressions = [RULES, RULES_TEST, *tree.under(DASHBOARDS, ".json")]
    for path in [*expressions, RUNBOOK]:
        for number, line in tree.lines(path):
            for name in re.findall(r"\bflashtix_[a-z0-9_]+", line):
                found = known.base(name)
                place = f"{path}:{number}"
                if found is None:
                    report.error(place, f"there is no metric {name}")
                    continue
                base, suffix = found
                used.add(base)
                kind = known.kind(base)
                if kind == "histogram" and not suffix and path != RUNBOOK:
                    report.error(place, f"{name} is a histogram: name its _bucket, _sum or _count")
                if kind == "histogram" and re.search(re.escape(name) + r"\{[^}]*\bquantile\b", line):
                    report.error(place, f"{name} is a histogram: it has no quantiles of its own")
                if base not in known.on_page:
                    late = f"{base} is not on this /metrics: it appears once it happened"
                    report.error(place, late) if strict else report.note(late)
    for name in sorted((known.on_page.keys() | known.in_source.keys()) - used):
        report.note(f"{name} is in no rule, no panel and no section of the runbook")


def check_codes(tree, report):
    table = re.findall(r"(?m)^\| (`[^|]*`) \| \d{3}", tree.text("docs/api.md"))
    codes = {code for cell in table for code in re.findall(r"`(\w+)`", cell)}
    for path in [RULES, RULES_TEST, RUNBOOK, *tree.under(DASHBOARDS, ".json")]:
        for number, line in tree.lines(path):
            for values in re.findall(r'\bcode=~?\\?"([\w|]+)', line):
                for code in set(values.split("|")) - codes:
                    report.error(f"{path}:{number}", f"docs/api.md has no code {code}")


def check_alerts(tree, report):
    blocks = re.split(r"(?m)^ *- alert: ", tree.text(RULES))[1:]
    alerts = {block.split("\n", 1)[0].strip(): block for block in blocks}
    if len(alerts) < len(blocks):
        report.error(RULES, "two alerts have one name")
    tested = tree.text(RULES_TEST)
    sections = {part.split("\n", 1)[0].strip(): part for part in re.split(r"(?m)^## ", tree.text(RUNBOOK))[1:]}
    for name, block in alerts.items():
        severity = re.search(r"\bseverity: *\"?(\w+)", block)
        if not severity or severity[1] not in SEVERITIES:
            report.error(RULES, f"{name} has no severity of {', '.join(sorted(SEVERITIES))}")
        for annotation in ANNOTATIONS:
            if not re.search(rf"(?m)^ +{annotation}: *\S", block):
                report.error(RULES, f"{name} has no {annotation}")
        if f"runbook: {RUNBOOK}#{name.lower()}\n" not in block + "\n":
            report.error(RULES, f"the runbook of {name} must be {RUNBOOK}#{name.lower()}")
        if not re.search(rf"\b{name}\b", tested):
            report.error(RULES_TEST, f"{name} has no test")
        if name not in sections:
            report.error(RUNBOOK, f"{name} has no section")
            continue
        for lead in LEADS:
            if lead not in sections[name]:
                report.error(RUNBOOK, f"{name} does not say {lead.strip('*')} …")
    for title in sections:
        if title.startswith("Flashtix") and title not in alerts:
            report.error(RUNBOOK, f"{title} is a section without an alert")
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in sections}
    for number, line in tree.lines(RUNBOOK):
        for anchor in re.findall(r"\]\(#([^)]*)\)", line):
            if anchor not in anchors:
                report.error(f"{RUNBOOK}:{number}", f"there is no section #{anchor}")


def check_settings(tree, known, report):
    if "serve" not in known.flags:
        report.error("HELP", "has no `Usage: flashtix serve`: is it the output of flashtix serve --help?")
        return
    for path in [*tree.under("deploy"), RUNBOOK]:
        for number, line in tree.lines(path):
            place = f"{path}:{number}"
            for variable in re.findall(r"\bFLASHTIX_[A-Z][A-Z_]*[A-Z]", line):
                if variable not in known.variables:
                    report.error(place, f"there is no variable {variable}")
            for command, rest in commands(line):
                if command not in known.flags:
                    report.note(f"HELP has nothing of `flashtix {command}`, so its flags were not checked")
                    continue
                for flag in re.findall(r"(?<!\S)[\"'\[]?(--[a-z][a-z-]*)", rest):
                    if flag not in known.flags[command]:
                        report.error(place, f"flashtix {command} has no {flag}")
            if path == RUNBOOK:
                for flag in re.findall(r"`(--[a-z][a-z-]*)`", line):
                    if flag not in known.flags["serve"]:
                        report.error(place, f"flashtix serve has no {flag}")
    for path in tree.under("deploy", ".toml"):
        for number, line in tree.lines(path):
            setting = re.match(r"([a-z_]+) *=", line)
            if setting and "--" + setting[1].replace("_", "-") not in known.flags["serve"]:
                report.error(f"{path}:{number}", f"there is no setting {setting[1]}")


def commands(line):
    """The commands of flashtix in a line, each with what follows it."""
    called = re.findall(r"(?:^|[\s/`$(])flashtix (serve|migrate|keys|import|backup|storm|audit|demo)\b([^|;&`]*)", line)
    # The words of a container: args: [serve, --log, warn] and CMD ["serve"].
    words = re.search(r"(?:\bargs: *|\bCMD )\[\"?(serve|migrate)\b\"?(.*)\]", line)
    return [*called, (words[1], words[2].replace(",", " "))] if words else called


def number(text, pattern, default=None):
    found = re.search(pattern, text)
    return int(found[1]) if found else default


def stopping_seconds(environment):
    """How long a node takes to end after SIGTERM at most, by the variables of its environment."""
    drain = number(environment, r'FLASHTIX_DRAIN_SECONDS: "(\d+)"', 5)
    return drain + number(environment, r'FLASHTIX_FINISH_SECONDS: "(\d+)"', 30)


def check_numbers(tree, report):
    def must(place, is_so, what):
        if not is_so:
            report.error(place, what)

    toml = tree.text("deploy/systemd/flashtix.toml")
    unit, compose, deployment = tree.text(UNIT), tree.text(COMPOSE), tree.text(DEPLOYMENT)
    config, nginx = tree.text(CONFIG_MAP), tree.text(NGINX)
    drain = number(toml, r"(?m)^drain_seconds = (\d+)", 5) + number(toml, r"(?m)^finish_seconds = (\d+)", 30)
    must(UNIT, number(unit, r"(?m)^TimeoutStopSec=(\d+)", 0) > drain, f"TimeoutStopSec must be over drain_seconds and finish_seconds together ({drain})")
    connections = number(toml, r"(?m)^connections_max = (\d+)", 10_000)
    must(UNIT, number(unit, r"(?m)^LimitNOFILE=(\d+)", 0) > connections, f"LimitNOFILE must be over connections_max ({connections})")
    node = compose.partition("x-node:")[2].partition("\nservices:")[0]
    drain = stopping_seconds(node)
    must(COMPOSE, number(node, r"stop_grace_period: (\d+)s", 0) > drain, f"stop_grace_period of a node must be over the seconds that it drains and finishes ({drain})")
    connections = number(node, r'FLASHTIX_CONNECTIONS_MAX: "(\d+)"', 10_000)
    must(COMPOSE, number(node, r"nofile: (\d+)", 0) > connections, f"nofile of a node must be over FLASHTIX_CONNECTIONS_MAX ({connections})")
    for server in sorted(set(re.findall(r"(?m)^ +server (\S+)", nginx))):
        passed = sum(int(most) for most in re.findall(rf"server {re.escape(server)} max_conns=(\d+)", nginx))
        must(NGINX, 0 < passed < connections, f"max_conns of {server} must leave some of FLASHTIX_CONNECTIONS_MAX ({connections})")
    must(NGINX, number(nginx, r"keepalive_timeout (\d+)s", 0) in range(1, IDLE_SECONDS), f"keepalive_timeout must be under {IDLE_SECONDS}s")
    must(NGINX, "non_idempotent" not in re.sub(r"#.*", "", nginx), "proxy_next_upstream must not send a POST twice")
    stopping = stopping_seconds(config)
    must(
        DEPLOYMENT,
        number(deployment, r"terminationGracePeriodSeconds: (\d+)", 0) > stopping,
        f"terminationGracePeriodSeconds must be over the seconds that a pod drains and finishes ({stopping})",
    )
    channel = re.search(r'channel = "([^"]+)"', (tree.source / "rust-toolchain.toml").read_text(encoding="utf-8"))
    must("deploy/Dockerfile", f"FROM rust:{channel[1]}-" in tree.text("deploy/Dockerfile"), f"must build with Rust {channel[1]}, as rust-toolchain.toml says")


def check_files(tree, report):
    for path in tree.under("deploy", ".json"):
        try:
            document = json.loads(tree.text(path))
        except ValueError as error:
            report.error(path, f"is no JSON: {error}")
            continue
        if path.startswith(DASHBOARDS):
            check_dashboard(path, document, report)
    if yaml is None:
        report.note("PyYAML is not installed, so YAML was not parsed (Debian: python3-yaml)")
        return
    for path in tree.under("deploy", ".yaml", ".yml"):
        try:
            list(yaml.load_all(tree.text(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
        except yaml.YAMLError as error:
            report.error(path, f"is no YAML: {error}")


def check_dashboard(path, dashboard, report):
    variables = {variable["name"]: variable["type"] for variable in dashboard["templating"]["list"]}
    if "datasource" not in variables.values():
        report.error(path, "has no variable for the data source")
    taken = {}
    for panel in dashboard["panels"]:
        title, place = panel["title"], panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), title)
                if x >= 24 or other != title:
                    report.error(path, f"{title!r} lies over {other!r}" if x < 24 else f"{title!r} is wider than the page")
                    break
            else:
                continue
            break
        if panel["type"] == "row":
            continue
        if variables.get(panel["datasource"]["uid"].strip("${}")) != "datasource":
            report.error(path, f"{title!r} does not use the variable for the data source")
        if panel["type"] != "state-timeline" and not panel["fieldConfig"]["defaults"].get("unit"):
            report.error(path, f"{title!r} has no unit")
        if not panel.get("description"):
            report.error(path, f"{title!r} does not say what it shows")


def run(report, place, *command, cwd=None):
    """Runs a tool, if it is there; returns whether it was."""
    if shutil.which(command[0]) is None:
        report.note(f"{command[0]} is not on the PATH, so {place} was not checked with it")
        return False
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        said = " ".join((ended.stdout + ended.stderr).split())
        if "kubernetes_sd_configs not found" in said:
            report.note(f"this {command[0]} is built without Kubernetes, so {place} was not checked with it (Debian's is)")
            return False
        report.error(place, f"{' '.join(command[:3])}: {said}")
    return True


def check_tools(tree, report):
    ran = []
    folder = tree.root / "deploy/prometheus"
    for command, file in (("config", "prometheus.yml"), ("config", "kubernetes.yml"), ("rules", "rules.yml")):
        if run(report, f"deploy/prometheus/{file}", "promtool", "check", command, file, cwd=folder):
            ran.append(f"promtool check {command} {file}")
    if run(report, RULES_TEST, "promtool", "test", "rules", "rules_test.yml", cwd=folder):
        ran.append("promtool test rules rules_test.yml")
    with tempfile.TemporaryDirectory() as copy:
        # The nodes' names are those of a network that is not here, and its ports and folders are root's.
        text = re.sub(r"(?m)^( +server )[^\s:]+:", r"\g<1>127.0.0.1:", tree.text(NGINX))
        text = text.replace("listen 80 ", "listen 127.0.0.1:18080 ").replace("/var/log/nginx/", f"{copy}/")
        pathlib.Path(copy, "flashtix.conf").write_text(text, encoding="utf-8")
        parts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = "".join(f"    {part}_temp_path {copy}/{part};\n" for part in parts)
        types = "include /etc/nginx/mime.types;"
        whole = tree.text("deploy/nginx/nginx.conf").replace(types, folders.strip()).replace("/etc/nginx/conf.d/*.conf", f"{copy}/flashtix.conf")
        pathlib.Path(copy, "nginx.conf").write_text(whole, encoding="utf-8")
        settings = f"pid {copy}/pid;"
        if run(report, NGINX, "nginx", "-t", "-q", "-e", "stderr", "-p", copy, "-c", f"{copy}/nginx.conf", "-g", settings):
            ran.append("nginx -t")
    if run(report, "deploy/kubernetes", "kubectl", "kustomize", str(tree.root / "deploy/kubernetes")):
        ran.append("kubectl kustomize")
    return ran


def check(tree, metrics, help_text, strict):
    report = Report()
    known = Known(metrics, help_text, tree.source)
    check_metrics(tree, known, report, strict)
    check_codes(tree, report)
    check_alerts(tree, report)
    check_settings(tree, known, report)
    check_numbers(tree, report)
    check_files(tree, report)
    return report


# File, what stands there, what is planted, what must be said of it.
PLANTED = [
    (RULES, "flashtix_gate_failures_total", "flashtix_gate_failure_total", "there is no metric"),
    (RULES, "flashtix_batch_seconds_bucket", "flashtix_batch_seconds", "is a histogram"),
    (RULES, "outcome_unknown", "outcome_unknwon", "has no code"),
    (RULES, "severity: critical", "severity: bad", "has no severity"),
    (RULES, "#flashtixnodedown", "#nodedown", "the runbook of FlashtixNodeDown"),
    (RULES, "alert: FlashtixNodeDown", "alert: FlashtixNodeIsDown", "FlashtixNodeIsDown has no"),
    (RULES_TEST, "flashtix_writers_free", "flashtix_writer_free", "there is no metric"),
    (DASHBOARDS + "/flashtix.json", "flashtix_commits_total", "flashtix_commits", "there is no metric"),
    (DASHBOARDS + "/flashtix.json", '"panels": [', '"panels": ', "is no JSON"),
    (DASHBOARDS + "/flashtix.json", '"unit": "s"', '"unit": ""', "has no unit"),
    (RUNBOOK, "flashtix_feed_clients", "flashtix_feed_listeners", "there is no metric"),
    (RUNBOOK, "## FlashtixShedding", "## FlashtixShed", "FlashtixShed is a section without an alert"),
    (RUNBOOK, "](#flashtixnotready)", "](#flashtixready)", "there is no section #flashtixready"),
    (RUNBOOK, "**Buyers see**", "Buyers see", "does not say Buyers see"),
    (RUNBOOK, "`--pool-size`", "`--pool-count`", "has no --pool-count"),
    (COMPOSE, "FLASHTIX_DRAIN_SECONDS", "FLASHTIX_DRAIN_SECS", "there is no variable"),
    (COMPOSE, "stop_grace_period: 40s", "stop_grace_period: 10s", "stop_grace_period"),
    (CONFIG_MAP, "FLASHTIX_POOL_SIZE:", "FLASHTIX_POOLSIZE:", "there is no variable"),
    (DEPLOYMENT, "terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 30", "preStop"),
    (DEPLOYMENT, "args: [serve]", "args: [serve, --logs, warn]", "has no --logs"),
    (UNIT, "serve --config", "serve --conf", "has no --conf"),
    (UNIT, "LimitNOFILE=20000", "LimitNOFILE=1024", "LimitNOFILE"),
    ("deploy/systemd/flashtix.toml", "drain_seconds", "drain_time", "there is no setting"),
    ("deploy/Dockerfile", "FROM rust:", "FROM rust:0.", "must build with Rust"),
    (NGINX, "max_conns=4000", "max_conns=9000", "max_conns"),
    (NGINX, "proxy_next_upstream error timeout;", "proxy_next_upstream error timeout non_idempotent;", "a POST twice"),
]


def self_check(tree, metrics, help_text):
    """Plants mistakes and returns those that nobody noticed."""
    before = set(check(tree, metrics, help_text, strict=False).errors)
    missed = []
    for path, old, new, said in PLANTED:
        if old not in tree.text(path):
            missed.append(f"{path}: nothing to plant {new!r} in; change PLANTED")
            continue
        with tempfile.TemporaryDirectory() as copy:
            for folder in ("deploy", "docs"):
                shutil.copytree(tree.root / folder, pathlib.Path(copy, folder), ignore=shutil.ignore_patterns(".env", "images"))
            planted = pathlib.Path(copy, path)
            planted.write_text(planted.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
            found = check(Tree(copy, tree.source), metrics, help_text, strict=False).errors
        if not any(said in error and error not in before for error in found):
            missed.append(f"{path}: {new!r} in the place of {old!r} was not noticed")
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("metrics", metavar="METRICS", help="a file with the text of /metrics; - is standard input")
    parser.add_argument("help", metavar="HELP", help="a file with `flashtix serve --help`, and other commands' behind it")
    parser.add_argument("--strict", action="store_true", help="a metric that is not on this /metrics is an error")
    parser.add_argument("--no-tools", action="store_true", help="leave promtool, nginx and kubectl out")
    parser.add_argument("--self-check", action="store_true", help="plant mistakes in copies as well, and see that each is found")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--root", type=pathlib.Path, default=root, help="the folder with deploy/ and docs/ (default: this repository)")
    parser.add_argument("--source", type=pathlib.Path, help="the folder with crates/ (default: that of --root)")
    arguments = parser.parse_args()

    metrics = sys.stdin.read() if arguments.metrics == "-" else pathlib.Path(arguments.metrics).read_text(encoding="utf-8")
    help_text = pathlib.Path(arguments.help).read_text(encoding="utf-8")
    tree = Tree(arguments.root, arguments.source or arguments.root)
    report = check(tree, metrics, help_text, arguments.strict)
    ran = [] if arguments.no_tools else check_tools(tree, report)
    if arguments.self_check:
        missed = self_check(tree, metrics, help_text)
        report.errors += [f"self-check: {what}" for what in missed]
        print(f"check_deploy: planted {len(PLANTED)} mistakes, {len(PLANTED) - len(missed)} were noticed")
    for note in report.notes:
        print(f"check_deploy: note: {note}")
    for error in report.errors:
        print(f"check_deploy: {error}")
    if ran:
        print(f"check_deploy: ran {', '.join(ran)}")
    if report.errors:
        print(f"check_deploy: {len(report.errors)} mistakes")
        return 1
    print("check_deploy: all is well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
