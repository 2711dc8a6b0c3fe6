"""Many homes side by side: every row with its district, each district by itself, one sentence when one cannot be."""

import csv
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from allpresent import cli
from allpresent.engines import EngineError
from allpresent.measures import MeasureError, measure_many
from tests.measures.many import DISTRICTS, groups_of, make_homes, standings_of, strips_of


def run(*arguments: str) -> object:
    """The command's exit code."""
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return ended.value.code


def test_every_district_answers_for_itself(tmp_path: Path) -> None:
    homes, day = make_homes(tmp_path)
    for ask in (partial(standings_of, day), partial(groups_of, day), strips_of):
        together = measure_many(homes, ask)
        assert pc.unique(together["district"]).to_pylist() == list(DISTRICTS)
        for name, home in homes.items():
            own = together.filter(pc.equal(together["district"], name)).drop_columns(["district"])
            assert own.equals(ask(home))


def test_equal_student_numbers_of_two_districts_stay_apart(tmp_path: Path) -> None:
    homes, day = make_homes(tmp_path)
    rows = measure_many(homes, partial(standings_of, day)).to_pylist()
    assert len({(row["district"], row["student_id"]) for row in rows}) == len(rows) == 9
    assert [row["days_absent"] for row in rows if row["student_id"] == "ana"] == ["5", "6", "7"]


def test_a_home_that_cannot_be_measured_is_named(tmp_path: Path) -> None:
    homes, day = make_homes(tmp_path)
    with pytest.raises(MeasureError, match="darien: Nothing has been posted yet"):
        measure_many(homes | {"darien": tmp_path / "darien"}, partial(standings_of, day))


@pytest.mark.parametrize(
    ("homes", "engine", "sentence"),
    [({"a": Path("a")}, "steam", "no engine 'steam'; use one of local, spark"), ({}, "local", "no home to measure")],
)
def test_an_engine_or_homes_there_are_not(homes: dict[str, Path], engine: str, sentence: str) -> None:
    with pytest.raises((EngineError, MeasureError), match=sentence):
        measure_many(homes, lambda _home: pa.table({}), engine)


def test_the_command_line_measures_every_home_below_a_folder(tmp_path: Path) -> None:
    _, day = make_homes(tmp_path / "homes")
    out = tmp_path / "out.csv"
    asked = ["--homes", str(tmp_path / "homes"), "--as-of", day.isoformat(), "--out", str(out)]
    assert run("measure", "standings", *asked) == 0
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["district"], row["student_id"]) for row in rows][:4] == [
        *(("ansonia", student) for student in ("ana", "bo", "cy")),
        ("bethel", "ana"),
    ]
    assert run("measure", "groups", "--by", "school", *asked) == 0
    assert out.read_text(encoding="utf-8").startswith("district,school,students,")


def test_a_delivery_is_one_homes_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, day = make_homes(tmp_path)
    asked = ["--homes", str(tmp_path), "--as-of", day.isoformat(), "--known-on", "0001-drawn"]
    assert run("measure", "standings", *asked) != 0
    assert "leave it out with --homes" in capsys.readouterr().err


def test_a_home_without_facts_is_not_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, day = make_homes(tmp_path)
    (tmp_path / "darien").mkdir()
    asked = ["measure", "standings", "--homes", str(tmp_path), "--as-of", day.isoformat(), "--out", str(tmp_path / "o")]
    assert run(*asked) == 0, "a folder that is no home"
    (tmp_path / "darien" / "district.yaml").write_text("name: Darien\n")
    assert run(*asked) == 1
    assert "darien: Nothing has been posted yet" in capsys.readouterr().err
