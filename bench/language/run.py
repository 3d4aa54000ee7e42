"""Times the language: programs in Chorus, without and with limits, beside hand-written Python, Hy and Calysto.

    python bench/language/run.py [PROGRAM …]

Each program of `programs/` runs in a process of its own for each way, in turn, ROUNDS times: loaded, run once, then
again and again; the least process time of a run counts, and the median of that over the rounds. Ratios are to Python's.
Every timed call computes. Hy runs `.hy` files, Calysto the `.sexp` files as far as it has what they use.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
PEERS = HERE.parents[1] / ".bench" / "language"
ROUNDS = 3
SIZES = {
    "fib": 22, "tak": 18, "nqueens": 7, "loop": 100_000, "strings": 20_000, "hash": 50_000, "deriv": 2_000,
    "destruct": 100, "mandelbrot": 40, "sort": 800, "search": 5, "generator": 11, "escape": 5_000, "closures": 3_000,
    "mutual": 100, "assign": 20_000,
}  # fmt: skip
CALYSTO = ("fib", "tak", "nqueens", "loop", "deriv", "closures", "mutual")

LOOP = """
import sys, time
{load}
def least(run):
    run()
    best, until = float("inf"), time.process_time() + 0.4
    while time.process_time() < until:
        began = time.process_time()
        run()
        best = min(best, time.process_time() - began)
    print(best)
path, size = sys.argv[1], int(sys.argv[2])
least(load(path, size))
"""
PYTHON = """
def load(path, size):
    names = {}
    exec(compile(open(path).read(), path, "exec"), names)
    return lambda: names["run"](size)
"""
CHORUS = """
from chorus import Limits, Session
def load(path, size):
    session = Session({limits})
    session.eval(open(path).read())
    return lambda: session.eval(f"(run {{size}})")
"""
HY = """
import hy
def load(path, size):
    names = {"__name__": "program"}
    for form in hy.read_many(open(path).read()):
        hy.eval(form, names)
    return lambda: names["run"](size)
"""
CALYSTO_SCHEME = """
from calysto_scheme import scheme
def load(path, size):
    scheme.execute_string_rm(open(path).read())
    def run():
        result = scheme.execute_string_rm(f"(run {size})")
        if "Exception" in str(result) or "Traceback" in str(result):
            raise SystemExit(str(result))
    return run
"""
STDLIB = """
import time
from chorus.interpreter import loader, session
from chorus.runtime.capabilities import Capabilities
from chorus.runtime.context import Context
loader.the_manifest()
began = time.perf_counter(), time.process_time()
space = loader.foundation(Context(), Capabilities(), False)
print(time.perf_counter() - began[0], time.process_time() - began[1])
began = time.process_time()
for name in list(space.late):
    space.arrive(name)
print(time.process_time() - began)
"""  # a process of its own: nothing has been read before
USUAL = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
OURS = sys.executable
THEIRS = str(PEERS / "bin" / "python")
WAYS = {
    "python": (OURS, PYTHON, ".py"),
    "chorus": (OURS, CHORUS.format(limits=""), ".sexp"),
    "limits": (OURS, CHORUS.format(limits="limits=Limits(steps=10**12, bytes=4 << 30)"), ".sexp"),
    "hy": (THEIRS, HY, ".hy"),
    "calysto": (THEIRS, CALYSTO_SCHEME, ".sexp"),
}


def main(names: list[str]) -> None:
    install_peers()
    ratios: dict[str, dict[str, float]] = {}
    print(f"{'program':12} {'python ms':>10} " + " ".join(f"{way:>8}" for way in list(WAYS)[1:]))
    for name in names:
        ratios[name], base = measure(name)
        shown = " ".join(f"{ratios[name].get(way, float('nan')):8.2f}" for way in list(WAYS)[1:])
        print(f"{name:12} {base * 1000:10.2f} {shown}", flush=True)
    print()
    for way, median_goal, worst_goal in (("chorus", 1.2, 3.0), ("limits", 2.0, 4.0)):
        known = [row.get(way, float("inf")) for row in ratios.values()]  # what did not run is short
        goal(f"median-of-{way}-over-python", statistics.median(known), median_goal)
        goal(f"worst-of-{way}-over-python", max(known), worst_goal)
    install_beside()
    ours, hy = start(
        [str(PEERS / "bin" / "chorus"), "-e", "(+ 1 2)"], [str(PEERS / "bin" / "hy"), "-c", "(+ 1 2)"]
    )
    print(f"start: chorus {ours * 1000:.0f} ms, hy {hy * 1000:.0f} ms")
    goal("start-over-hy", ours / hy, 1.0)
    clock, process, names = (each * 1000 for each in stdlib())
    print(
        f"stdlib from its cache: {process:.2f} ms of processor time, {clock:.2f} by the clock; "
        f"binding every name of it then takes {names:.2f} ms more, which no program does"
    )
    goal("stdlib-from-cache-ms", process, 10.0)


def goal(name: str, measured: float, target: float) -> None:
    print(f"GOAL {name} {measured:.2f} {target} {'met' if measured <= target else 'short'}")


def measure(name: str) -> tuple[dict[str, float], float]:
    """The ratios of all ways that ran to Python's time, and that time in seconds."""
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for way, (python, load, suffix) in WAYS.items():
            path = PROGRAMS / (name + suffix)
            if not path.exists() or (way == "calysto" and name not in CALYSTO):
                continue
            done = subprocess.run(
                [python, "-c", LOOP.replace("{load}", load), str(path), str(SIZES[name])],
                capture_output=True,
                text=True,
                timeout=120,
            )
            if done.returncode == 0:
                times.setdefault(way, []).append(float(done.stdout.split()[-1]))
            else:
                print(f"{name}: {way} failed: {(done.stderr or done.stdout).strip()[-200:]}", file=sys.stderr)
    medians = {way: statistics.median(values) for way, values in times.items()}
    return {way: value / medians["python"] for way, value in medians.items()}, medians["python"]


def start(ours: list[str], theirs: list[str]) -> tuple[float, float]:
    """Median seconds that each command takes from start to end, in turn."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(21):
        for at, command in enumerate((ours, theirs)):
            began = time.perf_counter()
            subprocess.run(command, capture_output=True, check=False, env=USUAL)
            seconds[at].append(time.perf_counter() - began)
    return statistics.median(seconds[0][1:]), statistics.median(seconds[1][1:])


def stdlib() -> list[float]:
    """Median seconds that a foundation with the whole stdlib takes from the compiled cache, by the clock and of the
    process, and of the process to bind all names that it has.
    """
    runs = [
        subprocess.run([OURS, "-c", STDLIB], capture_output=True, text=True, env=USUAL) for _ in range(15)
    ]
    times = [map(float, each.stdout.split()) for each in runs[1:]]
    return [statistics.median(each) for each in zip(*times, strict=True)]


def install_peers() -> None:
    if not (PEERS / ".ready").exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run([THEIRS, "-m", "pip", "install", "-q", "hy", "calysto_scheme"], check=True)
        (PEERS / ".ready").touch()


def install_beside() -> None:
    """This tree where the peers are, as it is for whoever installs it: a checkout's own environment finds modules by a
    hook that alone takes 10 ms. What it depends on stays where it is.
    """
    tree = HERE.parents[1]
    shutil.rmtree(tree / "build", ignore_errors=True)  # what was deleted since would be installed again
    subprocess.run(
        [THEIRS, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", str(tree)], check=True
    )
    theirs = PEERS / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    (theirs / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")


if __name__ == "__main__":
    main(sys.argv[1:] or list(SIZES))
