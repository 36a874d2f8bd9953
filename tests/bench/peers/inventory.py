"""The day-by-day kernel beside BoARIO on one table, in one run: results compared, times as a ratio.

    python -m venv peers && peers/bin/pip install boario==0.7.2 pymrio==0.7.0 progressbar2
    cargo bench --no-default-features --bench inventory --no-run
    peers/bin/python tests/bench/peers/inventory.py

The table is synthetic and balances: 20 regions, 50 sectors, every industry sells to every other. One industry loses half
of its capacity for 30 days and gets it back over 30. Programs run one after the other, as often as asked, and the
medians of their processor seconds are compared, so that what else runs on the machine matters little. BoARIO is only
run, by its public interface.
"""

import argparse
import contextlib
import io
import logging
import os
import statistics
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # read once, when numpy is loaded

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

DAYS = 365


def table(regions, sectors, seed):
    """Yearly flows, final demand and output; two thirds of what an industry makes goes to industries."""
    draw = np.random.default_rng(seed)
    n = regions * sectors
    flows = draw.lognormal(0.0, 1.0, (n, n))
    output = draw.uniform(500.0, 1500.0, n)
    # both sides of the account: rows sum to two thirds of output, columns to at most six tenths
    for _ in range(50):
        flows *= (output / 1.5 / flows.sum(axis=1))[:, None]
        flows *= np.minimum(1.0, 0.6 * output / flows.sum(axis=0))[None, :]
    return flows, output - flows.sum(axis=1), output


def write(folder, flows, output, sectors):
    n = len(output)
    at, to = np.divmod(np.arange(n * n), n)
    frame = pd.DataFrame({"from": at, "to": to, "value": (flows / 365.0).ravel()})
    frame.to_csv(folder / "flows_per_day.csv", index=False)
    names = [f"r{i // sectors}|s{i % sectors}" for i in range(n)]
    columns = {"industry": names, "output_per_day": output / 365.0, "product": np.arange(n) % sectors}
    pd.DataFrame(columns).to_csv(folder / "industries.csv", index=False)


def boario(flows, demand, output, regions, sectors):
    """What each industry makes each day, and the processor seconds of the steps alone."""
    import pymrio
    from boario import event
    from boario.extended_models import ARIOPsiModel
    from boario.simulation import Simulation

    index = pd.MultiIndex.from_product(
        [[f"r{r:02}" for r in range(regions)], [f"s{s:02}" for s in range(sectors)]], names=["region", "sector"]
    )
    buyers = pd.MultiIndex.from_product(
        [[f"r{r:02}" for r in range(regions)], ["Final demand"]], names=["region", "category"]
    )
    share = pd.DataFrame(0.0, index=index, columns=buyers)
    for at, row in enumerate(index):
        share.loc[row, (row[0], "Final demand")] = demand[at]
    io_system = pymrio.IOSystem(Z=pd.DataFrame(flows, index=index, columns=index), Y=share)
    io_system.calc_all()
    model = ARIOPsiModel(io_system, order_type="alt", main_inv_dur=90, psi_param=0.8, inventory_restoration_tau=60)
    loss = pd.Series(0.0, index=index)
    loss.iloc[0] = 0.5
    shock = event.from_series(
        loss[loss > 0], event_type="arbitrary", occurrence=5, duration=30, recovery_tau=30, recovery_function="linear"
    )
    run = Simulation(model, n_temporal_units_to_sim=DAYS, show_progress=False)
    run.add_event(shock)
    begin = time.process_time()
    run.loop()
    return np.asarray(run.production_realised)[:DAYS], time.process_time() - begin


def newest():
    """The bench that was compiled last."""
    built = Path(__file__).resolve().parents[3] / "target/release/deps"
    found = [file for file in built.glob("inventory-*") if not file.suffix and os.access(file, os.X_OK)]
    return max(found, key=lambda file: file.stat().st_mtime)


def linchpin(bench, folder):
    told = subprocess.run([bench, "--table", folder, "--days", str(DAYS)], check=True, capture_output=True, text=True)
    seconds = next(line for line in told.stdout.splitlines() if line.startswith("seconds "))
    made = pd.read_csv(folder / "linchpin.csv", header=None).to_numpy()
    return made, float(seconds.split()[1]), told.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=Path, help="the compiled bench `inventory`; the newest one unless said")
    parser.add_argument("--regions", type=int, default=20)
    parser.add_argument("--sectors", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    bench = given.bench or newest()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    flows, demand, output = table(given.regions, given.sectors, given.seed)
    theirs, ours = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, flows, output, given.sectors)
        for _ in range(given.runs):
            made, seconds, said = linchpin(bench, folder)
            ours.append(seconds)
            with contextlib.redirect_stdout(io.StringIO()):
                expected, seconds = boario(flows, demand, output, given.regions, given.sectors)
            theirs.append(seconds)
    print(said.strip())
    print(f"least total output {expected.sum(axis=1).min() / expected[0].sum():.6f}")
    print(f"largest relative difference {np.abs(made / expected - 1).max():.1e}")
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"Linchpin {a:.2f} s, BoARIO {b:.2f} s for {DAYS} days: ratio {b / a:.1f}")


if __name__ == "__main__":
    main()
