"""Killed before any statement of a posting or a night, the home holds the old state or the new one, never a mix."""

from collections.abc import Callable
from pathlib import Path

from tests.faults.working import places, put_back, statements_of, worker
from tests.functional.killing import facts_of, records_of, reports_of

Says = Callable[[int, str], None]


def test_a_posting_killed_before_any_statement(ninth_day: tuple[Path, Path], tmp_path: Path, survived: Says) -> None:
    (template, folder), home = ninth_day, tmp_path / "home"
    old = facts_of(template)
    with worker("post", home, folder) as fault:
        whole = statements_of(fault, template, home)
        new = facts_of(home)
        assert whole > 50
        assert new != old
        tried = places(whole)
        for number in tried:
            put_back(template, home)
            assert fault("kill", number) == (-1, "")
            assert facts_of(home) in (old, new), number
            assert fault("kill", 0)[1] == "", number
            assert facts_of(home) == new, number
            assert not [left.name for left in (home / "ledger" / "versions").glob(".*")], number
        put_back(template, home)
        assert fault("swapped", 1) == (-1, "")
        assert facts_of(home) == new, "the pointer was there before the facts it names"
    survived(len(tried) + 1, f"postings of {whole} statements killed before one: 0 mixed states")


def test_a_night_killed_before_any_statement(evening: Path, tmp_path: Path, survived: Says) -> None:
    home = tmp_path / "home"
    old, old_facts = records_of(evening), facts_of(evening)
    with worker("night", home, tmp_path) as fault:
        whole = statements_of(fault, evening, home)
        new, new_facts, new_reports = records_of(home), facts_of(home), reports_of(home)
        assert whole > 100
        assert new != old
        tried = places(whole)
        for number in tried:
            put_back(evening, home)
            assert fault("kill", number) == (-1, "")
            assert facts_of(home) in (old_facts, new_facts), number
            seen = records_of(home)
            assert seen["steps"] in (old["steps"], new["steps"]), number
            assert (seen["roster"], seen["shown"]) in ((old["roster"], old["shown"]), (new["roster"], new["shown"]))
            assert set(reports_of(home).items()) <= set(new_reports.items()), number
            assert fault("kill", 0)[1] == "", number
            assert (records_of(home), facts_of(home), reports_of(home)) == (new, new_facts, new_reports), number
    survived(len(tried), f"nights of {whole} statements killed before one: 0 mixed states")
