"""Reading and checking one delivery: from files to canonical tables, findings, and whether it may be posted."""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from allpresent.intake.accounting import FileCount, settle
from allpresent.intake.addresses import drop_protected
from allpresent.intake.checks import (
    check_calendars,
    check_filled,
    check_marks,
    check_shares,
    check_whole_files,
    tell_summer_schools,
)
from allpresent.intake.conform import conform
from allpresent.intake.control import check_control
from allpresent.intake.drift import Difference, check_drift, marked_window
from allpresent.intake.emptied_tables import check_whole_tables
from allpresent.intake.finding_files import delivered_files
from allpresent.intake.findings import Findings
from allpresent.intake.mapping import Mapping, load_mapping, mapping_file
from allpresent.intake.published import check_published
from allpresent.intake.room import said_plainly
from allpresent.intake.roster_drift import check_roster
from allpresent.intake.rules import IntakeError, RefusedFileError
from allpresent.intake.silence import Silence, find_silence, warn_silent
from allpresent.intake.single_days import check_single_days
from allpresent.intake.sources import PUBLISHED, SOURCES, default_mapping, source_named
from allpresent.intake.unpacking import is_zip, unpack
from allpresent.intake.workspace import StagedFile, Workspace, say_nothing
from allpresent.ledger import TABLES, Ledger, faults_of_current
from allpresent.policy import District, PolicyError, load_district

CLEAN, HELD, UNREADABLE = 0, 1, 2
_CODES_NAMED = 5  # in a sentence


@dataclass(frozen=True)
class UnmappedCode:
    """A code nobody mapped, and how many marks carry it at a school."""

    school_id: str
    code: str
    marks: int


@dataclass
class Checked:
    """A delivery that was read and checked, and not posted."""

    source: str
    folder: Path
    today: date
    content_sha: str
    findings: Findings
    files: list[StagedFile]
    counts: list[FileCount]  # where the rows of each file went
    tables: dict[str, pa.Table]  # canonical, schema-exact but for delivery_id; empty when unreadable
    why_held: list[str]
    is_unreadable: bool
    decided: list[str] = field(default_factory=list)  # what the reader decided where it had a choice
    came: frozenset[str] = frozenset()  # canonical tables whose file came, with rows or without
    days: tuple[date, date] | None = None  # first and last date of attendance and attendance taken
    unmapped: list[UnmappedCode] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)  # by school, against what is posted
    silence: Silence = field(default_factory=Silence)
    district: District = field(default_factory=District)  # the settings it was checked under
    delivers: str = "year"
    unpacked: "tempfile.TemporaryDirectory[str] | None" = None  # where the files of a zip are while this is looked at
    earlier_unpacked: "list[tempfile.TemporaryDirectory[str]]" = field(default_factory=list)  # of zips read again
    is_roster: bool = False  # people and classes alone: the days that are posted stay
    reports: dict[str, pa.Table] = field(default_factory=dict)  # what the source counted, for the export

    @property
    def is_held(self) -> bool:
        """Whether a person has to look before this may be posted."""
        return bool(self.why_held)

    @property
    def exit_code(self) -> int:
        """0 clean or warnings only, 1 held, 2 unreadable."""
        return UNREADABLE if self.is_unreadable else HELD if self.is_held else CLEAN


def check_delivery(
    home: Path,
    source: str,
    folder: Path,
    *,
    mapping: Path | None = None,
    today: date,
    progress: Callable[[str], None] = say_nothing,
    delivers: str | None = None,
) -> Checked:
    """Read the files of a folder and check them, against the ledger of the home too; change nothing.

    ``delivers`` is "year" for a snapshot of the school year, "days" when only the days between the first and the last
    mark are meant, None for what the mapping says. Raises IntakeError when there is no folder, no such source, a
    settings or mapping file that cannot be used, or facts that are not what was posted.
    """
    refuse_no_delivery(folder)
    if source == PUBLISHED:
        return _check_published(home, folder, mapping, today)
    source_named(source)
    for fault in faults_of_current(home):
        raise IntakeError(fault)  # nothing can be compared with what is damaged
    mapping = mapping_file(mapping)
    district, options = _district(home), mapping_of(source, mapping)
    delivers = delivers or options.delivers
    with said_plainly(home):
        opened = _Opened(folder)
        workspace = Workspace(opened.folder, today, district, options, progress, delivers, home=home, source=source)
        try:
            if opened.refusal is not None:
                workspace.refuse(opened.refusal, opened.name)
            checked = _check(workspace, home, source, content_sha(folder, mapping))
        finally:
            workspace.connection.close()
    checked.unpacked, checked.district = opened.unpacked, district
    checked.delivers = delivers
    checked.earlier_unpacked = workspace.unpacked
    return checked


def _check_published(home: Path, folder: Path, layout: Path | None, today: date) -> Checked:
    """Published figures, which are no marks: read by their layouts, and compared with nothing that is posted."""
    opened, district = _Opened(folder), _district(home)
    found = check_published(opened.folder, layout, district.q02_error_pct)
    if opened.refusal is not None:
        found.refused, found.faults = [], []
        found.refuse(opened.name, opened.refusal)
    return Checked(
        PUBLISHED,
        opened.folder,
        today,
        content_sha(folder, layout),
        found.findings(),
        [],
        found.counts,
        {} if found.refused else found.tables,
        found.refused or found.why_held,
        bool(found.refused),
        decided=found.decided,
        came=frozenset(name for name, table in found.tables.items() if table.num_rows),
        district=district,
        unpacked=opened.unpacked,
    )


class _Opened:
    """The folder of the files: the one delivered, or that of an unpacked zip."""

    def __init__(self, delivered: Path) -> None:
        self.folder = delivered
        self.name = ""
        self.unpacked: tempfile.TemporaryDirectory[str] | None = None
        self.refusal: RefusedFileError | None = None
        files = delivered_files(delivered)
        if is_zip(files):
            self.name = files[0].name
            try:
                self.unpacked = unpack(files[0])
                self.folder = Path(self.unpacked.name)
            except RefusedFileError as error:
                self.refusal = error
        elif beside := next((path for path in files if is_zip([path])), None):
            self.name = beside.name
            other = next(path.name for path in files if path != beside)
            self.refusal = RefusedFileError(
                f"{beside.name} lies beside {other}, and a zip file is read only where it lies alone; unpack it, or "
                "take the other files away.",
                "X02",
            )


def refuse_no_delivery(folder: Path) -> None:
    """Raises IntakeError unless there is a folder, or one zip file, to read."""
    if not folder.is_dir() and not (folder.is_file() and is_zip([folder])):
        raise IntakeError(f"There is no folder {folder}; name the folder that holds the files of the delivery.")


def content_sha(folder: Path, mapping: Path | None = None) -> str:
    """One hash over names and bytes of the files, and over the mapping: another mapping reads another delivery."""
    whole = hashlib.sha256()
    base = folder if folder.is_dir() else folder.parent
    parts = [(path.relative_to(base).as_posix(), path) for path in delivered_files(folder)]
    check_mapping_file(mapping)
    for name, path in [*parts, *([("mapping:", mapping)] if mapping else [])]:
        whole.update(f"{name}\0{_sha256(path, path.name)}\n".encode())
    return whole.hexdigest()


def _sha256(path: Path, name: str) -> str:
    """The hash of a delivered file. Raises IntakeError when it cannot be read: that is no trouble of other sources."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        why = (error.strerror or "unknown cause").lower()
        raise IntakeError(
            f"{name} cannot be read ({why}); give this account the right to, or deliver it anew."
        ) from error


def check_mapping_file(mapping: Path | None) -> None:
    """Raises IntakeError where a mapping is named and there is none."""
    if mapping is not None and not mapping.is_file():
        raise IntakeError(f"There is no mapping file {mapping}; check the path.")


def _district(home: Path) -> District:
    try:
        return load_district(home)
    except PolicyError as error:
        raise IntakeError(str(error)) from error


def mapping_of(source: str, mapping: Path | None) -> Mapping:
    """The mapping a delivery of that source is read by. Raises IntakeError where it is missing or wrong."""
    if mapping is None:
        return default_mapping(source)
    check_mapping_file(mapping)
    return load_mapping(mapping, family=None if source == "csv" else source)


def _check(workspace: Workspace, home: Path, source: str, sha: str) -> Checked:
    checked = Checked(
        source, workspace.folder, workspace.today, sha, Findings(pa.table({})), workspace.files, [], {}, [], False
    )
    read, declaration = SOURCES[source].read, SOURCES[source].declaration
    try:
        if not workspace.refused and not delivered_files(workspace.folder):
            raise RefusedFileError("The folder holds no files; put the exported files into it.")
        if not workspace.refused:
            read(workspace)
    except RefusedFileError as error:
        workspace.refuse(error)
    if workspace.refused:
        checked.why_held, checked.is_unreadable = list(workspace.refused), True
    else:
        _check_rows(workspace, home, checked, declaration.strict)
    checked.findings, checked.decided = workspace.findings(), workspace.decided
    return checked


def _check_rows(workspace: Workspace, home: Path, checked: Checked, strict: frozenset[str]) -> None:
    drop_protected(workspace)
    workspace.progress("checking dates, ids and enrollments")
    conform(workspace)
    check_filled(workspace)
    check_whole_files(workspace)
    check_control(workspace)
    check_marks(workspace)
    check_calendars(workspace)
    tell_summer_schools(workspace)
    workspace.progress("accounting for every row")
    checked.counts = settle(workspace)
    check_shares(workspace, checked.counts, strict, workspace.district.q02_error_pct)
    checked.tables = canonical_tables(workspace)
    workspace.progress("comparing with the last delivery")
    if workspace.is_roster:
        check_roster(workspace, Ledger(home).current())
    checked.is_roster, checked.reports = workspace.is_roster, workspace.reports
    checked.differences = check_drift(workspace, Ledger(home).current(), checked.tables)
    check_single_days(workspace, Ledger(home).current())
    check_whole_tables(workspace, Ledger(home).current())
    checked.unmapped, checked.days = _unmapped(workspace), marked_window(workspace)
    workspace.decided += _unknown_days(checked.unmapped)
    checked.came = frozenset(workspace.came)
    checked.silence = find_silence(workspace)
    warn_silent(workspace, checked.silence)
    checked.why_held = list(workspace.holds)


# Tables that may have several rows from one line, and what puts those in order.
_SEVERAL_A_LINE = {
    "calendar_days": ", c.track",
    "demographics": ", c.flag",
    "contacts": ", c.student_id, c.phone, c.email",
    "attendance": ", c.period",
}


def canonical_tables(workspace: Workspace) -> dict[str, pa.Table]:
    """The canonical tables as the ledger stores them, but for the delivery that brings them."""
    workspace.put("file_names", workspace.file_names())
    tables = {name: table.empty() for name, table in TABLES.items()}
    for name, table in ((name, TABLES[name]) for name in sorted(workspace.filled())):
        columns = [column for column in table.columns if column not in ("source_file", "delivery_id")]
        listed = ", ".join(f'c."{column}"' for column in columns)
        rows = workspace.arrow(
            f"SELECT f.file AS source_file, {listed} FROM c_{name} c JOIN file_names f USING (file_id)"
            f" ORDER BY c.file_id, c.line_no{_SEVERAL_A_LINE.get(name, '')}"
        )
        if name == "attendance":
            rows = rows.append_column("delivery_id", pa.nulls(rows.num_rows, pa.string()))
        tables[name] = rows.select(table.schema.names).cast(table.schema)
    return tables


def _unmapped(workspace: Workspace) -> list[UnmappedCode]:
    """Codes that a line more in the mapping would explain; a row that no part of it fits names no field."""
    rows = workspace.rows(
        "SELECT a.school_id, coalesce(a.code, ''), count(*) FROM c_attendance a JOIN findings f"
        " ON f.rule = 'K01' AND f.file_id = a.file_id AND f.line_no = a.line_no AND f.field <> ''"
        " GROUP BY ALL ORDER BY 1, 2"
    )
    return [UnmappedCode(str(school), str(code), int(str(marks))) for school, code, marks in rows]


def _unknown_days(unmapped: list[UnmappedCode]) -> list[str]:
    """What such codes make of the days, with the codes most marks carry: a drop of absences may come of that alone."""
    marks = Counter[str]()
    for one in unmapped:
        marks[one.code or "no code"] += one.marks
    listed = ", ".join(f"{code}: {count:,}" for code, count in marks.most_common(_CODES_NAMED))
    listed += f", and {len(marks) - _CODES_NAMED:,} more" if len(marks) > _CODES_NAMED else ""
    told = f"marks of codes that no mapping names make their days unknown ({listed}); name them under `codes`"
    return [told] if marks else []
