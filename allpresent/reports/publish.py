"""Frozen reports: a folder a day and delivery under the home, one JSON a scope, and any form made from it again.

A frozen report is never written over: the same day and delivery give the same report, and a new delivery a new one.
"""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from allpresent.reports.document import Report, ReportError

FORMATS = ("pdf", "html", "xlsx", "csv")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class FrozenReport:
    """One report on file: which scope, as of which day, as known at which delivery."""

    scope_key: str
    as_of: str
    delivery_id: str
    path: Path


def render(report: Report, form: str) -> bytes:
    """The report as ``pdf``, ``html``, ``xlsx`` or ``csv``. Raises ReportError for another form."""
    if form not in FORMATS:
        raise ReportError(f"A report comes as {', '.join(FORMATS)}, not as '{form}'.")
    # Loaded here, because setting type and workbooks costs more than reading a report.
    from allpresent.reports import layout

    makers: dict[str, Callable[[Report], bytes]] = {
        "pdf": layout.render_pdf,
        "html": layout.render_html,
        "xlsx": layout.render_xlsx,
        "csv": layout.render_csv,
    }
    return makers[form](report)


def freeze(home: Path, report: Report) -> FrozenReport:
    """Keep a report for good. A report already frozen for the same day, delivery and scope stays as it was.

    Two that freeze the same report at once leave one whole file: a link is made, never a file replaced.
    """
    folder = home / "reports" / f"{report.as_of}_{report.delivery_id}"
    path = folder / f"{report.scope_key}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{report.scope_key}.{os.getpid()}"
        with temporary.open("w", encoding="utf-8") as out:
            out.write(report.to_json())
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
    return FrozenReport(report.scope_key, report.as_of, report.delivery_id, path)


def frozen_reports(home: Path, scope_key: str | None = None) -> list[FrozenReport]:
    """What is on file, newest day first, then newest delivery."""
    found = []
    for path in (home / "reports").glob("*_*/*.json"):
        as_of, delivery_id = path.parent.name.split("_", 1)
        if scope_key in (None, path.stem):
            found.append(FrozenReport(path.stem, as_of, delivery_id, path))
    return sorted(found, key=lambda report: (report.as_of, report.delivery_id, report.scope_key), reverse=True)


def read_frozen(home: Path, as_of: str, delivery_id: str, scope_key: str) -> Report:
    """A report on file. Raises ReportError when there is none of that name."""
    if not all(_NAME.fullmatch(part) for part in (as_of, delivery_id, scope_key)):
        raise ReportError("No report has that name.")
    path = home / "reports" / f"{as_of}_{delivery_id}" / f"{scope_key}.json"
    if not path.exists():
        raise ReportError(f"No report of {as_of} and delivery {delivery_id} is on file for {scope_key}.")
    return Report.from_json(path.read_text(encoding="utf-8"))
