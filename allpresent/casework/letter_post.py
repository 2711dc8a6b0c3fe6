"""How letters leave the house, and what comes back: mailed, taken back within ten minutes, returned by the post."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils.translation import gettext as _

from allpresent.access import once
from allpresent.access.models import User

from .closing import reopen_closed_by
from .days import day_words
from .errors import CaseworkError
from .letter_acts import chosen, end_letters, locked, note, reason_words
from .models import CaseStep, Letter
from .models.letters import LEFT_HOUSE, Channel, LetterState
from .models.steps import StepState
from .permissions import local_day
from .slips import is_slip
from .transitions import find_transition


def mail_letters(user: User, letter_ids: Iterable[int], on: date, channel: str, key: str, now: datetime) -> int:
    """Say on which day produced letters left and how; the steps that promised them are done on that day."""
    ids = chosen(user, letter_ids, now)
    if channel not in Channel.values:
        raise CaseworkError(_("Choose how the letters left."))

    def mail() -> str:
        letters = locked(ids, "mail")
        made_on = max(letter.batch.made_on for letter in letters if letter.batch)
        if not made_on <= on <= local_day(now):
            raise CaseworkError(
                _("Give a day from %(first)s, when the letters were produced, to today.")
                % {"first": day_words(made_on)}
            )
        values = {"mailed_on": on, "mailed_by": user, "mailed_at": now, "channel": channel}
        Letter.objects.filter(pk__in=ids).update(state=LetterState.MAILED, **values)
        closed = _close_steps(letters, on, user, now)
        note(user, "mail", ids, now, _by_student("closed_steps", closed), on=on.isoformat(), channel=channel)
        return str(len(ids))

    return int(once(key, user, "letters:mail", mail, at=now))


def _by_student(name: str, steps: dict[str, list[int]]) -> dict[str, dict[str, list[int]]]:
    return {student_id: {name: sorted(ids)} for student_id, ids in steps.items()}


def _close_steps(letters: list[Letter], on: date, user: User, now: datetime) -> dict[str, list[int]]:
    """Close exactly the promise each letter keeps: another letter to the same family is another promise.

    Returns the steps closed by student.
    """
    find_transition("step", StepState.OPEN, "mail_letter")
    by_promise = {(letter.student_id, letter.step_key): letter for letter in letters if letter.step_key}
    students = {student_id for student_id, _key in by_promise}
    steps = CaseStep.objects.select_for_update(of=("self",)).filter(
        case__student_id__in=students, state=StepState.OPEN, promise__evidence="letter_mailed"
    )
    closed = []
    for step in steps.select_related("case").order_by("pk"):
        letter = by_promise.get((step.case.student_id, step.step_key))
        if letter is not None:
            step.state, step.ended_on, step.ended_at, step.done_by = StepState.DONE, on, now, user
            step.evidence_reference = letter.reference
            closed.append(step)
    fields = ["state", "ended_on", "ended_at", "done_by", "evidence_reference"]
    CaseStep.objects.bulk_update(closed, fields, batch_size=100)
    return {pk: [step.pk for step in closed if step.case.student_id == pk] for pk in students}


def undo_mailing(user: User, letter_ids: Iterable[int], key: str, now: datetime) -> int:
    """Take back, within ten minutes, that letters left: who said so alone. The steps are open again."""
    ids = chosen(user, letter_ids, now)

    def undo() -> str:
        letters = locked(ids, "undo_mailing")
        for letter in letters:
            if not is_slip(user, letter.mailed_by_id, letter.mailed_at, now):
                raise CaseworkError(_("Only who said that a letter left can take it back, for ten minutes."))
        values = {"mailed_on": None, "mailed_by": None, "mailed_at": None, "channel": ""}
        Letter.objects.filter(pk__in=ids).update(state=LetterState.PRODUCED, **values)
        find_transition("step", StepState.DONE, "undo_mailing")
        opened: dict[str, list[int]] = {}
        for letter in letters:
            opened.setdefault(letter.student_id, []).extend(_reopen(letter))
        note(user, "undo_mailing", ids, now, _by_student("opened_steps", opened))
        return str(len(ids))

    return int(once(key, user, "letters:unmail", undo, at=now))


def _reopen(letter: Letter) -> list[int]:
    """Open the promise again, unless another recipient's letter has left: then that one keeps it."""
    opened = reopen_closed_by(letter.reference)
    other = (
        Letter.objects.filter(student_id=letter.student_id, school_year=letter.school_year, state__in=LEFT_HOUSE)
        .filter(kind=letter.kind, step_key=letter.step_key)
        .order_by("mailed_on", "pk")
        .first()
    )
    if not opened or other is None or other.mailed_on is None:
        return opened
    CaseStep.objects.filter(pk__in=opened).update(
        state=StepState.DONE,
        ended_on=other.mailed_on,
        ended_at=other.mailed_at,
        done_by=other.mailed_by,
        evidence_reference=other.reference,
    )
    return []


def return_letter(user: User, letter_id: int, on: date, reason: str, key: str, now: datetime) -> Letter:
    """Say that a mailed letter came back. The promise to mail it stays kept; the family has to be reached otherwise."""
    ids, words = chosen(user, [letter_id], now), reason_words(reason)

    def come_back() -> str:
        (letter,) = locked(ids, "return")
        if letter.mailed_on is None or not letter.mailed_on <= on <= local_day(now):
            raise CaseworkError(_("Give a day from the one the letter left to today."))
        end_letters(ids, LetterState.RETURNED, user, words, now, on)
        note(user, "return", ids, now, on=on.isoformat())
        return str(len(ids))

    once(key, user, f"letter:return:{letter_id}", come_back, at=now)
    return Letter.objects.get(pk=letter_id)
