"""Versions past their keeping: the facts are cleared, the manifest stays, and so does a sentence about it."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow.parquet as pq

from allpresent.disk import write_whole

PRUNED = "pruned.json"


@dataclass(frozen=True)
class Pruned:
    """When the facts of a version were cleared, and by which rule of the district."""

    on: date
    rule: str
    students: tuple[str, ...] = ()  # ids that the version held and the version current then did not

    def sentence(self, delivery_id: str, posted_at: str) -> str:
        """Why the facts of a delivery cannot be read."""
        return (
            f"The facts of delivery {delivery_id}, posted on {posted_at[:10]}, were cleared on {self.on.isoformat()} "
            f"({self.rule}); ask for a later delivery."
        )


def pruned_of(folder: Path) -> Pruned | None:
    """What is said of a version whose facts were cleared; None while they are kept."""
    path = folder / PRUNED
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    return Pruned(date.fromisoformat(said["on"]), said["rule"], tuple(said["students"]))


def prune(
    folders: Collection[Path], kept: Collection[str], before: datetime, said: Pruned, students: Collection[str]
) -> list[str]:
    """Clear the facts of the versions posted before a moment, those of the ids ``kept`` apart. Returns whose.

    ``students`` are the ids of the current version: of the others, the ids only a cleared version knew stay written.
    The sentence is written first: a stopped clearing leaves a version that says it is cleared, and the next run clears
    the rest.
    """
    cleared = []
    for folder in sorted(folders):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if pruned_of(folder) is None:
            if folder.name in kept or datetime.fromisoformat(manifest["posted_at"]) >= before:
                continue
            held = pq.read_table(folder / "students.parquet", columns=["student_id"])["student_id"].to_pylist()
            others = sorted(set(held) - set(students))
            told = {"on": said.on.isoformat(), "rule": said.rule, "students": others}
            write_whole(folder / PRUNED, json.dumps(told))
            cleared.append(folder.name)
        for name in manifest["files"]:
            (folder / name).unlink(missing_ok=True)
    return cleared
