"""Times guanxi and lifetimes in turn on the same data and checks that they agree.

Called by run.sh. The Rust side is `main.rs` beside this file: it makes the simulated log, then
reads the name of a task a line and answers each with a line of JSON. On both sides data and
imports are in memory before a timer starts; a turn repeats a task until 0.2 seconds have passed
and counts the median.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")

import lifetimes
from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter
from lifetimes.utils import summary_data_from_transaction_data

ROOT = Path(__file__).resolve().parents[2]
TURN = 0.2  # seconds; tasks.rs has the same
LAST_DAY = "2025-09-30"  # of the simulated log
PART = 100_000  # customers, where lifetimes takes minutes for all
BG = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}  # weeks; these three as in support
PARETO = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
SPAN = 39.0  # weeks ahead


class Guanxi:
    """The Rust side, which waits for the next task while lifetimes works."""

    def __init__(self, scratch, customers):
        command = ["cargo", "bench", "--quiet", "--bench", "peers", "--"]
        command += [str(scratch), "--customers", str(customers)]
        pipe = subprocess.PIPE
        self.scratch = scratch
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        self.version = self.reply()["version"]

    def reply(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("peers: the Rust side ended early")
        return json.loads(line)

    def run(self, task):
        self.process.stdin.write(task + "\n")
        self.process.stdin.flush()
        return self.reply()

    def column(self, name, kind=np.float64):
        return np.fromfile(self.scratch / name, dtype=kind)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def measured(task):
    """The median of the seconds of a turn, and the answer."""
    seconds = []
    while sum(seconds) < TURN:
        start = time.perf_counter()
        answer = task()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), answer


def summarised(orders, until):
    """Frequency, recency and age in days, and mean spend, one customer a row."""
    columns = ["customer", "at", "amount"]
    return summary_data_from_transaction_data(orders, *columns, observation_period_end=until)


def in_weeks(rows):
    """The same in weeks, in the order of customers."""
    return rows.assign(recency=rows["recency"] / 7, T=rows["T"] / 7).sort_index()


def with_parameters(fitter, parameters):
    fitter.params_ = pd.Series(parameters)
    if not isinstance(fitter, GammaGammaFitter):
        fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    return fitter


class Fit:
    """A fit: guanxi must reach the likelihood of lifetimes, by the function of lifetimes."""

    def __init__(self, fitter, columns, on_logarithms):
        self.fitter, self.columns, self.on_logarithms = fitter, columns, on_logarithms

    def __call__(self):
        np.random.seed(7)  # lifetimes draws where its Pareto/NBD search starts
        return self.fitter().fit(*self.columns).params_.to_numpy()

    def ln_likelihood(self, parameters):
        parameters = np.log(parameters) if self.on_logarithms else parameters
        ones = np.ones(len(self.columns[0]))
        lost = self.fitter._negative_log_likelihood(parameters, *self.columns, ones, 0.0)
        return -lost * (len(ones) if self.on_logarithms else 1)

    def check(self, peer, reply, _):
        ours = np.array(reply["parameters"])
        theirs, reached = self.ln_likelihood(peer), self.ln_likelihood(ours)
        apart = np.max(np.abs(ours / peer - 1))
        agree = reached >= theirs - 1e-9 * abs(theirs)
        return agree, f"ln L {reached - theirs:+.1e}, parameters within {apart:.0e}"


class Columns:
    """Answers a customer: both must give the same to a tolerance."""

    def __init__(self, answer, tolerance, smallest=0.0):
        self.answer, self.tolerance, self.smallest = answer, tolerance, smallest

    def __call__(self):
        return self.answer()

    def check(self, peer, reply, guanxi):
        peer = in_weeks(peer).to_numpy().T if isinstance(peer, pd.DataFrame) else np.asarray(peer)
        ours = guanxi.column(reply["answers"]).reshape(peer.shape)
        known = np.isfinite(peer)
        size = np.maximum(np.abs(peer[known]), self.smallest)
        apart = np.abs(ours[known] - peer[known])
        apart = np.max(np.where(apart == 0, 0, apart / np.where(size == 0, 1, size)))
        agree = np.isfinite(ours).all() and apart <= self.tolerance
        note = f"within {apart:.0e}"
        if not known.all():
            note += f", but for {np.sum(~known)} that lifetimes gives as nan or inf"
        return agree, note


def tasks(guanxi, slow):
    """Name, label and what lifetimes does, if anything."""
    cdnow = pd.read_csv(ROOT / "examples/data/cdnow.csv", parse_dates=["date"])
    cdnow.columns = ["customer", "at", "amount"]
    rows = in_weeks(summarised(cdnow, "1997-09-30"))
    yield from fits("cdnow_", "CDNOW", rows, True)

    orders = pd.DataFrame(
        {
            "customer": guanxi.column("customer.u64", np.uint64).astype(np.int64),
            "at": pd.to_datetime(guanxi.column("at.i64", np.int64), unit="s"),
            "amount": guanxi.column("cents.i64", np.int64) / 100,
        }
    )
    rows = in_weeks(summarised(orders, LAST_DAY))
    size = f"{len(rows):,}"
    summarise = Columns(lambda: summarised(orders, LAST_DAY), 1e-9)
    yield "summaries", f"log in memory → summaries, {size}", summarise
    if len(rows) > PART:
        yield from fits("part_", f"{PART:,}", rows[:PART], True, ["pareto_nbd"])
    yield from fits("", size, rows, slow or len(rows) <= PART)

    x, recency, age = (rows[name].to_numpy() for name in ["frequency", "recency", "T"])
    bg = with_parameters(BetaGeoFitter(), BG)
    pareto = with_parameters(ParetoNBDFitter(), PARETO)
    spend = with_parameters(GammaGammaFitter(), SPEND)
    alive = Columns(lambda: bg.conditional_probability_alive(x, recency, age), 1e-9)
    yield "p_alive_bg_nbd", f"P(alive) BG/NBD, {size}", alive
    alive = Columns(lambda: pareto.conditional_probability_alive(x, recency, age), 1e-9)
    yield "p_alive_pareto_nbd", f"P(alive) Pareto/NBD, {size}", alive
    expected = Columns(lambda: bg.predict(SPAN, x, recency, age), 1e-9, 1e-3)
    yield "expected_purchases_bg_nbd", f"expected purchases BG/NBD, {size}", expected
    columns = [rows[name] for name in ["frequency", "recency", "T", "monetary_value"]]
    value = Columns(lambda: spend.customer_lifetime_value(bg, *columns, 12, 0.01, "W"), 1e-9, 1e-3)
    yield "value_by_months_bg_nbd", f"12-month value BG/NBD, discounted by months, {size}", value
    yield "value_bg_nbd", f"12-month value BG/NBD, discounted continuously, {size}", None


def fits(prefix, data, rows, slow, names=("bg_nbd", "pareto_nbd", "gamma_gamma")):
    timing = [rows[name].to_numpy() for name in ["frequency", "recency", "T"]]
    spenders = rows[rows["monetary_value"] > 0]
    spending = [spenders[name].to_numpy() for name in ["frequency", "monetary_value"]]
    fit = {
        "bg_nbd": ("BG/NBD", Fit(BetaGeoFitter, timing, True)),
        "pareto_nbd": ("Pareto/NBD", Fit(ParetoNBDFitter, timing, False) if slow else None),
        "gamma_gamma": ("Gamma–Gamma", Fit(GammaGammaFitter, spending, True)),
    }
    for name in names:
        label, task = fit[name]
        yield f"{prefix}fit_{name}", f"fit {label}, {data}", task


def brief(seconds):
    for size, unit in [(1, "s"), (1e-3, "ms")]:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def machine():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def main():
    parser = argparse.ArgumentParser(
        prog="benches/peers/run.sh", description="guanxi and lifetimes"
    )
    parser.add_argument("--scratch", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--customers", type=int, default=1_000_000, help="simulated (1000000)")
    parser.add_argument("--quick", action="store_true", help="20,000 customers, one turn")
    parser.add_argument("--turns", type=int, default=5, help="of each side, in turn (5)")
    parser.add_argument("--slow", action="store_true", help="also what takes lifetimes minutes")
    parser.add_argument("--only", default="", help="tasks whose name contains this")
    given = parser.parse_args()
    if given.quick:
        given.customers, given.turns = 20_000, 1

    guanxi = Guanxi(given.scratch, given.customers)
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    print(
        f"{datetime.date.today()}, {machine()}, {versions}, medians of {given.turns} turns, one thread"
    )
    print(
        f"\n| task | lifetimes {lifetimes.__version__} | guanxi {guanxi.version} | ratio "
        "| guanxi, rows merged beforehand | answers |"
    )
    print("|---|---|---|---|---|---|")
    failed = []
    for name, label, task in tasks(guanxi, given.slow):
        if given.only not in name:
            continue
        theirs, ours, merged = [], [], []
        for _ in range(given.turns):
            if task:
                seconds, answer = measured(task)
                theirs.append(seconds)
            reply = guanxi.run(name)
            ours.append(reply["seconds"])
            merged.append(reply["merged"])
        cells = [label, "–", brief(statistics.median(ours)), "–", "–", "–"]
        if None not in merged:
            cells[4] = brief(statistics.median(merged))
        if task:
            ratio = statistics.median(t / o for t, o in zip(theirs, ours))
            agree, note = task.check(answer, reply, guanxi)
            cells[1], cells[3], cells[5] = brief(statistics.median(theirs)), f"{ratio:.3g} ×", note
            if not agree:
                failed.append(label)
        print("| " + " | ".join(cells) + " |", flush=True)
    guanxi.close()
    if failed:
        sys.exit("peers: the two do not agree: " + "; ".join(failed))


main()
