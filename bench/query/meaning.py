"""The goals of search and of operators of meaning, each measured by the file named for it.

usage: python bench/query/meaning.py [inquiry|inquiry-1m|cascade|threads …]     (default all; some twelve minutes)
"""

from __future__ import annotations

import sys

import cascade
import inquiry
import threads

PARTS = ("cascade", "threads", "inquiry", "inquiry-1m")


def run(parts: tuple[str, ...] = PARTS) -> None:
    if "cascade" in parts:
        calls()
    if "threads" in parts:
        conversations()
    if "inquiry" in parts:
        inquiries("200k", 200_000, 100)
    if "inquiry-1m" in parts:
        inquiries("1m", 1_000_000, 200)


def inquiries(name: str, messages: int, target: int) -> None:
    took = inquiry.p95(messages)
    goal(f"inquiry-p95-{name}", f"{took:.0f}ms", f"≤{target}ms", took <= target)


def calls() -> None:
    """A saving counts only where the recall holds, and where, with a precision to keep, noise saves nothing."""
    found = cascade.measured(20_000)
    print(
        f"sem-filter: recall {found.recall:.3f} with {found.calls:.3f} of the calls, precision {found.precision:.3f}"
    )
    for asked, (share, recall, precision) in found.with_precision.items():
        print(
            f"  precision {asked} asked for: {share:.3f} of the calls, recall {recall:.3f}, precision {precision:.3f}"
        )
    kept = found.recall >= 0.95
    honest = found.control_recall >= 0.95 and found.control_calls >= 0.9
    goal("sem-filter-calls", f"{found.calls:.3f}", "≤0.1", found.calls <= 0.1 and kept and honest)


def conversations() -> None:
    if not threads.there():
        for name, target in (("thread-hit10", "≥0.85"), ("reply-hit1", "≥0.70")):
            goal(name, "not-run", target, False)
        return
    right, replies = threads.measured(20_000)
    goal("thread-hit10", f"{right:.3f}", "≥0.85", right >= 0.85)
    goal("reply-hit1", f"{replies:.3f}", "≥0.70", replies >= 0.70)


def goal(name: str, shown: str, target: str, met: bool) -> None:
    print(f"GOAL {name} {shown} {target} {'met' if met else 'short'}", flush=True)


if __name__ == "__main__":
    run(tuple(sys.argv[1:]) or PARTS)
