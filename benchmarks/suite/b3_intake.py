"""B3: a delivery checked and posted, against DuckDB's validated read of the same files to Parquet."""

from pathlib import Path

from benchmarks.facts import SIZES, make_facts
from benchmarks.measuring import Contender, Goal, Result, side_by_side
from benchmarks.storing import stored, write_delivery

TITLE = "Intake: a year's delivery checked and posted"
MOST_TIMES_THE_READ = 3
MOST_MB = 2000
# A home takes deliveries of one district; a state's file is the files of its districts, one delivery each.
LARGEST_DISTRICT = {"state": "tenth"}


def run(size: str, below: Path, runs: int) -> Result:
    """Every run begins with an empty home. At a state's size the largest district stands for its like."""
    of = LARGEST_DISTRICT.get(size, size)
    folder = stored(of, below)
    if not (folder / "files").is_dir():
        write_delivery(make_facts(SIZES[of]), folder / "files")
    contenders = [Contender(f"benchmarks.engines.intake:{name}", "read") for name in ("DuckDBRead", "OurIntake")]
    lines, _ = side_by_side(contenders, folder, runs)
    result = Result("B3", f"{TITLE}, {SIZES[of].students:,} students", size, lines[0].engine, runs, lines)
    ours = lines[1]
    result.goals = [
        Goal(f"at most {MOST_TIMES_THE_READ} times the validated read", ours.ratio, MOST_TIMES_THE_READ),
        Goal(f"at most {MOST_MB:,} MB", ours.peak_mb, MOST_MB),
    ]
    return result
