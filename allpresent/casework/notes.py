"""Notes: something worth remembering, which closes nothing."""

from datetime import datetime

from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.models import User

from .errors import CaseworkError
from .models import Note
from .permissions import check_may, local_day

NOTE_MAX = 4000


def add_note(user: User, student_id: str, text: str, key: str, now: datetime) -> Note:
    """Keep a note on the student. No step, list or count changes by it."""
    check_may(user, student_id, "log_contact", local_day(now))
    words = text.strip()
    if not words:
        raise CaseworkError(_("Write the note first."))
    if len(words) > NOTE_MAX:
        raise CaseworkError(_("The note is longer than %(most)d letters; shorten it.") % {"most": NOTE_MAX})

    def add() -> str:
        note = Note.objects.create(student_id=student_id, by=user, at=now, text=words)
        record(user, "note.added", at=now, student_id=student_id, object_kind="note", object_id=str(note.pk))
        return str(note.pk)

    return Note.objects.get(pk=int(once(key, user, f"note:{student_id}", add, at=now)))
