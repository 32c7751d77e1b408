#!/usr/bin/env python3
"""Draws an event's seats as an SVG: what is free is dark, what is sold is lit in its category's colour.

    python3 scripts/arena_picture.py --demo demo-data/demo.json --out arena.svg
    python3 scripts/arena_picture.py --demo demo-data/demo.json --out arena.svg --watch

Reads GET /v1/events/{id}, GET /v1/charts/{id} and GET /v1/events/{id}/availability, and nothing else. With
--watch it looks again and again until nothing is free, and the picture plays the sale in a loop. Only the
standard library is used. `--demo` names the file that `flashtix demo` writes beside its store; without it,
give --event and --key (a publishable key will do).
"""

import argparse
import json
import sys
import time
import urllib.request

WIDTH, HEIGHT, MARGIN, FOOT = 1200, 1010, 44, 92
BACKGROUND, FREE, HELD, INK, FAINT = "#10141f", "#2c3549", "#f4f1de", "#e8ecf4", "#8d97ab"
LOOKS_MAX = 6000  # some minutes of looking
FRAMES_MAX = 48  # more make the file larger, and nobody sees them
PLAY_SECONDS, REST_SHARE = 9.0, 0.2  # how long the sale plays, and how much of that the full house stays lit


def get(url, key):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def look(base, event, key):
    """The state of every seat, of every area, and the commit they are true of."""
    answer = get(f"{base}/v1/events/{event}/availability", key)
    return answer["seq"], answer["seats"], answer["areas"]


def watch(base, event, key):
    """Looks until nothing is free: frames of (seconds, seq, seats, areas)."""
    frames, started = [], None
    for _ in range(LOOKS_MAX):
        seq, seats, areas = look(base, event, key)
        now = time.monotonic()
        if not frames or seq != frames[-1][1]:
            started = now if started is None and frames else started
            frames.append((0.0 if started is None else now - started, seq, seats, areas))
        if "f" not in seats and "h" not in seats and all(area["free"] == 0 for area in areas.values()):
            return frames
        time.sleep(0.05)
    sys.exit("the event did not sell out while it was watched")


def thinned(frames):
    """Evenly over time, the first and the last always among them."""
    if len(frames) <= FRAMES_MAX:
        return frames
    end, kept, at = frames[-1][0], [frames[0]], 0
    for step in range(1, FRAMES_MAX):
        due = end * step / (FRAMES_MAX - 1)
        while at < len(frames) - 1 and frames[at][0] < due:
            at += 1
        if frames[at] is not kept[-1]:
            kept.append(frames[at])
    return kept


def seats_of(chart):
    """Every seat's position and category, in the chart's order, which is that of the availability."""
    for section in chart["sections"]:
        for row in section["rows"]:
            for seat in row["seats"]:
                yield seat["x"], seat["y"], seat["category"]


class Scale:
    """From the chart's units to the picture's."""

    def __init__(self, points):
        xs, ys = [x for x, _ in points], [y for _, y in points]
        self.x, self.y = min(xs), min(ys)
        across, down = max(xs) - self.x, max(ys) - self.y
        room = (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN - FOOT)
        self.factor = min(room[0] / across, room[1] / down)
        self.left = (WIDTH - across * self.factor) / 2
        self.top = MARGIN + (room[1] - down * self.factor) / 2

    def __call__(self, x, y):
        return self.left + (x - self.x) * self.factor, self.top + (y - self.y) * self.factor


def dots(points):
    """Points as one path of strokes of no length, whose round ends are the seats: a fifth of the bytes of circles."""
    parts, at = [], (0, 0)
    for x, y in points:
        here = (round(x * 10), round(y * 10))
        step = (here[0] - at[0], here[1] - at[1])
        parts.append("m" + "".join(f"{'' if i == 0 or n < 0 else ' '}{n}" for i, n in enumerate(step)) + "h0")
        at = here
    return "".join(parts).replace("m", "M", 1)


def grouped(number):
    return f"{number:,}"


def appears(frames, at):
    """When a frame begins, as a percentage of the loop."""
    return round(frames[at][0] / frames[-1][0] * (1 - REST_SHARE) * 100, 2) if frames[-1][0] else 0


def draw(event, chart, frames):
    seats = list(seats_of(chart))
    colours = {category["key"]: category["color"] or INK for category in chart["categories"]}
    names = {category["key"]: category["name"] for category in chart["categories"]}
    shapes = [(area, area["shape"]["points"]) for area in chart["areas"] if area.get("shape", {}).get("points")]
    focal = chart["focal_point"]
    scale = Scale([(x, y) for x, y, _ in seats] + [point for _, shape in shapes for point in map(tuple, shape)])
    moves = len(frames) > 1
    still = still_frame(frames)
    rules, body = [], []

    # Each seat belongs to the first frame that shows it sold (or held, in a single look).
    first_sold, held = {}, {}
    for at, (_, _, states, _) in enumerate(frames):
        for seat, state in enumerate(states):
            if state == "s" and seat not in first_sold:
                first_sold[seat] = at
            elif state == "h" and not moves:
                held[seat] = at
    points = [scale(x, y) for x, y, _ in seats]
    groups = {}
    for seat, at in first_sold.items():
        groups.setdefault((at, seats[seat][2]), []).append(points[seat])

    for area, shape in shapes:
        outline = " ".join(f"{x:.0f},{y:.0f}" for x, y in (scale(*point) for point in shape))
        colour, capacity = colours[area["category"]], area["capacity"]
        shares = [states[area["name"]]["sold"] / capacity for _, _, _, states in frames]
        steps = "".join(f"{appears(frames, at)}%{{opacity:{0.08 + 0.8 * share:.3f}}}" for at, share in enumerate(shares))
        if moves:
            rules.append(f"@keyframes a{len(rules)}{{{steps}100%{{opacity:{0.08 + 0.8 * shares[-1]:.3f}}}}}")
            style = f' style="animation:a{len(rules) - 1} {PLAY_SECONDS}s linear infinite"'
        else:
            style = ""
        body.append(f'<polygon points="{outline}" fill="none" stroke="{FREE}" stroke-width="1.5"/>')
        body.append(f'<polygon points="{outline}" fill="{colour}" opacity="{0.08 + 0.8 * shares[still]:.3f}"{style}/>')
        middle = [(min(axis) + max(axis)) / 2 for axis in zip(*(scale(*point) for point in shape))]
        body.append(f'<text x="{middle[0]:.0f}" y="{middle[1]:.0f}" class="n">{area["name"].upper()}</text>')

    x, y = scale(focal["x"], focal["y"])
    body.append(f'<rect x="{x - 70:.0f}" y="{y - 26:.0f}" width="140" height="26" rx="6" fill="{INK}"/>')
    body.append(f'<text x="{x:.0f}" y="{y - 8:.0f}" class="s">STAGE</text>')
    body.append(f'<path class="d" stroke="{FREE}" d="{dots(points)}"/>')
    if held:
        body.append(f'<path class="d" stroke="{HELD}" d="{dots([points[seat] for seat in held])}"/>')
    for (at, category), lit in sorted(groups.items()):
        style = ' opacity="0"' if at > still else ""
        if moves and at > 0:
            style += f' style="animation:f{at} {PLAY_SECONDS}s step-end infinite"'
        body.append(f'<path class="d" stroke="{colours[category]}"{style} d="{dots(lit)}"/>')
    if moves:
        for at in sorted({at for at, _ in groups if at > 0}):
            rules.append(f"@keyframes f{at}{{0%{{opacity:0}}{appears(frames, at)}%{{opacity:1}}}}")
    body += foot(event, frames, still, names, colours, rules)
    return page(body, rules, event["name"])


def still_frame(frames):
    """The frame that is shown where nothing moves: the last one before half of the seats are sold."""
    half = [at for at, (_, _, states, _) in enumerate(frames) if states.count("s") * 2 <= len(states)]
    return half[-1] if half and len(frames) > 1 else len(frames) - 1


def foot(event, frames, still, names, colours, rules):
    """The legend, and how much is left."""
    lines, y = [], HEIGHT - 34
    x = MARGIN
    lines.append(f'<circle cx="{x + 5}" cy="{y - 5}" r="5" fill="{FREE}"/>')
    lines.append(f'<text x="{x + 18}" y="{y}" class="l">free</text>')
    x += 76
    for key in names:
        lines.append(f'<circle cx="{x + 5}" cy="{y - 5}" r="5" fill="{colours[key]}"/>')
        lines.append(f'<text x="{x + 18}" y="{y}" class="l">{names[key]}</text>')
        x += 46 + round(7.3 * len(names[key]))
    for at, (seconds, seq, states, areas) in enumerate(frames):
        sold = states.count("s") + sum(area["sold"] for area in areas.values())
        style, is_last = "", at == len(frames) - 1
        if len(frames) > 1:
            start, end = appears(frames, at), 100 if is_last else appears(frames, at + 1)
            before = "0%{opacity:0}" if start > 0 else ""
            after = f"{end}%{{opacity:0}}" if end < 100 else ""
            rules.append(f"@keyframes t{at}{{{before}{start}%{{opacity:1}}{after}}}")
            style = f' style="animation:t{at} {PLAY_SECONDS}s step-end infinite"'
        text = f"{grouped(sold)} of {grouped(event['capacity'])} sold"
        time_text = f"after {seconds:.1f} s" if len(frames) > 1 else f"commit {grouped(seq)}"
        lines.append(
            f'<g class="{"e" if at == still else "b"}"{style}><text x="{WIDTH - MARGIN}" y="{y - 30}" class="h">{text}</text>'
            f'<text x="{WIDTH - MARGIN}" y="{y}" class="r">{time_text}</text></g>'
        )
    lines.append(f'<text x="{MARGIN}" y="{y - 30}" class="t">{event["name"]}</text>')
    return lines


def page(body, rules, title):
    # Who asked for less motion, and viewers that play none, see the still frame.
    style = (
        "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
        ".d{fill:none;stroke-width:52;stroke-linecap:round;transform:scale(.1)}"
        f".t,.h{{font-size:24px;font-weight:600;fill:{INK}}}.h,.r{{text-anchor:end}}"
        f".l,.r{{font-size:15px;fill:{FAINT}}}.b{{opacity:0}}"
        f".n{{font-size:17px;letter-spacing:3px;text-anchor:middle;fill:{INK}}}"
        f".s{{font-size:14px;letter-spacing:3px;text-anchor:middle;fill:{BACKGROUND};font-weight:600}}"
        + "".join(rules)
        + "@media (prefers-reduced-motion:reduce){*{animation:none!important}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
        f"<title>{title}</title><style>{style}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="18" fill="{BACKGROUND}"/>' + "\n".join(body) + "</svg>\n"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the server")
    parser.add_argument("--demo", help="the demo.json of a demo, for the event and the key")
    parser.add_argument("--event", help="the event's id")
    parser.add_argument("--key", help="an API key")
    parser.add_argument("--watch", action="store_true", help="look until it is sold out, and play the sale")
    parser.add_argument("--out", required=True, help="the SVG to write")
    arguments = parser.parse_args()
    event_id, key = arguments.event, arguments.key
    if arguments.demo:
        with open(arguments.demo, encoding="utf-8") as file:
            demo = json.load(file)
        event_id, key = event_id or demo["event_id"], key or demo["publishable_key"]
    if not event_id or not key:
        parser.error("name the demo's file with --demo, or give --event and --key")
    base = arguments.url.rstrip("/")
    event = get(f"{base}/v1/events/{event_id}", key)
    chart = get(f"{base}/v1/charts/{event['chart_id']}", key)
    frames = thinned(watch(base, event_id, key)) if arguments.watch else [(0.0, *look(base, event_id, key))]
    with open(arguments.out, "w", encoding="utf-8") as file:
        file.write(draw(event, chart, frames))


if __name__ == "__main__":
    main()
