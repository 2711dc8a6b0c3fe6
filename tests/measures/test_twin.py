"""The engine against its slow, obvious twin, on districts drawn by Hypothesis.

``ALLPRESENT_EXAMPLES`` sets how many districts are drawn (50 in `make test`, thousands in `make test-long`).
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpresent.measures import (
    Facts,
    Rules,
    explain,
    group_counts,
    groups,
    last_20_days,
    open_facts,
    standings,
    standings_per_school,
    year_grid,
)
from tests.measures.districts import RULES, District, districts
from tests.reference import twin
from tests.reference.days import Settings, Tables, year_of
from tests.spec.drawn import post, settings_of, texts

EXAMPLES = int(os.environ.get("ALLPRESENT_EXAMPLES", "50"))
drawn = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 150,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
SHARED = Path("/dev/shm")  # noqa: S108  (memory, so that thousands of postings do not wait for a disk)
_run: dict[str, int] = {}


@pytest.fixture(scope="module", autouse=True)
def say_how_many(request: pytest.FixtureRequest) -> Iterator[None]:
    """Prints how many drawn districts were judged, by test, past any capture and from any worker."""
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        for name, judged in sorted(_run.items()):
            print(f"\n{name}: {judged} drawn districts judged", file=sys.stderr, flush=True)


def count(name: str) -> None:
    _run[name] = _run.get(name, 0) + 1


class Home:
    """A home in memory-backed storage where there is one, gone after the example."""

    def __enter__(self) -> Path:
        self.path = Path(tempfile.mkdtemp(dir=SHARED if SHARED.is_dir() else None))
        return self.path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path)


def days_to_ask(data: st.DataObject, district: District) -> list[date]:
    """One to three days up to the last delivered one, among them that one."""
    last = twin.last_school_day(district.tables)
    held = [day for day in district.days if last is not None and day <= last]
    return sorted({last, *data.draw(st.lists(st.sampled_from(held), max_size=2))}) if last and held else []


def judge(facts: Facts, district: District, day: date, rules: Rules, by: list[str], everyone: bool) -> None:
    """Every column of every table the engine and the twin both give."""
    plain = settings_of(rules)
    found = standings(facts, day, rules).to_pylist()
    assert texts(found) == texts(twin.standings(district.tables, day, plain))
    per_school = standings_per_school(facts, day, rules).to_pylist()
    assert texts(per_school) == texts(twin.standings_per_school(district.tables, day, plain))
    table = groups(facts, day, rules, by, everyone=everyone).to_pylist()
    assert texts(table) == texts(twin.groups(district.tables, day, plain, by, everyone))
    check_invariants(found, per_school, table, rules)
    for row in found[:1]:
        check_shown(facts, day, rules, row)


def check_shown(facts: Facts, day: date, rules: Rules, row: dict[str, object]) -> None:
    """What is explained, and what is drawn, adds up to the student's standing."""
    student = str(row["student_id"])
    lines = explain(facts, student, day, rules)
    assert all(line.sentence for line in lines)
    states = [line.state for line in lines]
    assert sum(line.portion is not None for line in lines) == row["days_reported"]
    assert states.count("not_reported") == row["days_unreported"]
    drawn_states = [state for on, state in year_grid(facts, student, day, rules) if on <= day]
    assert drawn_states.count("unreported") == row["days_unreported"]
    recent = last_20_days(facts, day, [student], rules)[student]
    assert sum(state != "no_school" for _, state in recent) == row["last_20_days_enrolled"]
    for kind in ("excused", "unexcused", "disciplinary"):
        assert drawn_states.count(kind) == states.count(kind)
        if rules.day_rule == "state":
            assert states.count(kind) == row[f"days_{kind}"]
    if rules.day_rule != "state":
        missed = sum((line.portion or Fraction(0) for line in lines), Fraction(0))
        assert abs(missed - number(row["days_absent"])) <= Fraction(1, 10**6)


def check_invariants(
    found: list[dict[str, object]], per_school: list[dict[str, object]], table: list[dict[str, object]], rules: Rules
) -> None:
    """What holds whatever was delivered."""
    days: dict[object, int] = {}
    for row in per_school:
        days[row["student_id"]] = days.get(row["student_id"], 0) + number(row["days_enrolled"])
    for row in found:
        parts = [number(row[f"days_{kind}"]) for kind in ("excused", "unexcused", "disciplinary")]
        # Decimal text is rounded to six places, so thirds may be off by the last one.
        assert abs(sum(parts) - number(row["days_absent"])) <= Fraction(3, 10**6)
        assert number(row["days_enrolled"]) <= days[row["student_id"]], "pooled days count once"
        assert number(row["is_chronic_low"]) <= number(row["is_chronic_high"])
        if number(row["days_reported"]) >= rules.minimum_days:
            flags = [number(row[f"is_chronic{end}"]) for end in ("_low", "ally_absent", "_high")]
            assert flags == sorted(flags), "low <= as judged <= high"
    assert sum(number(row["students"]) for row in table) <= len(found)


def number(value: object) -> Fraction:
    return Fraction(str(value))


BY = st.lists(
    st.sampled_from(
        ["school", "grade", "grade_range", "level", "attendance_works_band", "student_group:frl", "student_group:swd"]
    ),
    max_size=3,
    unique=True,
)


@drawn
@given(data=st.data())
def test_engine_agrees_with_its_twin(data: st.DataObject) -> None:
    district = data.draw(districts())
    rules = Rules(**data.draw(st.sampled_from(RULES)))
    days = days_to_ask(data, district)
    if not days:
        return
    with Home() as home:
        facts = post(home, district.tables)
        assert facts.last_school_day == twin.last_school_day(district.tables)
        for day in days:
            judge(facts, district, day, rules, data.draw(BY), data.draw(st.booleans()))
        by, everyone = data.draw(BY), data.draw(st.booleans())
        together = texts(group_counts(facts, days, rules, by, everyone).to_pylist())
        assert together == texts(twin.group_counts(district.tables, days, settings_of(rules), by, everyone))
    count("test_engine_agrees_with_its_twin")


@st.composite
def corrections(draw: st.DrawFn, district: District) -> list[District]:
    """The district as it stood after each of one to three deliveries: marks, calendars and spans change."""
    held = [district]
    for _ in range(draw(st.integers(1, 3))):
        tables = dict(held[-1].tables)
        other = draw(districts())
        for name in draw(st.sets(st.sampled_from(["attendance", "calendar_days", "enrollments", "attendance_taken"]))):
            tables[name] = other.tables[name]
        held.append(District(tables, district.days))
    return held


@settings(drawn, max_examples=max(1, EXAMPLES // 5))
@given(data=st.data())
def test_each_delivery_is_measured_as_known_then(data: st.DataObject) -> None:
    held = data.draw(corrections(data.draw(districts())))
    rules = Rules(**data.draw(st.sampled_from(RULES)))
    with Home() as home:
        for number, district in enumerate(held, start=1):
            post(home, district.tables, f"{number:04d}-drawn")
        for number, district in enumerate(held, start=1):
            facts = open_facts(home, known_on=f"{number:04d}-drawn")
            last = twin.last_school_day(district.tables)
            if last is not None and number_of_years(district, last) > 0:
                judge(facts, district, last, rules, ["school", "level"], everyone=True)
    count("test_each_delivery_is_measured_as_known_then")


def number_of_years(district: District, last: date) -> int:
    """How many delivered school years hold the day."""
    years = {year_of(row["date"], Settings()) for row in district.tables["calendar_days"] if row["in_session"] == 1}
    return len(years & {year_of(last, Settings())})


def deliver(state: Tables, days: set[date], whole: Tables) -> Tables:
    """A delivery of day files: the marks and taken rows of its days replace what stood there."""
    merged = dict(state)
    for name in ("attendance", "attendance_taken"):
        kept = [row for row in state[name] if row["date"] not in days]
        merged[name] = kept + [row for row in whole[name] if row["date"] in days]
    return merged


@settings(drawn, max_examples=max(1, EXAMPLES // 5))
@given(data=st.data())
def test_day_files_give_the_same_standings_in_any_order(data: st.DataObject) -> None:
    whole = data.draw(districts())
    parts = data.draw(st.integers(1, 4))
    files = [{day for place, day in enumerate(dates_of(whole)) if place % parts == part} for part in range(parts)]
    # One file comes twice: the second time it changes nothing.
    order = data.draw(st.permutations([*files, files[0]]))
    last = twin.last_school_day(whole.tables)
    if last is None:
        return
    with Home() as home, Home() as other:
        state = dict(whole.tables) | {"attendance": [], "attendance_taken": []}
        for number, days in enumerate(order, start=1):
            state = deliver(state, days, whole.tables)
            facts = post(home, state, f"{number:04d}-days")
        at_once = post(other, whole.tables)
        assert standings(facts, last, Rules()).equals(standings(at_once, last, Rules()))
        assert texts(standings(facts, last, Rules()).to_pylist()) == texts(
            twin.standings(whole.tables, last, Settings())
        )
    count("test_day_files_give_the_same_standings_in_any_order")


def dates_of(district: District) -> list[date]:
    rows = [*district.tables["attendance"], *district.tables["attendance_taken"]]
    return sorted({row["date"] for row in rows})
