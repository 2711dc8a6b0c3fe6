"""Staged rows laid under our column names: constants and translations put in, keys looked up, rows read in parts."""

from collections.abc import Collection, Iterable, Mapping

from allpresent.intake.accounting import USED
from allpresent.intake.findings import ERROR
from allpresent.intake.keep import keep_condition, literal, quoted
from allpresent.intake.mapping import TableOptions
from allpresent.intake.mapping_tables import PartOptions
from allpresent.intake.sources.conditions import UNFIT, Conditions, flag
from allpresent.intake.workspace import LEFT_OUT, Workspace
from allpresent.ledger import ADDRESS_LINES

MARKS = "attendance"
_UNKNOWN = {"category": literal("unknown"), "mode": literal("day")}  # a row nobody can read says nothing of any period


def map_columns(
    workspace: Workspace, name: str, staged: str, options: TableOptions, labels: Mapping[str, str]
) -> dict[str, str]:
    """Make the view ``m_<name>`` of ``s_<staged>`` with our columns, and only the rows to keep.

    ``labels`` are ours: theirs, a bar between several names of one column. Returns the label each of ours has here.
    """
    have = set(workspace.columns(f"s_{staged}"))
    fields = _labels_here(labels, have)
    for part in options.parts:
        fields |= _labels_here(part.columns, have)
    for ours, one in options.found.items():
        fields[ours] = one.by[0]
        _report_unfound(workspace, staged, ours, options)
    texts = {ours: _text(labels, have) for ours, labels in options.joined.items()}
    texts |= {ours: _lines(several, have) for ours, several in options.lines.items()}
    base = {ours: quoted(label) for ours, label in _labels_here(labels, have).items() if label in have}
    base |= texts | {ours: f"k_{ours}.give" for ours in options.found}
    base |= {ours: literal(text) for ours, text in options.constants.items()}
    rows, shown = _rows(workspace, name, staged, options, base)
    workspace.run(f"CREATE OR REPLACE VIEW m_{name} AS {rows}")
    if options.parts:
        workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM s_{staged} ANTI JOIN m_{name} USING (file_id, line_no)")
    if options.keep is not None:
        kept = keep_condition(options.keep, shown)
        workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM m_{name} WHERE NOT {kept}")
        workspace.run(f"CREATE OR REPLACE VIEW m_{name} AS SELECT * FROM ({rows}) WHERE {kept}")
    if options.parts and name == MARKS:
        _report_unfit(workspace, name)
    return fields


def _rows(
    workspace: Workspace, name: str, staged: str, options: TableOptions, base: dict[str, str]
) -> tuple[str, list[str]]:
    """SQL of the rows under our columns, and those columns; an attendance row that no part fits is ``unfit``."""
    if not options.parts:
        return _select(base, list(base), options, f"s_{staged}", "true"), list(base)
    have = set(workspace.columns(f"s_{staged}"))
    weighed = Conditions(have, workspace.blanks).weighed(f"s_{staged}", options.parts, options.nothing)
    workspace.run(f"CREATE OR REPLACE TEMP TABLE p_{name} AS {weighed}")
    parts = [(_part_columns(base, part, have), flag(at)) for at, part in enumerate(options.parts)]
    if name == MARKS:
        parts.append((base | _UNKNOWN, f"{UNFIT} IS NOT NULL"))
    shown = list(dict.fromkeys(column for part, _ in parts for column in part))
    selects = [_select(part, shown, options, f"p_{name}", test, f", {UNFIT} AS unfit") for part, test in parts]
    return " UNION ALL ".join(selects), shown


def _report_unfit(workspace: Workspace, name: str) -> None:
    """K01: what a row means is not known, so the day is not; no row would mean present."""
    message = (
        "No part of the mapping fits the row ({value}), so the day counts as not reported; add a part, or a line under "
        "nothing if such rows say nothing, and post again."
    )
    query = f"SELECT file_id, line_no, unfit AS value FROM m_{name} WHERE unfit IS NOT NULL"
    workspace.log.add_rows(query, "K01", ERROR, "", message)


def _labels_here(labels: Mapping[str, str], have: Collection[str]) -> dict[str, str]:
    """Of several names of a column, the one this file has."""
    return {
        ours: next((label for label in several.split("|") if label in have), several.split("|")[0])
        for ours, several in labels.items()
    }


def _text(labels: Iterable[str], have: set[str]) -> str:
    here = (next((one for one in label.split("|") if one in have), None) for label in labels)
    several = ", ".join(f"nullif(trim({quoted(label)}), '')" for label in here if label)
    return f"concat_ws(' ', {several})" if several else "NULL"


def _lines(several: Iterable[Iterable[str]], have: set[str]) -> str:
    lines = ", ".join(f"nullif({_text(labels, have)}, '')" for labels in several)
    return f"concat_ws({literal(ADDRESS_LINES)}, {lines})"


def _part_columns(base: dict[str, str], part: PartOptions, have: Collection[str]) -> dict[str, str]:
    here = _labels_here(part.columns, have)
    own = {ours: quoted(label) if label in have else "NULL" for ours, label in here.items()}
    return {**base, **own, **{ours: literal(text) for ours, text in part.constants.items()}}


def _select(
    part: Mapping[str, str], ours: list[str], options: TableOptions, rows: str, condition: str, more: str = ""
) -> str:
    selected = "".join(f", CAST({_translated(name, part, options)} AS VARCHAR) AS {quoted(name)}" for name in ours)
    joins = "".join(_join(name, options) for name in options.found)
    found = "".join(f" AND ({_blank_key(name, options)} OR k_{name}.give IS NOT NULL)" for name in options.found)
    return f"SELECT s.file_id, s.line_no{selected}{more} FROM {rows} s{joins} WHERE ({condition}){found}"


def _translated(ours: str, part: Mapping[str, str], options: TableOptions) -> str:
    sql = part.get(ours, "NULL")
    if not (values := options.values.get(ours)):
        return sql
    cases = " ".join(f"WHEN {literal(theirs.casefold())} THEN {literal(to)}" for theirs, to in values.items())
    return f"CASE lower(trim({sql})) {cases} ELSE {sql} END"


# Keys that another file translates.


def make_lookup(workspace: Workspace, name: str, staged: str) -> None:
    """Make ``k_<name>``: the keys of a lookup that stand for one text alone. A key of several is an error (K03)."""
    options = workspace.mapping.lookups[name]
    keys = ", ".join(f"trim({quoted(label)}) AS k{at}" for at, label in enumerate(options.match))
    names = ", ".join(f"k{at}" for at in range(len(options.match)))
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE keyed AS SELECT file_id, line_no, {keys}, trim({quoted(options.give)}) AS give"
        f" FROM s_{staged}"
    )
    several = f"SELECT {names} FROM keyed GROUP BY ALL HAVING count(DISTINCT give) > 1"
    message = f"The key {{value}} stands for several values of {options.give}; correct the file."
    query = (
        f"SELECT file_id, line_no, concat_ws(' ', {names}) AS value FROM keyed SEMI JOIN ({several}) USING ({names})"
    )
    workspace.log.add_rows(query, "K03", ERROR, options.match[0], message)
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE k_{name} AS SELECT {names}, any_value(give) AS give FROM keyed"
        f" GROUP BY {names} HAVING count(DISTINCT give) = 1"
    )
    workspace.mark(USED, "SELECT file_id, line_no FROM keyed")


def _join(ours: str, options: TableOptions) -> str:
    one = options.found[ours]
    on = " AND ".join(f"k_{ours}.k{at} = trim(s.{quoted(label)})" for at, label in enumerate(one.by))
    return f" LEFT JOIN k_{one.lookup} k_{ours} ON {on}"


def _blank_key(ours: str, options: TableOptions) -> str:
    return f"coalesce(trim(s.{quoted(options.found[ours].by[0])}), '') = ''"


def _report_unfound(workspace: Workspace, staged: str, ours: str, options: TableOptions) -> None:
    one = options.found[ours]
    lookup = workspace.mapping.lookups[one.lookup]
    file = " or ".join(lookup.file)
    message = f"The {one.by[0]} {{value}} is not in {file}; deliver the row there, or correct the key."
    query = (
        f"SELECT s.file_id, s.line_no, s.{quoted(one.by[0])} AS value FROM s_{staged} s{_join(ours, options)}"
        f" WHERE NOT {_blank_key(ours, options)} AND k_{ours}.give IS NULL"
    )
    workspace.log.add_rows(query, "K03", ERROR, one.by[0], message)
