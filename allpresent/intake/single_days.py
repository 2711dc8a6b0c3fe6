"""Rule C01 of sources that deliver days: the days between the first and the last of a delivery are replaced whole.

A late correction beside tonight's day would clear all days between, and its own day but for itself.
"""

from allpresent.intake.drift import hold, marked_window
from allpresent.intake.workspace import Workspace
from allpresent.ledger import Version

_NAMED = 3  # days a sentence names
_BETWEEN = (
    "The delivery goes from {first} to {last} and has nothing of {days}, posted already, which would be cleared; "
    "deliver every day between, or a late correction in a delivery of its own, with the whole of its day."
)
_PARTLY = (
    "The delivery has marks of {days} and no attendance taken, which is posted already; a day is replaced whole, so "
    "deliver all marks of that day and where attendance was taken."
)
_OF_DAYS = """
    SELECT date, sum(mark) AS marks, sum(taken) AS taken FROM (
        SELECT school_id, date, 1 AS mark, 0 AS taken FROM {side}_marks WHERE counted = 1
        UNION ALL SELECT school_id, date, 0, 1 FROM {side}_taken)
    WHERE date BETWEEN DATE '{first}' AND DATE '{last}' AND school_id IN (SELECT school_id FROM c_schools) GROUP BY date
"""


def check_single_days(workspace: Workspace, version: Version | None) -> None:
    """Hold a delivery of days that would clear posted days it does not bring, or brings only in part."""
    if version is None or workspace.delivers != "days":
        return
    workspace.show("old_marks", version.table("attendance", ["school_id", "date", "counted"]))
    workspace.show("old_taken", version.table("attendance_taken", ["school_id", "date"]))
    workspace.run("CREATE OR REPLACE TEMP VIEW new_marks AS SELECT school_id, date, counted FROM c_attendance")
    workspace.run("CREATE OR REPLACE TEMP VIEW new_taken AS SELECT school_id, date FROM c_attendance_taken")
    first, last = marked_window(workspace)
    old, new = (_OF_DAYS.format(side=side, first=first, last=last) for side in ("old", "new"))
    rows = workspace.rows(
        f"SELECT o.date, n.date IS NULL FROM ({old}) o LEFT JOIN ({new}) n USING (date)"
        " WHERE n.date IS NULL OR (o.taken > 0 AND n.taken = 0) ORDER BY 1"
    )
    workspace.connection.unregister("old_marks")
    workspace.connection.unregister("old_taken")
    for sentence, is_without in ((_BETWEEN, True), (_PARTLY, False)):
        days = [str(day) for day, has_none in rows if has_none == is_without]
        if days:
            hold(workspace, sentence.format(first=first, last=last, days=_named(days)))


def _named(days: list[str]) -> str:
    more = f" and {len(days) - _NAMED:,} more days" if len(days) > _NAMED else ""
    return ", ".join(days[:_NAMED]) + more
