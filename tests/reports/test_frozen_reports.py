"""Reports on file: written once, found again, and never named by somebody else's path."""

import multiprocessing
from dataclasses import replace

import pytest

from allpresent.reports import ReportError, freeze, frozen_reports, read_frozen


def test_a_frozen_report_is_read_back_as_it_was(home, odd_report):
    kept = freeze(home, odd_report)
    assert kept.path == home / "reports" / "2026-11-04_0002-ab12cd34" / "district.json"
    assert read_frozen(home, kept.as_of, kept.delivery_id, kept.scope_key) == odd_report


def test_a_frozen_report_is_never_written_over(home, odd_report):
    kept = freeze(home, odd_report)
    before = kept.path.read_bytes()
    freeze(home, replace(odd_report, title="Other words"))
    assert kept.path.read_bytes() == before
    assert [path.name for path in kept.path.parent.iterdir()] == ["district.json"]


def test_a_new_delivery_freezes_a_report_of_its_own(home, odd_report):
    freeze(home, odd_report)
    freeze(home, replace(odd_report, delivery_id="0003-ffff0000", title="Corrected"))
    assert [(kept.as_of, kept.delivery_id) for kept in frozen_reports(home)] == [
        ("2026-11-04", "0003-ffff0000"),
        ("2026-11-04", "0002-ab12cd34"),
    ]


def test_reports_are_listed_newest_first_and_by_scope(home, odd_report):
    for as_of in ("2026-10-21", "2026-11-04"):
        for scope in ("district", "school-101"):
            freeze(home, replace(odd_report, as_of=as_of, scope_key=scope))
    (home / "reports" / "2026-11-04_0002-ab12cd34" / ".district.77").write_text("left by a kill")
    assert [kept.as_of for kept in frozen_reports(home, "school-101")] == ["2026-11-04", "2026-10-21"]
    assert len(frozen_reports(home)) == 4
    assert frozen_reports(home / "elsewhere") == []


@pytest.mark.parametrize(
    ("as_of", "delivery_id", "scope_key"),
    [
        ("2026-11-04", "0002-ab12cd34", "../district"),
        ("2026-11-04", "..", "district"),
        ("..", "0002-ab12cd34", "district"),
        ("2026-11-04", "0002-ab12cd34", "district.json"),
        ("2026-11-04", "0002-ab12cd34", "a/b"),
        ("2026-11-04", "0002-ab12cd34", ""),
        ("2026-11-04", "0002-ab12cd34", "district\n"),
    ],
)
def test_an_odd_name_is_refused_without_looking(home, odd_report, as_of, delivery_id, scope_key):
    freeze(home, odd_report)
    with pytest.raises(ReportError, match="No report has that name"):
        read_frozen(home, as_of, delivery_id, scope_key)


def test_a_report_that_is_not_on_file_is_named_in_a_sentence(home):
    with pytest.raises(ReportError, match="No report of 2026-11-04 and delivery 0002-x is on file for district"):
        read_frozen(home, "2026-11-04", "0002-x", "district")


def _freeze_in_a_process(home, report, gate):
    gate.wait()
    freeze(home, report)


def test_two_that_freeze_at_once_leave_one_whole_report(home, odd_report):
    ways = multiprocessing.get_context("fork")
    gate = ways.Barrier(4)
    others = [replace(odd_report, title=f"By process {number}") for number in range(4)]
    running = [ways.Process(target=_freeze_in_a_process, args=(home, other, gate)) for other in others]
    for process in running:
        process.start()
    for process in running:
        process.join(20)
        assert process.exitcode == 0
    folder = home / "reports" / "2026-11-04_0002-ab12cd34"
    assert [path.name for path in folder.iterdir()] == ["district.json"]
    assert read_frozen(home, "2026-11-04", "0002-ab12cd34", "district") in others
