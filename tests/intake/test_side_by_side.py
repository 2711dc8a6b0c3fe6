"""The drop folders of many homes by one command: each home by itself, told in one table; here in this process."""

import csv
import io
import shutil
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from allpresent import cli, intake
from allpresent.engines import EngineError
from allpresent.intake import side_by_side
from allpresent.intake.keeping import only_posting
from allpresent.intake.side_by_side import Told, post_homes
from allpresent.ledger import Ledger
from tests.intake.dropped import SETTINGS, make_home, make_homes, outcomes, twins, versions
from tests.intake.folders import NOW, TODAY, write

LATER = NOW + timedelta(days=1)
EXPECTED = {"ansonia": "posted", "bethel": "held", "canton": "failed", "derby": "posted"}


def post(homes: dict[str, Path], **options: object) -> list[Told]:
    told: dict[str, object] = {"today": TODAY, "now": LATER, **options}
    return post_homes(homes, **told)  # type: ignore[arg-type]


def test_every_home_is_posted_as_it_would_be_alone(tmp_path: Path) -> None:
    homes = make_homes(tmp_path / "homes")
    alone = twins(homes, tmp_path / "alone")
    told = post(homes)
    assert outcomes(told) == EXPECTED
    for name in ("ansonia", "bethel", "derby"):
        intake.post_delivery(
            alone[name], "csv", alone[name] / "drop" / "sis", today=TODAY, now=LATER, is_unattended=True
        )
        assert versions(homes[name]) == versions(alone[name])
    why = {line.district: line.why for line in told}
    assert why["bethel"].startswith("1 of 3 rows of attendance.csv were refused")
    assert f"{homes['canton'] / 'district.yaml'}" in why["canton"]


def test_the_same_files_change_nothing(tmp_path: Path) -> None:
    homes = make_homes(tmp_path)
    first = post(homes)
    before = {name: versions(home) for name, home in homes.items()}
    again = post(homes, now=LATER + timedelta(days=1))
    assert outcomes(again) == EXPECTED | {"ansonia": "unchanged", "derby": "unchanged"}
    assert {name: versions(home) for name, home in homes.items()} == before
    assert [line.delivery_id for line in again] == [line.delivery_id for line in first]


def test_a_task_begun_anew_tells_what_the_first_would_have(tmp_path: Path) -> None:
    homes = make_homes(tmp_path)
    first = post(homes)
    assert post(homes) == first
    assert len(Ledger(homes["ansonia"]).history()) == 1


def test_a_home_in_which_another_posting_is_at_work_is_waited_for(tmp_path: Path) -> None:
    homes = {"ansonia": make_home(tmp_path / "ansonia")}
    with only_posting(homes["ansonia"]):
        (busy,) = post(homes, patience=0)
    assert (busy.outcome, busy.why) == ("failed", "Another delivery is being posted; try again when it is done.")
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with only_posting(homes["ansonia"]):
            holding.set()
            done.wait(0.2)

    other = threading.Thread(target=hold)
    other.start()
    holding.wait()
    assert outcomes(post(homes, patience=20)) == {"ansonia": "posted"}
    other.join()


def test_what_cannot_be_posted_is_told_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homes = {name: make_home(tmp_path / name) for name in ("empty", "none", "broken", "odd", "waits")}
    (homes["none"] / "district.yaml").write_text("name: None\n", encoding="utf-8")
    for path in (homes["empty"] / "drop" / "sis").iterdir():
        path.unlink()
    write(homes["broken"] / "drop" / "sis", {"attendance.csv": b"\xff\xfe\x00"})
    waiting = SETTINGS.format(name="waits").replace("quiet_seconds: 0", "quiet_seconds: 0, done: all.done")
    (homes["waits"] / "district.yaml").write_text(waiting, encoding="utf-8")
    real = side_by_side.post_drop

    def odd(home: Path, *rest: object) -> intake.Posted:
        if home == homes["odd"]:
            raise KeyError("x")
        return real(home, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(side_by_side, "post_drop", odd)
    said = []
    told = {line.district: line for line in post(homes, progress=said.append)}
    assert {name: line.outcome for name, line in told.items()} == {
        "empty": "nothing",
        "none": "nothing",
        "broken": "unreadable",
        "odd": "failed",
        "waits": "left",
    }
    assert told["odd"].why == "It could not be posted (KeyError: 'x'; post this home alone to see where)."
    assert told["waits"].why == "no file all.done says that all is there, so drop/sis is left for later."
    assert [line.exit_code for line in told.values()] == [2, 0, 0, 2, 2]
    assert said == [f"broken, sis: unreadable {told['broken'].delivery_id}", "odd, sis: failed"]


def test_without_a_home_or_an_engine_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(intake.IntakeError, match="no home to post"):
        post({})
    homes = {"a": make_home(tmp_path / "a")}
    with pytest.raises(EngineError, match="no engine 'steam'"):
        post(homes, engine="steam")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineError, match="The engine spark needs pyspark"):
        post(homes, engine="spark")


# The command


def run(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        cli.main(["intake", "post", *arguments])
    return ended.value.code


def test_the_command_posts_every_home_below_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    homes = make_homes(tmp_path)
    (tmp_path / "no-home").mkdir()
    assert run("--homes", str(tmp_path), "--today", TODAY.isoformat()) == 2
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["district"]: row["outcome"] for row in rows} == EXPECTED
    shutil.rmtree(homes["canton"])
    assert run("--homes", str(tmp_path), "--today", TODAY.isoformat()) == 1
    (homes["bethel"] / "district.yaml").rename(homes["bethel"] / "district.yml")
    capsys.readouterr()
    assert run("--homes", str(tmp_path), "--today", TODAY.isoformat()) == 2
    told = {row["district"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert (told["bethel"]["outcome"], told["ansonia"]["outcome"]) == ("failed", "unchanged")
    assert "There is no district.yaml in" in told["bethel"]["why"], "a home that lost its settings is not passed over"
    shutil.rmtree(homes["bethel"])
    assert run("--homes", str(tmp_path), "--today", TODAY.isoformat()) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "a SOURCE and a DIR, or --homes"),
        (("csv",), "a SOURCE and a DIR, or --homes"),
        (("csv", "files", "--homes", "."), "leave out SOURCE, DIR, --mapping and --accept"),
        (("--homes", ".", "--accept", "because"), "leave out SOURCE, DIR, --mapping and --accept"),
    ],
)
def test_arguments_that_do_not_go_together(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert run(*arguments) == 2
    assert sentence in capsys.readouterr().err
