"""Homes of several districts with files in their drop folders: two clean, one to be held, one with broken settings."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from allpresent import intake
from allpresent.intake.side_by_side import Told
from tests.intake.folders import NOW, PLAIN, TODAY, write

SETTINGS = "name: {name}\nsources:\n  - {{name: sis, source: csv, folder: drop/sis, quiet_seconds: 0}}\n"
FAULTY = PLAIN | {"attendance.csv": f"{PLAIN['attendance.csv']}0999,100,2026-09-03,1,A,absent,0,0,,day,,\n"}


def make_home(home: Path, day: int = 1) -> Path:
    """A home whose drop folder holds the plain district, with Ana's absence on this day of September."""
    home.mkdir(parents=True)
    (home / "district.yaml").write_text(SETTINGS.format(name=home.name), encoding="utf-8")
    marks = PLAIN["attendance.csv"].replace("0501,100,2026-09-01", f"0501,100,2026-09-{day:02}")
    write(home / "drop" / "sis", PLAIN | {"attendance.csv": marks})
    return home


def make_homes(below: Path) -> dict[str, Path]:
    """ansonia and derby clean, bethel with an unknown student in its second delivery, canton with broken settings."""
    names = ("ansonia", "bethel", "canton", "derby")
    homes = {name: make_home(below / name, day) for day, name in enumerate(names, 1)}
    intake.post_delivery(homes["bethel"], "csv", homes["bethel"] / "drop" / "sis", today=TODAY, now=NOW)
    shutil.rmtree(homes["bethel"] / "drop")
    write(homes["bethel"] / "drop" / "sis", FAULTY)
    (homes["canton"] / "district.yaml").write_text("name: [\n", encoding="utf-8")
    return homes


def twins(homes: dict[str, Path], below: Path) -> dict[str, Path]:
    """The same homes under another folder."""
    return {name: Path(shutil.copytree(home, below / name)) for name, home in homes.items()}


def versions(home: Path) -> dict[str, bytes]:
    """Every byte of every version of a home and of what points to one, by path."""
    folder = home / "ledger"
    kept = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".lock"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


def outcomes(told: Iterable[Told]) -> dict[str, str]:
    """What became of each district's one source."""
    return {line.district: line.outcome for line in told}
