"""``python -m benchmarks``: run the benchmarks of a size, print each as a table, and write them as JSON."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import Result
from benchmarks.suite import b1_one_day, b2_thirteen_dates, b3_intake, b4_nightly, b5_growth, b7_any_day, b9_papers
from benchmarks.telling import told

BENCHMARKS: dict[str, Callable[[str, Path, int], Result]] = {
    "B1": b1_one_day.run,
    "B2": b2_thirteen_dates.run,
    "B3": b3_intake.run,
    "B4": b4_nightly.run,
    "B5": b5_growth.run,
    "B7": b7_any_day.run,
    "B9": b9_papers.run,
}


def main(arguments: list[str]) -> int:
    """Run what was asked for; 0 also where a goal is missed: a benchmark tells, it does not judge a commit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", default="district", choices=("tiny", "district", "tenth", "state"))
    parser.add_argument("--only", default=",".join(BENCHMARKS), help="benchmarks to run, parted by commas")
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured; the median is told")
    parser.add_argument("--below", type=Path, default=Path("var/bench"), help="where facts and results are kept")
    asked = parser.parse_args(arguments)
    for name in asked.only.split(","):
        result = BENCHMARKS[name](asked.size, asked.below, asked.runs)
        sys.stdout.write(told(result) + "\n")
        sys.stdout.flush()
        keep(result, asked.below / "results")
    return 0


def keep(result: Result, folder: Path) -> Path:
    """Write a result as JSON, with the machine by its cores and memory alone."""
    folder.mkdir(parents=True, exist_ok=True)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    machine = {"cores": os.cpu_count(), "memory_gb": memory}
    path = folder / f"{result.benchmark}-{result.size}.json"
    path.write_text(json.dumps(result.as_dict() | {"machine": machine}, indent=1), encoding="utf-8")
    return path


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
