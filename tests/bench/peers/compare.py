"""Linchpin beside public graph libraries on the same network in one run: betweenness, strong components, dominators and
a Leontief solve. Results are compared before times are.

    python -m venv peers && peers/bin/pip install numpy scipy networkx igraph rustworkx networkit pymrio pandas
    cargo bench --no-default-features --bench graphs --no-run
    peers/bin/python tests/bench/peers/compare.py                        # 10,000 firms, 100,000 links
    peers/bin/python tests/bench/peers/compare.py --firms 100000 --links 1000000 --only scc dominators leontief

Every program gets the network in its own form first; what is timed is the one call, by processor seconds of the whole process, as
often as asked, medians compared. Threads are held to one where a program lets itself be told. All programs are only run, by
their public interfaces.
"""

import argparse
import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"  # read once, when libraries are loaded

import numpy as np  # noqa: E402
import scipy.sparse as sparse  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]

def network(firms, links, seed):
    """Heavy-tailed sellers and buyers, each pair once, weights above 0; links in the order of their first ends."""
    draw = np.random.default_rng(seed)
    pareto = lambda shape: (1.0 / (1.0 - draw.random(firms))) ** (1.0 / shape)  # noqa: E731
    sells, buys = np.cumsum(pareto(1.35)), np.cumsum(pareto(1.6))
    keys = np.empty(0, dtype=np.int64)
    while len(keys) < links:
        more = int(1.3 * (links - len(keys))) + 100
        at = np.searchsorted(sells, draw.random(more) * sells[-1])
        to = np.searchsorted(buys, draw.random(more) * buys[-1])
        keys = np.unique(np.concatenate([keys, (at * firms + to)[at != to]]))
    keys = np.sort(draw.permutation(keys)[:links])
    at, to = np.divmod(keys, firms)
    return at, to, np.exp(draw.normal(0.0, 1.0, links))


def bench():
    built = ROOT / "target/release/deps"
    found = [file for file in built.glob("graphs-*") if not file.suffix and os.access(file, os.X_OK)]
    if not found:
        sys.exit("no bench: cargo bench --no-default-features --bench graphs --no-run")
    return max(found, key=lambda file: file.stat().st_mtime)


class Linchpin:
    """The library, through the bench `graphs`, which prints seconds and writes what it found."""

    def __init__(self, given, folder):
        self.given, self.folder = given, folder

    def run(self, name):
        command = [str(self.given.bench or bench()), "--file", str(self.folder / "links.csv"), "--task", name, "--root", str(self.given.root)]
        command += ["--runs", str(self.given.runs), "--out", str(self.folder / "linchpin.txt")]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds = float(next(line for line in told.splitlines() if line.startswith("seconds ")).split()[1])
        return seconds, np.loadtxt(self.folder / "linchpin.txt")


def leontief(at, to, weight, firms):
    """Shares of cost: what a buyer pays each supplier over 1.25 times all that it pays."""
    paid = np.bincount(to, weight, firms)
    return sparse.csr_array((weight / (1.25 * paid[to]), (to, at)), shape=(firms, firms))


def with_igraph(tasks, at, to, weight, firms, root):
    import igraph

    graph = igraph.Graph(n=firms, edges=np.column_stack([at, to]), directed=True)
    yield "betweenness", lambda: np.array(graph.betweenness(directed=True))
    yield "scc", lambda: np.array(graph.connected_components(mode="strong").membership)
    yield "dominators", lambda: np.array(graph.dominator(root, mode="out"))


def with_networkx(tasks, at, to, weight, firms, root):
    import networkx

    graph = networkx.DiGraph()
    graph.add_nodes_from(range(firms))
    graph.add_edges_from(zip(at.tolist(), to.tolist()))

    def components():
        label = np.empty(firms, dtype=int)
        for number, nodes in enumerate(networkx.strongly_connected_components(graph)):
            label[list(nodes)] = number
        return label

    def dominators():
        over = np.full(firms, -1)
        for node, parent in networkx.immediate_dominators(graph, root).items():
            if parent is not None and node != root:
                over[node] = parent
        return over

    def betweenness():
        found = networkx.betweenness_centrality(graph, normalized=False)
        return np.array([found[node] for node in range(firms)])

    if firms * len(at) <= 2e8:  # more takes the better part of an hour
        yield "betweenness", betweenness
    yield "scc", components
    yield "dominators", dominators


def with_networkit(tasks, at, to, weight, firms, root):
    import networkit

    networkit.setNumberOfThreads(1)
    ones = sparse.coo_matrix((np.ones(len(at)), (at, to)), shape=(firms, firms))
    graph = networkit.GraphFromCoo((ones.data, (ones.row, ones.col)), n=firms, directed=True)

    def scores(algorithm):
        algorithm.run()
        return np.array(algorithm.scores())

    def components():
        algorithm = networkit.components.StronglyConnectedComponents(graph)
        algorithm.run()
        return np.array(algorithm.getPartition().getVector())

    yield "betweenness", lambda: scores(networkit.centrality.Betweenness(graph))
    yield "scc", components


def with_rustworkx(tasks, at, to, weight, firms, root):
    import rustworkx

    graph = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(firms))
    graph.add_edges_from_no_data(list(zip(at.tolist(), to.tolist())))

    def components():
        label = np.empty(firms, dtype=int)
        for number, nodes in enumerate(rustworkx.strongly_connected_components(graph)):
            label[nodes] = number
        return label

    def dominators():
        over = np.full(firms, -1)
        for node, parent in rustworkx.immediate_dominators(graph, root).items():
            if parent is not None and node != root:
                over[node] = parent
        return over

    def betweenness():
        found = rustworkx.digraph_betweenness_centrality(graph, normalized=False, parallel_threshold=10**9)
        return np.array([found[node] for node in range(firms)])

    yield "betweenness", betweenness
    yield "scc", components
    if hasattr(rustworkx, "immediate_dominators"):
        yield "dominators", dominators


def with_scipy(tasks, at, to, weight, firms, root):
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import gmres, splu

    graph = sparse.csr_array((np.ones(len(at)), (at, to)), shape=(firms, firms))
    yield "scc", lambda: connected_components(graph, directed=True, connection="strong")[1]
    shares = leontief(at, to, weight, firms)
    system = (sparse.eye_array(firms) - shares.T).tocsc()
    unit = np.zeros(firms)
    unit[root] = 1.0

    def solve():
        # stabilised biconjugate gradients break down on this system
        found, failed = gmres(system, unit, rtol=1e-13, atol=0.0, restart=60)
        if failed:
            sys.exit(f"gmres did not converge: {failed}")
        return found

    yield "leontief", solve
    if firms <= 10_000:
        yield "leontief (direct)", lambda: splu(system).solve(unit)


def with_pymrio(tasks, at, to, weight, firms, root):
    import pymrio

    if firms > 4_000:  # the inverse is dense
        return
    dense = leontief(at, to, weight, firms).T.toarray()
    yield "leontief", lambda: np.asarray(pymrio.calc_L(dense))[:, root]


PEERS = {
    "igraph": with_igraph,
    "networkit": with_networkit,
    "rustworkx": with_rustworkx,
    "scipy": with_scipy,
    "pymrio": with_pymrio,
    "networkx": with_networkx,
}


def same(task, own, other):
    """How far two results differ: partitions by their pairs, others by value."""
    if task == "scc":
        own, other = own.astype(int), other.astype(int)
        first = {}
        for mine, theirs in zip(own, other):
            if first.setdefault(("a", mine), theirs) != theirs or first.setdefault(("b", theirs), mine) != mine:
                return "DIFFERS"
        return "same"
    if task == "dominators":
        inner = (own >= 0) & (other >= 0)
        return "same" if (own[inner] == other[inner]).all() and inner.sum() == (own >= 0).sum() else "DIFFERS"
    if len(own) != len(other):
        return "not compared"
    return f"{np.abs(own - other).max() / max(np.abs(own).max(), 1e-300):.0e}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=Path, help="the compiled bench `graphs`; the newest one unless said")
    parser.add_argument("--firms", type=int, default=10_000)
    parser.add_argument("--links", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--peers", nargs="*", default=list(PEERS))
    given = parser.parse_args()
    at, to, weight = network(given.firms, given.links, given.seed)
    given.root = int(np.argmax(np.bincount(to, minlength=given.firms) * (np.bincount(at, minlength=given.firms) > 0)))
    print(f"{given.firms} firms, {given.links} links, {datetime.date.today()}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savetxt(folder / "links.csv", np.column_stack([at, to, weight]), fmt=("%d", "%d", "%.17g"), delimiter=",")
        linchpin, own = Linchpin(given, folder), {}
        for peer in given.peers:
            for task, call in PEERS[peer](given.only, at, to, weight, given.firms, given.root):
                base = task.split(" ")[0]
                if given.only and base not in given.only:
                    continue
                if base not in own:
                    own[base] = linchpin.run(base)
                spent = []
                while not spent or (len(spent) < given.runs and sum(spent) < 120):
                    begin = time.process_time()
                    found = call()
                    spent.append(time.process_time() - begin)
                theirs, (ours, result) = statistics.median(spent), own[base]
                told = same(base, result, found)
                print(f"| {task} | {peer} | {ours:.4g} | {theirs:.4g} | {theirs / max(ours, 1e-9):.1f} | {told} |", flush=True)


if __name__ == "__main__":
    main()
