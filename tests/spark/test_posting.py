"""Many homes posted by Spark: equal to this process byte for byte, and whole when executors are killed at it."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.engines import in_each_home
from allpresent.intake import side_by_side
from allpresent.intake.side_by_side import Told, post_homes
from allpresent.ledger import Ledger
from tests.intake.dropped import make_home, make_homes, outcomes, twins, versions
from tests.intake.folders import NOW, TODAY
from tests.spark.killing import MOMENTS, never, work_failing_after, work_killed

pytest.importorskip("pyspark", reason="`make test-spark` installs Spark")

LATER = NOW + timedelta(days=1)


def post(homes: dict[str, Path], engine: str) -> list[Told]:
    return post_homes(homes, today=TODAY, now=LATER, engine=engine, patience=60)


def test_spark_posts_what_this_process_posts(spark: object, tmp_path: Path) -> None:
    homes = make_homes(tmp_path / "spark")
    here = twins(homes, tmp_path / "here")
    told = post(homes, "spark")
    assert outcomes(told) == {"ansonia": "posted", "bethel": "held", "canton": "failed", "derby": "posted"}
    expected = post(here, "local")
    assert [line for line in told if line.district != "canton"] == [
        line for line in expected if line.district != "canton"
    ]
    for name, home in homes.items():
        assert versions(home) == versions(here[name])
    assert outcomes(post(homes, "spark")) == outcomes(told)
    assert len(Ledger(homes["ansonia"]).history()) == 1


def test_killed_executors_leave_no_mix_and_the_job_ends_right(
    spark: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = {f"killed-{number}": moment for number, moment in enumerate(MOMENTS)}
    homes = {name: make_home(tmp_path / "spark" / name, day) for day, name in enumerate([*moments, "quiet"], 1)}
    here = twins(homes, tmp_path / "here")
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setattr(side_by_side, "_work", partial(work_killed, str(marks), moments))
    told = post(homes, "spark")
    assert sorted(path.name for path in marks.iterdir()) == sorted(moments)
    monkeypatch.undo()
    assert told == post(here, "local")
    assert set(outcomes(told).values()) == {"posted"}
    for name, home in homes.items():
        assert versions(home) == versions(here[name])
        assert intake.list_deliveries(home)[0].outcome == "posted"
        assert not list((home / "deliveries").glob(".incoming*"))
    print(f"{len(MOMENTS)} executors killed at work: 0 mixed homes")


def test_a_task_tried_again_and_two_at_once_post_once(
    spark: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(tmp_path / "home")
    monkeypatch.setattr(side_by_side, "_work", partial(work_failing_after, str(tmp_path)))
    told = post({"one": home, "other": home}, "spark")
    assert (tmp_path / "one").read_text() == (tmp_path / "other").read_text() == "failed"
    assert outcomes(told) == {"one": "posted", "other": "posted"}
    assert len({line.delivery_id for line in told}) == len(Ledger(home).history()) == 1


def test_what_no_executor_survives_is_told_and_keeps_nobody_else(spark: object, tmp_path: Path) -> None:
    (lost,) = in_each_home({"ansonia": 1}, never, "spark")
    assert lost.lost.startswith("The cluster gave no answer (")
    (found,) = in_each_home({"ansonia": b"yes"}, bytes, "spark")
    assert (found.answer, found.lost) == (b"yes", "")
