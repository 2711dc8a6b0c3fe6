"""What schools themselves promised, as a report tells it. Schools are counted here, no student: nothing is hidden."""

from allpresent.reports.context import Context, PromiseLine
from allpresent.reports.document import TEXT, Column, Table

_STATES = ("In place", "Begun", "Ended", "Not recorded")
_NOTE = "Begun: not all people it needs are named, trained or paid. Not recorded: nobody wrote it down."


def own_promises(made: Context) -> list[Table]:
    """One line a promise: how many schools have it in place, or, of one school, how it stands."""
    if not made.promises:
        return []
    if made.scope.school_id:
        columns = (Column("Promise", TEXT), Column("State", TEXT))
        rows = tuple((line.promise, _state(line)) for line in made.promises)
        return [Table("own_promises", "What the school itself promised", columns, rows, note=_NOTE)]
    counted = (Column("Promise", TEXT), *(Column(state) for state in _STATES))
    lines = tuple((line.promise, *line.schools) for line in made.promises)
    return [Table("own_promises", "What the schools themselves promised", counted, lines, note=_NOTE)]


def _state(line: PromiseLine) -> str:
    return next((state for state, count in zip(_STATES, line.schools, strict=True) if count), _STATES[-1])
