"""How time and memory grow from ten thousand to ten million relations, as a table and a chart on logarithmic axes.

    cargo build --release && cargo bench --no-default-features --bench esri --no-run
    python3 tests/bench/growth.py                      # 10^4 to 10^6, needs a minute
    python3 tests/bench/growth.py --largest 7          # needs 8 GiB and some minutes
    python3 tests/bench/growth.py --largest 7 --write docs   # docs/growth.md and docs/growth.svg

Networks are those of the bench `esri`: heavy-tailed firms, ten links a firm, a hundred sectors, in CSV. Each step is a
run of the program by itself, loading included, so that what a user waits for is what is measured; the row `load` is
`linchpin check`. Time is that of the clock and that of processors, over which what else runs has less say; memory is
the largest that the process had in use. Only the standard library
is needed.
"""

import argparse
import datetime
import math
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = ROOT / "target/release/linchpin"
FIRMS_PER_LINK = 10

#: What is measured, and the command.
STEPS = [
    ("load", ["check"]),
    ("concentration", ["concentration", "--all"]),
    ("exposure", ["exposure", "--of", "{firm}"]),
    ("tiers", ["tiers"]),
    ("circularity", ["circularity"]),
    ("systemic-risk", ["systemic-risk", "--sample", "100", "--mode", "compatible"]),
    ("diagram", ["diagram", "money-flow", "--top", "12", "-o", "{file}.svg"]),
]


def bench():
    """The bench that makes networks, compiled last."""
    built = ROOT / "target/release/deps"
    found = [file for file in built.glob("esri-*") if not file.suffix and os.access(file, os.X_OK)]
    if not found:
        sys.exit("no bench: cargo bench --no-default-features --bench esri --no-run")
    return max(found, key=lambda file: file.stat().st_mtime)


def make(folder, links):
    firms = links // FIRMS_PER_LINK
    if not (folder / "edges.csv").exists():
        sectors = min(100, firms // 10)
        command = [bench(), "--firms", firms, "--links", links, "--sectors", sectors, "--write", folder]
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    # the firm that most links lead to: a customer with a deep chain
    count = {}
    with open(folder / "edges.csv", encoding="ascii") as edges:
        next(edges)
        for line in edges:
            customer = line.split(",")[1]
            count[customer] = count.get(customer, 0) + 1
    return max(count, key=lambda firm: (count[firm], firm))


def run(command, limit):
    """Seconds of the clock and of processors, GiB at most, how it ended; `None` where it takes longer than the limit."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        if not os.environ.get("LINCHPIN_BENCH_STDERR"):
            os.dup2(null, 2)
        os.execv(command[0], command)
    begun = time.monotonic()
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            break
        if time.monotonic() - begun > limit:
            os.kill(pid, 9)
            os.wait4(pid, 0)
            return None
        time.sleep(0.002)
    spent = usage.ru_utime + usage.ru_stime
    return time.monotonic() - begun, spent, usage.ru_maxrss / 2**20, os.waitstatus_to_exitcode(status)


def measure(given):
    rows = []
    for power in range(given.smallest, given.largest + 1):
        links = 10**power
        folder = given.folder / f"growth-{power}"
        folder.mkdir(parents=True, exist_ok=True)
        firm = make(folder, links)
        for name, words in STEPS:
            if given.only and name not in given.only:
                continue
            words = [word.format(firm=firm, file=folder / name) for word in words]
            command = [str(given.bin), *words, "--graph", str(folder), "--quiet"]
            found = run(command, given.limit)
            if found is None:
                print(f"10^{power} {name}: more than {given.limit} s", flush=True)
                rows.append((power, name, None, None, None))
                continue
            seconds, spent, memory, code = found
            ended = "" if code == 0 else f", code {code}"
            print(f"10^{power} {name}: {seconds:.2f} s, {spent:.2f} s of processors, {memory:.2f} GiB{ended}", flush=True)
            if code != 0:
                sys.exit(f"{' '.join(command)} ended with {code}")
            rows.append((power, name, seconds, spent, memory))
    return rows


def machine():
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            name = next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{os.cpu_count()} cores of {name}"


def table(rows, given):
    powers = sorted({power for power, *_ in rows})
    head = "| | " + " | ".join(f"10^{power}" for power in powers) + " |"
    lines = [f"{machine()}, {datetime.date.today().isoformat()}.{' ' + given.note if given.note else ''}", ""]
    for title, place, form in (("seconds", 2, "{:.2f}"), ("seconds of processors", 3, "{:.2f}"), ("GiB at most", 4, "{:.2f}")):
        lines += [head.replace("| |", f"| {title} |", 1), "|---" * (len(powers) + 1) + "|"]
        for name, _ in STEPS:
            of = {row[0]: row[place] for row in rows if row[1] == name}
            if of:
                cell = lambda value: f"over {given.limit:.0f} s" if value is None else form.format(value)  # noqa: E731
                lines.append(f"| {name} | " + " | ".join(cell(of[p]) if p in of else "" for p in powers) + " |")
        lines.append("")
    return "\n".join(lines)


# Okabe and Ito, legible to colour-blind readers; each line also ends in its name
INKS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#E69F00"]


def chart(rows):
    """Seconds of processors over relations on logarithmic axes."""
    width, height, left, right, top, bottom = 640, 420, 64, 130, 24, 48
    powers = sorted({power for power, *_ in rows})
    known = [row for row in rows if row[2] is not None]
    low = math.floor(math.log10(min(row[3] for row in known)))
    high = math.ceil(math.log10(max(row[3] for row in known)))
    x = lambda power: left + (power - powers[0]) / max(1, powers[-1] - powers[0]) * (width - left - right)  # noqa: E731
    y = lambda seconds: height - bottom - (math.log10(seconds) - low) / (high - low) * (height - top - bottom)  # noqa: E731
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" role="img">',
        "<title>Seconds of processors over relations, both logarithmic</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for power in range(low, high + 1):
        at = y(10.0**power)
        out.append(f'<line x1="{left}" x2="{width - right}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>')
        label = f"{10.0**power:g} s"
        out.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{label}</text>')
    for power in powers:
        label = f'10<tspan dy="-5" font-size="9">{power}</tspan>'
        out.append(f'<text x="{x(power):.1f}" y="{height - bottom + 18}" text-anchor="middle">{label}</text>')
    out.append(f'<text x="{(left + width - right) / 2:.0f}" y="{height - 10}" text-anchor="middle">relations</text>')
    ends = []
    for ink, (name, _) in zip(INKS, STEPS):
        points = [(x(row[0]), y(row[3])) for row in known if row[1] == name]
        if not points:
            continue
        out.append(f'<polyline fill="none" stroke="{ink}" stroke-width="2" points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>')
        out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{ink}"/>' for a, b in points]
        ends.append([points[-1][1], points[-1][0], name, ink])
    ends.sort()
    for before, end in zip(ends, ends[1:]):
        end[0] = max(end[0], before[0] + 14)
    for at, begin, name, ink in ends:
        out.append(f'<text x="{begin + 8:.1f}" y="{at + 4:.1f}" fill="{ink}">{name}</text>')
    return "\n".join([*out, "</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smallest", type=int, default=4)
    parser.add_argument("--largest", type=int, default=6)
    parser.add_argument("--only", nargs="*", help="only these steps")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds after which a step is given up")
    parser.add_argument("--memory", type=float, help="GiB that a step may have, as of a smaller machine")
    parser.add_argument("--bin", type=Path, default=BIN)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "linchpin-growth")
    parser.add_argument("--write", type=Path, help="folder for growth.md and growth.svg")
    parser.add_argument("--note", default="", help="what else to say beside the machine, as what else was running")
    given = parser.parse_args()
    if given.memory:
        size = int(given.memory * 2**30)
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    rows = measure(given)
    print(table(rows, given))
    if given.write:
        (given.write / "growth.svg").write_text(chart(rows), encoding="utf-8")
        text = "# Growth\n\nMade by `tests/bench/growth.py`.\n\n" + table(rows, given) + "\n![Seconds of processors over relations](growth.svg)\n"
        (given.write / "growth.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
