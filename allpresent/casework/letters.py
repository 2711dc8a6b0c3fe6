"""What people and the night do with a letter: verify, approve, produce, mail, take back, and what a correction ends.

The words are kept when the letter is verified; a second person approves those words, and those words are printed.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from allpresent.access import once
from allpresent.access.models import User
from allpresent.measures.engine import Facts
from allpresent.policy.letters import LetterError, load_letters
from allpresent.roster.models import Student

from .errors import AlreadyChangedError, CaseworkError
from .letter_acts import check_sender, chosen, end_letters, locked, note, reason_words
from .letter_reasons import Candidate, Ground, find_candidates
from .letter_recipients import Recipient
from .letter_words import family_words, speaks_to_several, write_letter
from .models import Letter, LetterBatch
from .models.letters import IN_HOUSE, LetterState
from .models.steps import Ending
from .permissions import local_day
from .transitions import find_transition

_WRITING = (LetterState.VERIFIED, LetterState.APPROVED, LetterState.PRODUCED)


def verify_letters(user: User, ground: Ground, wanted: Iterable[tuple[str, str]], key: str, now: datetime) -> int:
    """Say that letters (student and kind) are called for; one a recipient is written and waits for a second person.

    One that cannot be written is held with the sentence that says why. Returns how many were written. CaseworkError
    when a letter is no longer called for, or the student left, or nobody may be written to.
    """
    chosen = sorted(set(wanted))
    check_sender(user, (student_id for student_id, _kind in chosen), now)

    def verify() -> str:
        students = Student.objects.filter(pk__in=[student_id for student_id, _kind in chosen])
        called_for = {one.key: one for one in find_candidates(students, ground, _WRITING)}
        if gone := [key for key in chosen if key not in called_for or called_for[key].is_blocked]:
            raise AlreadyChangedError(_no_longer(gone))
        ids = _write([called_for[key] for key in chosen], ground, user, now)
        note(user, "verify", ids, now, as_of=ground.as_of.isoformat(), delivery=ground.facts.delivery_id)
        return str(len(ids))

    try:
        return int(once(key, user, "letters:verify", verify, at=now))
    except IntegrityError as error:
        raise AlreadyChangedError(_("Somebody verified one of these letters first; open the list again.")) from error


def _no_longer(gone: list[tuple[str, str]]) -> str:
    names = Student.objects.filter(pk__in=[student_id for student_id, _kind in gone]).values_list(
        "full_name", flat=True
    )
    return _("A letter is no longer called for, or may not be sent: %(names)s. Open the list again.") % {
        "names": "; ".join(names[:3])
    }


def _write(candidates: list[Candidate], ground: Ground, user: User, now: datetime) -> list[int]:
    """Rows for letters verified now; a letter that was held is written anew in its row."""
    book = load_letters(ground.home)
    held = {
        (row.student_id, row.kind, row.contact_id): row.pk
        for row in Letter.objects.select_for_update().filter(
            state=LetterState.HELD, student__in=[one.student for one in candidates], school_year=ground.school_year
        )
    }
    ids = []
    for one, to in [(each, to) for each in candidates for to in each.recipients]:
        values: dict[str, Any] = _said_of(one, to, ground) | {"verified_by": user, "verified_at": now}
        try:
            template, words = write_letter(one, to, book, ground)
        except LetterError as error:
            values |= {"state": LetterState.HELD, "held_because": str(error)}
        else:
            values |= {"state": LetterState.VERIFIED, "held_because": "", "title": words.title}
            values |= {"paragraphs": list(words.paragraphs), "template_version": template.version}
            values["is_template_approved"] = template.is_approved
        key = held.get((*one.key, to.contact_id))
        before = LetterState.HELD if key else ""
        find_transition("letter", before, "hold" if values["state"] == LetterState.HELD else "verify")
        row = Letter(pk=key, **values)
        row.save()
        ids.append(row.pk)
    return ids


def _said_of(one: Candidate, to: Recipient, ground: Ground) -> dict[str, Any]:
    return {
        "student": one.student,
        "school": one.student.school,
        "school_year": ground.school_year,
        "kind": one.kind,
        "contact_id": to.contact_id,
        "reason_key": one.reason_key,
        "step_key": one.step_key,
        "language": to.language,
        "family": family_words(one, to),
        "delivery_id": ground.facts.delivery_id,
        "as_of": ground.as_of,
        "days": [day.isoformat() for day in one.days],
    }


def approve_letters(user: User, ground: Ground, letter_ids: Iterable[int], key: str, now: datetime) -> int:
    """Approve the words of letters somebody else verified, while the record still bears them out."""
    ids = chosen(user, letter_ids, now)

    def approve() -> str:
        letters = locked(ids, "approve")
        if any(letter.verified_by_id == user.pk for letter in letters):
            raise CaseworkError(_("You verified one of these letters; somebody else has to approve it."))
        if wrong := _unfounded(letters, ground):
            names = "; ".join(letter.student.full_name for letter in list(wrong)[:3])
            raise AlreadyChangedError(
                _("The record no longer bears out the letter of %(names)s; pull it back.") % {"names": names}
            )
        values = {"state": LetterState.APPROVED, "approved_by": user, "approved_at": now}
        Letter.objects.filter(pk__in=ids).update(**values)
        note(user, "approve", ids, now)
        return str(len(ids))

    return int(once(key, user, "letters:approve", approve, at=now))


def produce_letters(user: User, letter_ids: Iterable[int], key: str, now: datetime) -> list[int]:
    """Put approved letters together, one print file a language. Returns the ids of the batches."""
    ids = chosen(user, letter_ids, now)

    def produce() -> str:
        by_language: dict[str, list[int]] = {}
        for letter in locked(ids, "produce"):
            by_language.setdefault(letter.language, []).append(letter.pk)
        made = []
        for language, members in sorted(by_language.items()):
            batch = LetterBatch.objects.create(language=language, made_by=user, made_at=now, made_on=local_day(now))
            Letter.objects.filter(pk__in=members).update(state=LetterState.PRODUCED, batch=batch)
            note(user, "produce", members, now, batch=batch.pk)
            made.append(batch.pk)
        return _joined(made)

    return _split(once(key, user, "letters:produce", produce, at=now))


def pull_back_letters(user: User, letter_ids: Iterable[int], reason: str, key: str, now: datetime) -> int:
    """Stop letters that have not left, for a reason in words; they may be verified anew."""
    ids, words = chosen(user, letter_ids, now), reason_words(reason)

    def pull_back() -> str:
        locked(ids, "pull_back")
        end_letters(ids, LetterState.PULLED_BACK, user, words, now)
        note(user, "pull_back", ids, now)
        return str(len(ids))

    return int(once(key, user, "letters:pull_back", pull_back, at=now))


def withdraw_unfounded(home: Path, facts: Facts, as_of: date, now: datetime) -> int:
    """For the night, after the steps: withdraw letters still in the house that the record no longer bears out.

    Their reason is gone, a day they name no longer counts, the student left, or the year is over. Returns how many.
    """
    with transaction.atomic():
        letters = list(
            Letter.objects.select_for_update(of=("self",)).filter(state__in=IN_HOUSE).select_related("student")
        )
        if not letters:
            return 0
        wrong = _unfounded(letters, Ground.read(home, facts, as_of))
        by_reason: dict[str, list[int]] = {}
        for letter, ending in wrong.items():
            find_transition("letter", letter.state, "withdraw")
            by_reason.setdefault(ending, []).append(letter.pk)
        for ending, ids in sorted(by_reason.items()):
            end_letters(ids, LetterState.WITHDRAWN, None, ending, now)
            note(None, "withdraw", ids, now, because=ending, delivery=facts.delivery_id)
    return len(wrong)


def _unfounded(letters: list[Letter], ground: Ground) -> dict[Letter, str]:
    """The letters the record does not bear out, with the ending that says why."""
    students = Student.objects.filter(pk__in=[letter.student_id for letter in letters])
    called_for = {one.key: one for one in find_candidates(students, ground, is_written=True)}
    found = {}
    for letter in letters:
        one = called_for.get((letter.student_id, letter.kind))
        if letter.school_year != ground.school_year:
            found[letter] = Ending.YEAR_ENDED.value
        elif not letter.student.is_enrolled:
            found[letter] = Ending.LEFT.value
        elif one is None or set(letter.days) - {day.isoformat() for day in one.days}:
            found[letter] = Ending.CORRECTED.value
        elif letter.contact_id and (ending := _misaddressed(letter, one)):
            found[letter] = ending
    return found


def _misaddressed(letter: Letter, one: Candidate) -> str:
    """Why a letter may not go to whom it names: somebody is barred, or does not live with the other any more."""
    to = next((to for to in one.recipients if letter.contact_id in to.contact_ids), None)
    if to is None:
        return Ending.BARRED.value
    if speaks_to_several(letter.family) and letter.family != family_words(one, to):
        return Ending.CORRECTED.value
    return ""


def _joined(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))


def _split(joined: str) -> list[int]:
    return [int(part) for part in joined.split(",")]
