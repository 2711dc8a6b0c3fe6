"""Changed deliveries of every source: read, held or refused; never an error of the program, never a row lost."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allpresent import intake
from allpresent.intake import IntakeError
from allpresent.intake.mapping import SHIPPED
from allpresent.intake.sources import SOURCES
from allpresent.ledger import TABLES
from tests.faults.counts import share
from tests.faults.mutations import SEEDS, Files, mutated
from tests.intake.conformance.facts import TODAY
from tests.intake.folders import write

CASES = sorted(Path(__file__).with_name("cases").glob("*.json"))
Says = Callable[[int, str], None]


def mapping_of(name: str, folder: Path) -> Path | None:
    """The mapping of a seed: one that is shipped, or written here."""
    text = SEEDS[name][1]
    if text is None:
        return None
    shipped = SHIPPED / f"{text}.yaml" if "\n" not in text else None
    if shipped is not None:
        return shipped
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def survive(name: str, files: Files, folder: Path) -> int:
    """Check the files; what has to hold whatever stands in them. Returns the exit code, 2 for a refusal."""
    folder.mkdir(parents=True)
    try:
        checked = intake.check_delivery(
            folder / "home",
            SEEDS[name][0],
            write(folder / "files", files),
            mapping=mapping_of(name, folder),
            today=TODAY,
        )
    except IntakeError:
        return 2
    assert checked.exit_code in (0, 1, 2)
    assert bool(checked.why_held) == (checked.exit_code > 0)
    for count in checked.counts:
        went = count.canonical + count.errors + count.duplicates + count.left_out + count.merged
        assert went == count.rows_read, count
    for table, rows in checked.tables.items():
        assert rows.schema.equals(TABLES[table].schema), table
    for finding in checked.findings:
        assert finding.message.strip(), finding
        assert "Traceback" not in finding.message
    intake.findings_csv(checked)
    intake.export_canonical(checked, folder / "out")
    return checked.exit_code


def test_every_source_is_changed() -> None:
    assert set(SOURCES) <= {source for source, _, _ in SEEDS.values()}


def test_changed_deliveries(tmp_path_factory: pytest.TempPathFactory, survived: Says) -> None:
    codes: list[int] = []

    @settings(max_examples=share(3_000, 3), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(sorted(SEEDS)), st.integers(0, 2**32), st.integers(1, 5))
    def changed(name: str, seed: int, changes: int) -> None:
        codes.append(survive(name, mutated(name, seed, changes), tmp_path_factory.mktemp("fuzz") / "one"))

    changed()
    told = ", ".join(f"{codes.count(code)} {word}" for code, word in enumerate(("read", "held", "refused")))
    survived(len(codes), f"changed deliveries of every source: {told}; 0 errors of the program")


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_what_was_found_once(path: Path, tmp_path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    files = {name: base64.b64decode(data) for name, data in case["files"].items()}
    survive(case["seed"], files, tmp_path / "one")
