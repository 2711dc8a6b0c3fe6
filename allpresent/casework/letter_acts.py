"""What every act on letters does: who may, which letters, in which state, and one audit entry."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from allpresent.access.audit import record_each
from allpresent.access.models import User

from .errors import AlreadyChangedError, CaseworkError, NotVisibleError
from .models import Letter
from .models.letters import LetterState
from .permissions import check_may_all, local_day
from .transitions import audit_event, find_transition

ACTION = "send_letter"
REASON_MIN, REASON_MAX = 5, 500


def end_letters(
    ids: list[int], state: LetterState, user: User | None, reason: str, now: datetime, on: date | None = None
) -> None:
    values = {"ended_on": on or local_day(now), "ended_at": now, "ended_by": user, "reason": reason}
    Letter.objects.filter(pk__in=ids).update(state=state, **values)


def reason_words(reason: str) -> str:
    words = reason.strip()
    if not REASON_MIN <= len(words) <= REASON_MAX:
        raise CaseworkError(_("Say in a few words why."))
    return words


def check_sender(user: User, student_ids: Iterable[str], now: datetime) -> None:
    students = set(student_ids)
    if not students:
        raise CaseworkError(_("Choose at least one letter."))
    check_may_all(user, students, ACTION, local_day(now))


def chosen(user: User, letter_ids: Iterable[int], now: datetime) -> list[int]:
    """The ids, once each, after asking whether the person may send letters for every student."""
    ids = sorted(set(letter_ids))
    students = dict(Letter.objects.filter(pk__in=ids).values_list("pk", "student_id"))
    if len(students) != len(ids):
        raise NotVisibleError(_("There is no such letter."))
    check_sender(user, students.values(), now)
    return ids


def locked(ids: list[int], verb: str) -> list[Letter]:
    """The letters, held for this act. Raises AlreadyChangedError for one whose state no longer allows it."""
    rows = Letter.objects.select_for_update(of=("self",)).filter(pk__in=ids).select_related("student", "batch")
    letters = list(rows.order_by("pk"))
    for letter in letters:
        try:
            find_transition("letter", letter.state, verb)
        except CaseworkError as error:
            raise AlreadyChangedError(
                _("The letter of %(name)s is now in another state: %(state)s. Open the list again.")
                % {"name": letter.student.full_name, "state": letter.get_state_display()}
            ) from error
    return letters


def note(
    user: User | None,
    verb: str,
    ids: list[int],
    now: datetime,
    own: Mapping[str, dict[str, Any]] | None = None,
    **detail: Any,
) -> None:
    """One audit entry a student, with that student's letters and what `own` says of the student."""
    letters: dict[str, list[int]] = {}
    for student_id, pk in Letter.objects.filter(pk__in=ids).order_by("pk").values_list("student_id", "pk"):
        letters.setdefault(student_id, []).append(pk)
    record_each(
        user,
        audit_event("letter", verb),
        {pk: {"letters": members} | detail | (own or {}).get(pk, {}) for pk, members in letters.items()},
        at=now,
        object_kind="letter" if len(ids) == 1 else "letters",
        object_id=str(ids[0]) if len(ids) == 1 else "",
    )
