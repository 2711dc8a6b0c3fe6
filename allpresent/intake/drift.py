"""Rule C01: a delivery far from the last one, over the dates both cover, is held before any write.

Compared on the last school day both know: which students were enrolled where, how many student-days were missed up to
then and count, and on how many days the schools were in session and their students enrolled. Students are
compared by id, so a school whose students were swapped or renumbered stands out although its count has not changed.
"""

from dataclasses import dataclass
from datetime import date
from functools import partial

import pyarrow as pa

from allpresent.intake.changes import changed_columns
from allpresent.intake.checks import school_year_sql
from allpresent.intake.counting_days import counting_days
from allpresent.intake.emptied_days import emptied_days
from allpresent.intake.exchanged import exchanged_absences
from allpresent.intake.findings import ERROR
from allpresent.intake.new_days import days_to_come, far_ahead, unlikely_days
from allpresent.intake.tails import cut_files
from allpresent.intake.taken_sections import unseated_classes
from allpresent.intake.two_deliveries import compare_on, put_sides, show_delivered
from allpresent.intake.unmarked import SEVERAL_UNMARKED, UNMARKED, stray_absences, unmarked_schools
from allpresent.intake.workspace import Workspace
from allpresent.ledger import Version, school_year_of

_CUT_SHORT = (
    "the last rows of the last delivery are missing and no new row stands in their place, so the file may be cut "
    "short; deliver it again, or accept the delivery if they were taken back."
)


_NOTHING_TAKEN = (
    "No file says where attendance was taken, and the last delivery had one; deliver that file too, or accept the "
    "delivery: new days then count as not reported."
)
_EMPTIED = "{name}: {before} absences in the last delivery, {after} now, though school was held; marks may be missing."
_EXCHANGED = (
    "{name}: of {before} absences in the last delivery {after} are gone, and as many stand with other students or "
    "days; a column may have been sorted without the others."
)
_LEFT = "{name}: {before}, now {after}"
_NAMED = 3  # schools or grades a held delivery names


@dataclass(frozen=True)
class Difference:
    """One school before (posted) and after (delivered): students on the day compared, student-days missed up to it."""

    school_id: str
    students_before: int
    students_after: int
    absences_before: int
    absences_after: int


def check_drift(workspace: Workspace, version: Version | None, tables: dict[str, pa.Table]) -> list[Difference]:
    """Compare with what is posted; hold the delivery where it is too far away. The first has no rival."""
    for sentence in days_to_come(workspace):
        hold(workspace, sentence)
    newest = _newest_day(workspace)
    if newest is None:
        return []
    show_delivered(workspace)
    if workspace.delivers == "year":
        for sentence in far_ahead(workspace, newest):
            hold(workspace, sentence)
    if version is None or version.last_school_day is None:
        _hold_uncounted(workspace, newest, has_posted=False)
        return []
    posted = version.last_school_day
    put_sides(workspace, version)
    on = min(newest, posted)
    compare_on(workspace, on, marked_window(workspace) if workspace.delivers == "days" else (date.min, date.max))
    year_of = partial(school_year_of, year_starts=workspace.district.year_starts)
    is_same_year = year_of(newest) == year_of(posted)
    is_telling = tables["attendance_taken"].num_rows or not is_same_year or _loses_days(workspace, newest, posted)
    if newest < posted and is_telling and workspace.delivers == "year":
        hold(workspace, f"The newest school day delivered, {newest}, is older than {posted}, which is posted already.")
    # A file that was cut explains most of what the comparisons find, so it is said before them.
    if workspace.delivers == "year":
        for name in cut_files(workspace, version):
            hold(workspace, f"{name}: {_CUT_SHORT}")
    for places, one, several in counting_days(workspace, on):
        _hold_each(workspace, places, one, several)
    _compare_students(workspace)
    days, schools = emptied_days(workspace)
    _hold_each(workspace, days, _EMPTIED, "Nearly all absences are gone on {count} school days")
    _hold_each(workspace, schools, _EMPTIED, "Nearly all absences of some school days are gone at {count} schools")
    _compare_absences(workspace)
    _compare_whose(workspace)
    _hold_uncounted(workspace, newest, has_posted=True)
    _compare_taken(workspace)
    for sentence in unseated_classes(workspace, version):
        hold(workspace, sentence)
    for sentence in changed_columns(workspace, version, is_same_year=is_same_year):
        hold(workspace, sentence)
    if is_same_year and newest > posted:
        for sentence in unlikely_days(workspace, posted, newest):
            hold(workspace, sentence)
    return _by_school(workspace)


def _hold_uncounted(workspace: Workspace, newest: date, *, has_posted: bool) -> None:
    """Hold schools of a year with nothing posted that have no mark, and too many marks that count nowhere."""
    schools = unmarked_schools(workspace, newest, has_posted=has_posted)
    _hold_each(workspace, schools, UNMARKED, SEVERAL_UNMARKED, "{name}: {before} students, {after} days")
    for sentence in stray_absences(workspace, has_posted=has_posted):
        hold(workspace, sentence)


def _loses_days(workspace: Workspace, newest: date, posted: date) -> bool:
    """Whether absences of days behind the newest one delivered are posted: a few may all be taken back, many not."""
    lost = workspace.count(
        "SELECT count(DISTINCT (student_id, date)) FROM old_attendance WHERE counted = 1 AND portion_num > 0"
        f" AND category IN ('absent', 'partial') AND date > DATE '{newest}' AND date <= DATE '{posted}'"
    )
    return lost > workspace.district.drop_group_count


def hold(workspace: Workspace, message: str) -> None:
    """Keep the delivery from being posted unseen, and say why."""
    workspace.log.add("C01", ERROR, message)
    workspace.holds.append(message)


def _hold_each(
    workspace: Workspace, places: list[tuple[str, int, int]], one: str, several: str, worst: str = _LEFT
) -> None:
    """Hold for each school or grade, worst first; beyond a handful one sentence names the worst, and each is a finding.

    ``places`` are (name, before, after) with what is left of what was there, or two numbers of another kind, which
    ``worst`` tells. ``one`` is a sentence of ``{name}``, ``{before}``, ``{after}`` and ``{lost}``; ``several`` begins
    one of ``{count}``.
    """
    ordered = sorted(places, key=lambda place: -(abs(place[2] - place[1]) if worst == _LEFT else place[1]))
    told = [
        one.format(name=name, before=f"{before:,}", after=f"{after:,}", lost=f"{before - after:,}")
        for name, before, after in ordered
    ]
    if len(told) <= _NAMED:
        for message in told:
            hold(workspace, message)
        return
    for message in told:
        workspace.log.add("C01", ERROR, message)
    most = "; ".join(
        worst.format(name=name, before=f"{before:,}", after=f"{after:,}") for name, before, after in ordered[:_NAMED]
    )
    workspace.holds.append(f"{several.format(count=f'{len(told):,}')}. The most: {most}. The findings list them all.")


def _newest_day(workspace: Workspace) -> date | None:
    """The last delivered school day: in session, not after the newest attendance or attendance taken."""
    row = workspace.rows(
        "SELECT max(s.date) FROM sessions s WHERE s.date <= (SELECT max(date) FROM ("
        "SELECT max(date) AS date FROM c_attendance WHERE counted = 1"
        f" UNION ALL SELECT max(date) FROM c_attendance_taken WHERE date <= DATE '{workspace.today}'))"
    )[0][0]
    return row if isinstance(row, date) else None


def marked_window(workspace: Workspace) -> tuple[date, date]:
    """First and last date of the delivery's attendance and attendance taken; a day that never was when it has none."""
    row = workspace.rows(
        "SELECT min(date), max(date) FROM (SELECT date FROM c_attendance WHERE counted = 1"
        f" UNION ALL SELECT date FROM c_attendance_taken WHERE date <= DATE '{workspace.today}')"
    )[0]
    first, last = row
    return (first, last) if isinstance(first, date) and isinstance(last, date) else (date.max, date.max)


def _compare_students(workspace: Workspace) -> None:
    """Students of the day compared who are gone from the district, a school or a grade; and far too many new ones."""
    limits = workspace.district
    before = workspace.count("SELECT count(DISTINCT student_id) FROM active_old")
    after = workspace.count("SELECT count(DISTINCT student_id) FROM active_new")
    gone = workspace.count(
        "SELECT count(DISTINCT student_id) FROM active_old WHERE student_id NOT IN (SELECT student_id FROM active_new)"
    )
    if gone * 100 > limits.drop_students_pct * before:
        hold(workspace, f"{gone:,} of {before:,} students enrolled in the last delivery are missing from this one.")
    elif (after - before) * 100 > limits.drop_students_pct * before:
        hold(workspace, f"{after:,} students are enrolled where the last delivery had {before:,} for the same day.")
    for kind, column, match in (
        ("School", "school_id", "n.student_id = o.student_id AND n.school_id = o.school_id"),
        ("Grade", "grade", "n.student_id = o.student_id"),
    ):
        rows = workspace.rows(
            f"SELECT o.{column}, count(DISTINCT o.student_id), count(DISTINCT o.student_id) FILTER ("
            f"NOT EXISTS (SELECT 1 FROM active_new n WHERE {match})) FROM active_old o GROUP BY ALL ORDER BY 1"
        )
        far = [
            (str(name), int(str(had)), int(str(had)) - int(str(lost)))
            for name, had, lost in rows
            if int(str(lost)) * 100 > limits.drop_group_pct * int(str(had)) and int(str(lost)) > limits.drop_group_count
        ]
        _hold_each(
            workspace,
            [(place(workspace, kind, name), before, after) for name, before, after in far],
            "{name}: {lost} of {before} students of the last delivery are missing.",
            f"Students of the last delivery are missing in {{count}} {kind.lower()}s",
        )


def _compare_absences(workspace: Workspace) -> None:
    """Absences of the dates both cover that are gone; and far too many new ones on days before the one compared."""
    # A day that is in session no more is the calendar's business, whether its marks are gone or count for nobody.
    workspace.run(
        "CREATE OR REPLACE TEMP VIEW open_before AS FROM missed_old ANTI JOIN closed_now USING (school_id, date)"
    )
    for kind, column in (("The district", "''"), ("School", "school_id"), ("Grade", "grade")):
        rows = workspace.rows(
            f"SELECT name, sum(old), sum(new) FROM (SELECT {column} AS name, 1 AS old, 0 AS new FROM open_before"
            f" UNION ALL SELECT {column}, 0, 1 FROM missed_new) GROUP BY name ORDER BY name"
        )
        far = [(str(name), int(str(old)), int(str(new))) for name, old, new in rows]
        _hold_each(
            workspace,
            [
                (place(workspace, kind, name), before, after)
                for name, before, after in far
                if _is_far(workspace, before - after, before)
            ],
            "{name}: {before} days of absence in the last delivery, {after} now, up to the same day.",
            f"Fewer days of absence than in the last delivery, up to the same day, in {{count}} {kind.lower()}s",
        )
    # Today's marks are often still coming in when a delivery is made, so the last day may fill up later.
    day = "date < (SELECT day FROM compared_on)"
    before = workspace.count(f"SELECT count(*) FROM open_before WHERE {day}")
    after = workspace.count(f"SELECT count(*) FROM missed_new WHERE {day}")
    if _is_far(workspace, after - before, before):
        hold(
            workspace,
            f"The district: {after:,} days of absence where the last delivery had {before:,} for the same dates.",
        )


def _compare_whose(workspace: Workspace) -> None:
    """Absences that went to other students or days: totals do not tell of them."""
    for kind, column in (("The district", "''"), ("School", "school_id")):
        _hold_each(
            workspace,
            [
                (place(workspace, kind, name), before, others)
                for name, before, others in exchanged_absences(workspace, column)
                if _is_far(workspace, others, before)
            ],
            _EXCHANGED,
            "Absences stand with other students or days than in the last delivery at {count} schools",
            "{name}: {after} of {before}",
        )


def _compare_taken(workspace: Workspace) -> None:
    """School days on which a school took attendance, and took none any more: they would read as not reported."""
    if "attendance_taken" not in workspace.came:
        if workspace.count("SELECT count(*) FROM old_attendance_taken WHERE date > (SELECT day - 30 FROM compared_on)"):
            hold(workspace, _NOTHING_TAKEN)
        return
    year = school_year_sql("o.date", workspace.district.year_starts)
    rows = workspace.rows(
        "SELECT o.school_id, count(*), count(*) FILTER (n.date IS NULL) FROM ("
        "SELECT DISTINCT school_id, date FROM old_attendance_taken) o LEFT JOIN ("
        "SELECT DISTINCT school_id, date FROM new_attendance_taken) n USING (school_id, date)"
        f" WHERE (o.school_id, {year}) IN (SELECT (school_id, year) FROM both_years)"
        " AND o.date < (SELECT day FROM compared_on) AND o.date BETWEEN (SELECT first FROM compared_on)"
        " AND (SELECT last FROM compared_on) GROUP BY o.school_id ORDER BY o.school_id"
    )
    limits = workspace.district
    for school, days, gone in ((str(a), int(str(b)), int(str(c))) for a, b, c in rows):
        if gone * 100 > limits.drop_group_pct * days and gone > limits.drop_group_count:
            hold(
                workspace,
                f"{workspace.called(school)}: attendance was taken on {days:,} days, and on {gone:,} of them no more.",
            )


def place(workspace: Workspace, kind: str, name: str) -> str:
    """The district, a school or a grade, at the beginning of a sentence."""
    return workspace.called(name) if kind == "School" else f"{kind} {name}".strip()


def _is_far(workspace: Workspace, change: int, before: int) -> bool:
    limits = workspace.district
    return change * 100 > limits.drop_absences_pct * before and change > limits.drop_absences_count


def _by_school(workspace: Workspace) -> list[Difference]:
    rows = workspace.rows(
        "SELECT school_id, sum(sb), sum(sa), sum(ab), sum(aa) FROM ("
        " SELECT school_id, 1 AS sb, 0 AS sa, 0 AS ab, 0 AS aa FROM active_old"
        " UNION ALL SELECT school_id, 0, 1, 0, 0 FROM active_new"
        " UNION ALL SELECT school_id, 0, 0, 1, 0 FROM missed_old"
        " UNION ALL SELECT school_id, 0, 0, 0, 1 FROM missed_new) GROUP BY school_id ORDER BY school_id"
    )
    return [Difference(str(row[0]), *(int(str(value)) for value in row[1:])) for row in rows]
