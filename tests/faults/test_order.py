"""Files out of order and files twice: the days decide, not the hour of arrival."""

import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allpresent import intake
from allpresent.intake import ordering
from allpresent.intake.records import DeliveryRecord
from allpresent.ledger import TABLES, Ledger
from tests.faults import district
from tests.faults.counts import IS_LONG, SEED, share
from tests.faults.district import Pupil

DAYS = 10
PARTS = share(4, 1)  # of the orders that are posted, for as many processes as there are
SETTINGS = "sources:\n  - {name: sis, source: csv, folder: drop, delivers: days}\n"
Says = Callable[[int, str], None]
Facts = dict[str, list[dict[str, object]]]


def pupils_on(day: int) -> list[Pupil]:
    """The roster of one evening: somebody leaves, somebody comes, somebody moves, somebody's grade is corrected."""
    some = list(district.pupils(12))
    some = [one for at, one in enumerate(some) if not (at == 4 and day >= 3) and not (at == 20 and day < 6)]
    moved = [
        district.replace(one, school="200", grade="06") if one.id == "1000007" and day >= 5 else one for one in some
    ]
    return [district.replace(one, grade="02") if one.id == "1000009" and day >= 7 else one for one in moved]


def evening(day: int) -> dict[str, bytes]:
    """The file of a day: that day, and the day before as it stands by now."""
    missed = {
        at: {day} | ({day - 1} if (at + day) % 3 else set())  # on the next day a third of the marks is taken back
        for at in range(36)
        if (at + day) % 4 == 0 or (at + day - 1) % 4 == 0
    }
    some = [district.replace(one, missed=tuple(sorted(missed.get(at, ())))) for at, one in enumerate(pupils_on(day))]
    return district.files(day + 1, some, first=max(0, day - 1))


def post_day(home: Path, day: int) -> intake.posting.Posted:
    """Drop the file of a day and post it, on a morning after all of them."""
    shutil.rmtree(home / "drop", ignore_errors=True)
    delivered = evening(day)
    district.write(home / "drop", delivered)
    return intake.post_delivery(
        home, "csv", home / "drop", today=district.morning_after(DAYS), now=district.at_night(DAYS)
    )


def new_home(home: Path) -> Path:
    home.mkdir(parents=True)
    (home / "district.yaml").write_text(SETTINGS, encoding="utf-8")
    return home


def state(home: Path) -> Facts:
    """All facts, with the hash of the bytes in place of the number a delivery got on arrival."""
    version = Ledger(home).current()
    assert version is not None
    return plain({name: version.table(name) for name in TABLES})


def plain(tables: dict[str, pa.Table]) -> Facts:
    facts = {name: table.to_pylist() for name, table in tables.items()}
    for row in facts["attendance"]:
        row["delivery_id"] = str(row["delivery_id"]).split("-")[-1]
    return {name: sorted(rows, key=repr) for name, rows in facts.items()}


@pytest.mark.parametrize("part", range(PARTS))
def test_the_order_of_arrival_does_not_matter(part: int, tmp_path: Path, survived: Says) -> None:
    """Posted for real: copied, checked, laid below what is newer, written."""
    drawn = orders(share(DAYS, 3), share(100, 1))
    arrived = posted_in(tmp_path, drawn[part::PARTS])
    _, wanted = next(arrived)
    tried = 0
    for order, facts in arrived:
        assert facts == wanted, order
        tried += 1
    survived(tried, f"orders of {share(DAYS, 3)} days' files, posted: the same facts")


def orders(days: int, drawn: int) -> list[tuple[int, ...]]:
    """Backwards, so many drawn ones, and in the long campaign those that begin in the middle and every other day."""
    some = [tuple(range(days))[::-1]]
    if IS_LONG:
        some += [(*range(at, days), *range(at)) for at in range(1, days)]
        some += [(*range(0, days, 2), *range(1, days, 2))]
    known, chosen = {tuple(range(days)), *some}, random.Random(SEED)
    while drawn:
        order = tuple(chosen.sample(range(days), days))
        if order not in known:
            known.add(order)
            some.append(order)
            drawn -= 1
    return some


def posted_in(folder: Path, some: Sequence[tuple[int, ...]]) -> Iterator[tuple[tuple[int, ...], Facts]]:
    """Each order with the facts it ends in, that of the days first. What begins alike is posted once up to there.

    The rest is posted in a copy, so a home that was moved since its first days must read them again as they were read.
    """
    homes, before = [new_home(folder / "0")], tuple[int, ...]()
    # Sorted, orders that begin alike stand together, and that of the days stands first.
    for order in sorted([tuple(range(len(some[0]))), *some]):
        alike = sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(before, order, strict=False)))
        for left in homes[alike + 1 :]:
            shutil.rmtree(left)
        del homes[alike + 1 :]
        for at, day in enumerate(order[alike:], start=alike + 1):
            homes.append(shutil.copytree(homes[-1], folder / str(at)))
            posted = post_day(homes[-1], day)
            assert posted.outcome == "posted", (order, posted.record.why_held)
        yield order, state(homes[-1])
        before = order


def test_a_held_day_is_a_day_also_when_the_home_was_moved_before_it_is_accepted(tmp_path: Path) -> None:
    """By its place the folder would be of no source, and its one day all there is of the year."""
    home = new_home(tmp_path / "here")
    assert post_day(home, 0).outcome == "posted"
    district.write(home / "drop", district.files(2, pupils_on(1)[:20], first=1))
    today, now = district.morning_after(DAYS), district.at_night(DAYS)
    held = intake.post_delivery(home, "csv", home / "drop", today=today, now=now)
    assert held.outcome == "held"
    home = home.rename(tmp_path / "there")
    intake.accept_held(home, held.delivery_id, "Two schools are closed.", "Paula", today, now)
    assert {row["date"] for row in state(home)["attendance_taken"]} == set(district.WEEKDAYS[:2])


# Every order: the state is the deliveries laid one after the other, so it is enough that they are laid by their days


def test_any_permutation_is_laid_in_the_same_order(survived: Says) -> None:
    tried = 0

    @settings(max_examples=share(2_000, 50), deadline=None)
    @given(st.permutations(range(DAYS)))
    @example(list(range(DAYS))[::-1])
    def any_order(order: list[int]) -> None:
        nonlocal tried
        assert laid(order) == tuple(range(DAYS))
        tried += 1

    any_order()
    survived(tried, f"permutations of {DAYS} days' files: the same order of laying")


def laid(order: list[int]) -> tuple[int, ...]:
    """In which order the days lie in the state that a run of arrivals ends in."""
    versions: list[tuple[DeliveryRecord, tuple[int, ...]]] = []
    for day in order:
        record = record_of(day)
        run = [one for one, _ in versions]
        at, ordered = ordering.place_of(record, run), ordering.in_order(run)
        known = ordering._known_prefix(run, ordered, at)
        base = versions[known - 1][1] if known else ()
        assert base == tuple(number(one) for one in ordered[:known])
        versions.append((record, (*base, *(number(one) for one in [*ordered[known:at], record, *ordered[at:]]))))
    return versions[-1][1]


def record_of(day: int) -> DeliveryRecord:
    return DeliveryRecord(f"d-{day}", "csv", "", None, "", "", "posted", False, as_of=str(district.WEEKDAYS[day]))


def number(record: DeliveryRecord) -> int:
    return int(record.id.split("-")[1])


# Twice


def test_the_same_files_twice_change_nothing(tmp_path: Path, survived: Says) -> None:
    home, files = tmp_path / "home", district.files(5)
    assert district.post(home, tmp_path / "first", files, 5).outcome == "posted"
    before, names = Ledger(home).pointer.read_bytes(), sorted(os.listdir(home / "ledger" / "versions"))
    repeats = share(100, 1)
    for at in range(repeats):
        # A copy elsewhere, with another hour on it.
        folder = tmp_path / f"copy-{at}"
        posted = district.post(home, folder, files, 5 + at % 3)
        assert posted.outcome == "unchanged"
    assert Ledger(home).pointer.read_bytes() == before
    assert sorted(os.listdir(home / "ledger" / "versions")) == names
    assert len(intake.list_deliveries(home)) == 1
    survived(repeats, "repeats of the same files: 0 changes")


def test_a_renamed_copy_changes_no_fact(tmp_path: Path) -> None:
    """Other names are another delivery: they may say which table a file holds."""
    home, files = tmp_path / "home", district.files(5)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("source: csv\ntables:\n  schools:\n    file: '*schools.csv'\n", encoding="utf-8")
    assert district.post(home, tmp_path / "first", files, 5).outcome == "posted"
    before = state(home)
    renamed = {f"copy/{name}": data for name, data in files.items()}
    assert district.post(home, tmp_path / "second", renamed, 5).outcome == "posted"
    for name, rows in state(home).items():
        known = [{key: row[key] for key in row if key not in ("source_file", "delivery_id")} for row in rows]
        assert known == [
            {key: row[key] for key in row if key not in ("source_file", "delivery_id")} for row in before[name]
        ]


def test_an_older_year_file_is_held_and_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for day in (3, 9, 5) if IS_LONG else (9, 5):
        posted = district.post(home, tmp_path / str(day), district.files(day), day)
        assert posted.outcome == ("held" if day == 5 else "posted")
    version = Ledger(home).current()
    assert version is not None
    assert version.last_school_day == district.WEEKDAYS[8]
