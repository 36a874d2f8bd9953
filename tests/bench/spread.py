"""Time, memory and bytes exchanged of a run that processes share, as a table.

    cargo build --release --features cluster,parquet
    python3 tests/bench/spread.py                  # 10^5 links, needs half a minute
    python3 tests/bench/spread.py --links 7        # 10^7: needs 12 GB and half an hour

Networks have ten links a firm, heavy tails of customers and suppliers, a hundred sectors, and forty regions of unequal
size within which four purchases of five are drawn. The same failures are asked of one process alone; of processes that
share the failures; and of processes that share the links, cut by hash and by `linchpin cluster cut`. Each answer is
compared byte for byte with that of one process. Seconds are those of the clock for the whole command, loading included. Only
the standard library is needed.
"""

import argparse
import bisect
import itertools
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(__file__).resolve().parents[2] / "target/release/linchpin"
REGIONS = 40
FACTS = '(format: 1, name: "made up", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv")])\n'


def heavy(dice, count):
    """Running sums of weights that fall with a random rank."""
    ranks = list(range(count))
    dice.shuffle(ranks)
    return list(itertools.accumulate((rank + 10.0) ** -0.8 for rank in ranks))


def draw(dice, sums):
    return bisect.bisect_left(sums, dice.random() * sums[-1])


def make(folder, links):
    """Writes a network in CSV."""
    dice, firms = random.Random(7), links // 10
    sizes = list(itertools.accumulate(dice.gammavariate(3, 1) for _ in range(REGIONS)))
    region = [draw(dice, sizes) for _ in range(firms)]
    at_home = [[firm for firm in range(firms) if region[firm] == own] for own in range(REGIONS)]
    home = [heavy(dice, len(members)) if members else [] for members in at_home]
    sellers, buyers = heavy(dice, firms), heavy(dice, firms)
    folder.mkdir(parents=True)
    with open(folder / "nodes.csv", "w", encoding="ascii") as nodes:
        nodes.write("id,sector\n")
        nodes.writelines(f"{firm},s{dice.randrange(100)}\n" for firm in range(firms))
    with open(folder / "edges.csv", "w", encoding="ascii") as edges:
        edges.write("supplier,buyer,weight\n")
        for _ in range(links):
            buyer = draw(dice, buyers)
            own = region[buyer]
            near = dice.random() < 0.8
            seller = at_home[own][draw(dice, home[own])] if near else draw(dice, sellers)
            if seller != buyer:
                edges.write(f"{seller},{buyer},{dice.lognormvariate(3, 1.5) + 0.01:.2f}\n")
    (folder / "facts.ron").write_text(FACTS, encoding="ascii")


def run(words):
    """Seconds and what the command said; its answer."""
    begun = time.monotonic()
    done = subprocess.run([str(word) for word in [BIN, *words]], capture_output=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.decode())
    return time.monotonic() - begun, done.stderr.decode(), done.stdout


def numbers(told, pattern):
    return [float(found) for found in re.findall(pattern, told)]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--links", type=int, default=5, choices=range(4, 8), help="power of ten [default: 5]")
    options.add_argument("--sample", type=int, default=64, help="failures [default: 64]")
    options.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    told = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        plain, cut = Path(temporary) / "plain", Path(temporary) / "cut"
        make(plain, 10**told.links)
        run(["cluster", "cut", "--parts", max(told.processes), "-g", plain, "-o", cut])
        ask = ["systemic-risk", "--essentiality", "all-linear", "--mode", "compatible", "--sample", told.sample, "--json"]
        print("| what is shared | processes | seconds | MB of a process, at most | MB sent a round, all |")
        print("|---|---|---|---|---|")
        for graph, share, name in [(plain, "work", "failures"), (plain, "links", "links, by hash"), (cut, "links", "links, cut")]:
            seconds, _, alone = run([*ask, "-g", graph])
            if share == "work":
                print(f"| nothing | 1 | {seconds:.1f} | | |")
            for count in told.processes:
                seconds, said, answer = run(["cluster", "local", "-n", count, "--", *ask, "-g", graph, "--share", share])
                if answer != alone:
                    sys.exit(f"{name} on {count} processes: another answer")
                peak = max(numbers(said, r"([\d.]+) MB(?: of memory)?\n"))
                sent, rounds = numbers(said, r"([\d.]+) MB sent"), numbers(said, r"in (\d+) rounds")
                traffic = f"{sum(sent) / rounds[0]:.2f}" if rounds else ""
                print(f"| {name} | {count} | {seconds:.1f} | {peak:.0f} | {traffic} |", flush=True)


main()
