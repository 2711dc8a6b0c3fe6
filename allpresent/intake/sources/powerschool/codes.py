"""What PowerSchool's attendance codes mean: presence from the code table, the reason from its categories.

Codes are kept per school and year, so a letter means nothing by itself (K02): a mark's code is found by its id, and
must belong to the mark's school and year.
"""

from collections import defaultdict
from dataclasses import dataclass

import pyarrow as pa

from allpresent.intake.checks import school_year_sql
from allpresent.intake.codes import meaning_of
from allpresent.intake.findings import WARNING
from allpresent.intake.mapping import CategoryMeaning
from allpresent.intake.workspace import Workspace

FIRST_YEAR = 1990  # PowerSchool's year ids count from here


@dataclass(frozen=True)
class Code:
    """One row of the code table with what its categories say."""

    file_id: int
    line_no: int
    id: str
    school_id: str | None
    start: int | None  # start of the school year
    letter: str
    presence: str
    labels: tuple[str, ...]

    def is_of(self, school_id: str, start: int) -> bool:
        """Whether the code belongs to a school and year; one without school or year belongs to all."""
        return self.school_id in (None, "0", school_id) and self.start in (None, start)


_NO_TABLE = (
    "The delivery has no table attendance_code, so its codes are numbers that say nothing, and their days count as not "
    "reported; deliver that table too."
)


@dataclass(frozen=True)
class Told:
    """What a code says about a mark."""

    letter: str
    category: str | None  # None = not mapped
    excused: bool | None
    disciplinary: bool
    portion: str | None  # when the mapping fixes it


def put_told(workspace: Workspace) -> None:
    """Store as ``told`` what every (code id, school, school year, letter) of the attendance rows says."""
    codes = _read_codes(workspace)
    by_id, by_letter = defaultdict(list), defaultdict(list)
    for code in codes:
        by_id[code.id].append(code)
        by_letter[code.letter].append(code)
    has_ids = workspace.count("SELECT count(code_id) FROM r_attendance") > 0
    year = school_year_sql("date", workspace.district.year_starts)
    rows = workspace.rows(f"SELECT DISTINCT code_id, school_id, {year}, coalesce(code, '') FROM r_attendance")
    keys: list[tuple[str | None, str, int, str]] = []
    told: list[Told] = []
    for code_id, school, start, letter in rows:
        fits = by_id[str(code_id)] if has_ids else by_letter[str(letter)]
        found = next((code for code in fits if code.is_of(str(school), int(str(start)))), None)
        keys.append((None if code_id is None else str(code_id), str(school), int(str(start)), str(letter)))
        # A code in no table is known by the only name it has, its id.
        name = str(letter or code_id or "")
        told.append(_told(workspace, found, str(school), int(str(start)), name))
    _store(workspace, keys, told)
    if has_ids and not codes and any(one.category is None for one in told):
        workspace.holds.append(_NO_TABLE)
    _warn_without_category(workspace, codes)


def _read_codes(workspace: Workspace) -> list[Code]:
    """The code table with the categories of its column and of the joined code entities."""
    labels: dict[str, set[str]] = defaultdict(set)
    for code_id, name in workspace.rows(
        "SELECT l.code_id, e.name FROM t_att_code_code_entity l JOIN t_code_entity e ON e.id = l.entity_id"
        " WHERE NOT l.is_bad AND NOT e.is_bad AND e.name IS NOT NULL"
    ):
        labels[str(code_id)].add(str(name).strip().casefold())
    codes = []
    for file_id, line_no, id_, school, year_id, letter, presence, category in workspace.rows(
        "SELECT file_id, line_no, id, school_id, year_id, code, presence, category FROM t_attendance_code"
        " WHERE NOT is_bad ORDER BY file_id, line_no"
    ):
        own = {part.strip().casefold() for part in str(category or "").replace(";", ",").split(",")} - {""}
        codes.append(
            Code(
                int(str(file_id)),
                int(str(line_no)),
                str(id_),
                None if school is None else str(school),
                int(str(year_id)) + FIRST_YEAR if str(year_id or "").isdecimal() else None,
                str(letter or ""),
                str(presence or "").casefold(),
                tuple(sorted(own | labels[str(id_)])),
            )
        )
    return codes


def _told(workspace: Workspace, code: Code | None, school: str, start: int, letter: str) -> Told:
    """The mapping's own table first; then presence from the code table, never from the letter."""
    options = workspace.mapping.codes
    letter = code.letter if code else letter
    fixed = meaning_of(options.table, school, start, letter)
    if fixed is not None:
        return Told(letter, fixed.category, fixed.excused, fixed.disciplinary, fixed.portion)
    if code is None or code.presence not in ("present", "absent"):
        return Told(letter, None, None, False, None)
    meanings = [options.categories.get(label, CategoryMeaning()) for label in code.labels]
    said = {meaning.excused for meaning in meanings if meaning.excused is not None}
    is_tardy = code.presence == "present" and any(meaning.tardy for meaning in meanings)
    return Told(
        letter,
        "tardy" if is_tardy else code.presence,
        said.pop() if len(said) == 1 else None,
        any(meaning.disciplinary for meaning in meanings),
        None,
    )


def _store(workspace: Workspace, keys: list[tuple[str | None, str, int, str]], told: list[Told]) -> None:
    text, flag = pa.string(), {None: None, True: 1, False: 0}
    workspace.put(
        "told",
        pa.table(
            {
                "code_id": pa.array([key[0] for key in keys], text),
                "school_id": pa.array([key[1] for key in keys], text),
                "year": pa.array([key[2] for key in keys], pa.int64()),
                "code": pa.array([key[3] for key in keys], text),
                "letter": pa.array([one.letter for one in told], text),
                "category": pa.array([one.category for one in told], text),
                "excused": pa.array([flag[one.excused] for one in told], pa.int8()),
                "disciplinary": pa.array([int(one.disciplinary) for one in told], pa.int8()),
                "fixed": pa.array([one.portion for one in told], text),
            }
        ),
    )


def _warn_without_category(workspace: Workspace, codes: list[Code]) -> None:
    """Absent codes that no category or mapping explains count as unexcused until somebody says."""
    known = workspace.mapping.codes.categories
    for code in codes:
        fixed = any(one.code == code.letter for one in workspace.mapping.codes.table)
        meanings = [known[label] for label in code.labels if label in known]
        if code.presence != "absent" or fixed or any(m.excused is not None or m.disciplinary for m in meanings):
            continue
        said = f"the category {', '.join(code.labels)}, which is not mapped" if code.labels else "no category"
        message = (
            f"The code {code.letter} of school {code.school_id or 'every'} has {said}; its absences count as "
            "unexcused until the mapping says otherwise."
        )
        workspace.log.add(
            "K01", WARNING, message, file_id=code.file_id, line_no=code.line_no, field="category", value=code.letter
        )
