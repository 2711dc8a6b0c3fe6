"""Versions past their keeping: cleared with a sentence, and never one that somebody may have to be shown again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from allpresent.ledger import Ledger, LedgerError, Pruned
from allpresent.measures import MeasureError, open_facts
from tests.ledger.test_store import small_school

FIRST = datetime(2026, 9, 8, 23, tzinfo=UTC)
TODAY = date(2026, 9, 20)
SAID = Pruned(TODAY, "keep_versions_days: 5")


def five_versions(home) -> Ledger:
    """Deliveries 0001 to 0005, a day apart."""
    ledger = Ledger(home)
    for number in range(1, 6):
        name = f"000{number}-a"
        at = FIRST + timedelta(days=number)
        ledger.write(small_school(), delivery_id=name, source="csv", content_sha=name, posted_at=at)
    return ledger


def whole(ledger: Ledger) -> list[str]:
    """The versions with facts."""
    return [folder.name for folder in ledger.folders() if (folder / "attendance.parquet").exists()]


def test_the_newest_two_and_the_named_stay_whatever_their_age(tmp_path):
    ledger = five_versions(tmp_path)
    assert ledger.prune(FIRST + timedelta(days=9), {"0002-a"}, SAID) == ["0001-a", "0003-a"]
    assert whole(ledger) == ["0002-a", "0004-a", "0005-a"]
    assert [one.delivery_id for one in ledger.history()] == ["0005-a", "0004-a", "0003-a", "0002-a", "0001-a"]
    assert ledger.version("0002-a").table("students").num_rows == 2


def test_versions_within_their_keeping_stay(tmp_path):
    ledger = five_versions(tmp_path)
    assert ledger.prune(FIRST + timedelta(days=2), set(), SAID) == ["0001-a"]
    assert ledger.prune(FIRST + timedelta(days=2), set(), SAID) == []
    assert whole(ledger) == ["0002-a", "0003-a", "0004-a", "0005-a"]


def test_facts_that_were_cleared_are_told_in_a_sentence(tmp_path):
    five_versions(tmp_path).prune(FIRST + timedelta(days=9), set(), SAID)
    told = (
        r"The facts of delivery 0002-a, posted on 2026-09-10, were cleared on 2026-09-20 \(keep_versions_days: 5\); "
        "ask for a later delivery."
    )
    with pytest.raises(MeasureError, match=told):
        open_facts(tmp_path, known_on="0002-a")
    with pytest.raises(MeasureError, match="No posted delivery is called 0009-a"):
        open_facts(tmp_path, known_on="0009-a")


def test_an_undo_goes_back_to_whole_facts_or_not_at_all(tmp_path):
    ledger = five_versions(tmp_path)
    ledger.prune(FIRST + timedelta(days=9), set(), SAID)
    assert ledger.undo("0005-a").table("students").num_rows == 2
    with pytest.raises(LedgerError, match="The facts of delivery 0003-a, posted on 2026-09-11, were cleared"):
        ledger.undo("0004-a")
    assert ledger.current().delivery_id == "0004-a"


def test_an_undone_version_is_cleared_too_and_may_come_again(tmp_path):
    ledger = five_versions(tmp_path)
    ledger.undo("0005-a")
    assert ledger.prune(FIRST + timedelta(days=9), set(), SAID) == ["0001-a", "0002-a", "0005-a"]
    ledger.write(small_school(), delivery_id="0005-a", source="csv", content_sha="b", posted_at=FIRST)
    assert whole(ledger) == ["0003-a", "0004-a", "0005-a"]
    assert ledger.version("0005-a").table("students").num_rows == 2


def test_a_clearing_that_was_stopped_is_taken_up(tmp_path, monkeypatch):
    ledger = five_versions(tmp_path)
    unlink, count = type(tmp_path).unlink, [0]

    def stop_at_the_fourth(path, **options):
        count[0] += 1
        if count[0] == 4:
            raise KeyboardInterrupt
        unlink(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(type(tmp_path), "unlink", stop_at_the_fourth)
        with pytest.raises(KeyboardInterrupt):
            ledger.prune(FIRST + timedelta(days=9), set(), SAID)
    with pytest.raises(LedgerError, match="0001-a, posted on 2026-09-09, were cleared on 2026-09-20"):
        ledger.version("0001-a")
    ledger.prune(FIRST + timedelta(days=9), set(), Pruned(date(2026, 9, 21), "keep_versions_days: 5"))
    left = sorted(path.name for path in (ledger.versions / "0001-a").iterdir())
    assert left == ["manifest.json", "pruned.json"]
    with pytest.raises(LedgerError, match="were cleared on 2026-09-20"):
        ledger.version("0001-a")


def test_an_empty_ledger_has_nothing_to_clear(tmp_path):
    assert Ledger(tmp_path).prune(FIRST, set(), SAID) == []
