"""Last year's rates as the state asks for them when it says whose duty a review team is."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from allpresent.measures import Rules, open_facts
from allpresent.policy import load_state_pack
from allpresent.web.meeting_proof import last_year_rates
from allpresent.web.presenters.proof import Rate
from tests.web.twin_years import Drawn, post_years

K8 = (Drawn(8, "11", "03", 0, 9), Drawn(2, "11", "K", 0, 10))


def rates(home: Path, drawn: tuple[Drawn, ...]) -> dict[str, Rate]:
    as_of = post_years(home, drawn)
    rules = Rules.from_policy(SimpleNamespace(minimum_days=10, day_rule="fractional", truancy_month="rolling"), PACK)  # type: ignore[arg-type]
    page = SimpleNamespace(facts=open_facts(home), as_of=as_of, rules=rules, district=SimpleNamespace(state="ct"))
    return last_year_rates(page)  # type: ignore[arg-type]


PACK = load_state_pack("ct")


@pytest.mark.parametrize(
    ("more", "school"),
    [
        ((), Rate(2, 10)),
        ((Drawn(5, "11", "PK", 0, 60),), Rate(2, 10)),  # pre-kindergarten is out of the state's rate
        ((Drawn(1, "11", "05", 0, 9, left_after=90),), Rate(3, 11)),  # left with 9 of 90, and stays in the rate
        ((Drawn(1, "11", "05", 0, 1, left_after=4),), Rate(3, 11)),  # the state names no least number of days
        ((Drawn(1, "11", "05", 0, 3, left_after=50),), Rate(2, 11)),
        ((Drawn(1, "11", "", 0, 60),), Rate(3, 11)),  # a grade nobody delivered hides nobody
    ],
)
def test_the_rate_is_the_states(tmp_path: Path, more: tuple[Drawn, ...], school: Rate) -> None:
    high = Drawn(4, "21", "09", 0, 20)
    found = rates(tmp_path, (*K8, *more, high))
    assert found == {"11": school, "21": Rate(4, 4), "": Rate(school.chronic + 4, school.students + 4)}


def test_a_school_the_state_leaves_out_is_in_no_rate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.web import twin_years

    write = twin_years.Ledger.write

    def write_with_one_excluded(self: object, tables: dict[str, pa.Table], **more: object) -> object:
        schools = tables["schools"]
        flags = pa.array([int(key == "21") for key in schools["school_id"].to_pylist()], schools["excluded"].type)
        place = schools.schema.get_field_index("excluded")
        return write(self, tables | {"schools": schools.set_column(place, schools.field("excluded"), flags)}, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(twin_years.Ledger, "write", write_with_one_excluded)
    assert rates(tmp_path, (*K8, Drawn(4, "21", "09", 0, 20))) == {"11": Rate(2, 10), "": Rate(2, 10)}


def test_without_last_year_there_is_no_rate(tmp_path: Path) -> None:
    assert rates(tmp_path, tuple(replace(one, absent_before=None) for one in K8)) == {}
