"""Referrals at work: which are without an answer or an update, what was said, how many came to what."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from allpresent.access import visible_students
from allpresent.access.models import Grant, User
from allpresent.access.reasons import relations_of_scope
from allpresent.access.roles import ACTIONS
from allpresent.casework.models import MeetingDecision, Referral, ReferralUpdate
from allpresent.casework.models.meetings import DecisionState
from allpresent.casework.models.referrals import ENDS, ReferralState, Work, heard_on
from allpresent.casework.referral_updates import ACTION
from allpresent.policy.services import Rhythm, rhythm_of
from allpresent.roster.models import Student

_SAID = (
    *(("update_id", "pk"), ("referral_id", "referral_id"), ("on", "on"), ("work", "work"), ("said_by", "said_by")),
    *(("text", "text"), ("at", "at"), ("by", "by__full_name"), ("email", "by__email"), ("by_id", "by_id")),
)


@dataclass(frozen=True, slots=True)
class Said:
    """One update as it was given."""

    update_id: int
    referral_id: int
    on: date
    work: str
    said_by: str
    text: str
    at: datetime
    by: str
    by_id: int

    @property
    def label(self) -> str:
        """How the work stood, in words."""
        return str(Work(self.work).label)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A referral under way: of whom, where, and when the place was heard of last."""

    referral_id: int
    student_id: str
    full_name: str
    service: str
    owner: str
    heard_on: date
    last_work: str  # blank before the first update
    rhythm: Rhythm


@dataclass(frozen=True)
class Silence:
    """Students with a referral to speak of, by what is the matter."""

    without_answer: frozenset[str]  # nobody answered by the day agreed, or it was declined since the last meeting
    without_update: frozenset[str]  # accepted, and silent for longer than agreed
    the_districts: frozenset[str]  # silent for so long that the district's team hears of it


class Came(StrEnum):
    """What became of a referral, each in one kind alone."""

    AWAITED = "awaited"  # no answer yet, and its day has not passed
    UNANSWERED = "unanswered"  # no answer by its day
    DECLINED = "declined"
    IN_TOUCH = "in_touch"  # accepted, and heard of in time
    SILENT = "silent"  # accepted, and the update is past due
    SERVED = "served"
    STOPPED = "stopped"
    LEFT = "left"  # the student left before any of these


CAME = tuple(Came)


class _Rhythms(dict[str, Rhythm]):
    """The rhythm of each service asked for, read once."""

    def __missing__(self, service: str) -> Rhythm:
        self[service] = rhythm_of(service)
        return self[service]


def silence(on: date, since: datetime | None) -> Silence:
    """Whose referral belongs on an agenda. `since` is when the last meeting began. One query."""
    late = Q(state=ReferralState.OPEN, decision__state=DecisionState.OPEN, decision__due_on__lt=on)
    declined = Q(state=ReferralState.DECLINED)
    declined = declined & Q(recorded_at__gt=since) if since else declined
    rows = Referral.objects.filter(late | declined | Q(state=ReferralState.ACCEPTED)).annotate(heard_on=heard_on())
    rhythms, found = _Rhythms(), defaultdict[str, set[str]](set)
    for student_id, state, service, heard in rows.values_list("student_id", "state", "service", "heard_on"):
        if state != ReferralState.ACCEPTED:
            found["answer"].add(student_id)
        elif rhythms[service].is_past_due(heard, on):
            found["update"].add(student_id)
            if rhythms[service].is_the_districts(heard, on):
                found["district"].add(student_id)
    return Silence(frozenset(found["answer"]), frozenset(found["update"]), frozenset(found["district"]))


def awaited(user: User, on: date, *, everybody: bool = False) -> list[Awaited]:
    """Referrals under way that the person follows up, or that anybody does about students the person may follow.

    Who was heard of longest ago comes first. One query.
    """
    rows = Referral.objects.filter(
        state=ReferralState.ACCEPTED, student__is_enrolled=True, student_id__in=_followed(user, on).values("pk")
    )
    rows = rows if everybody else rows.filter(decision__owner=user)
    last = _standing_updates().order_by("-on", "-pk").values("work")[:1]
    told = rows.annotate(heard_on=heard_on(), last_work=Subquery(last)).select_related("student", "decision__owner")
    rhythms = _Rhythms()
    return [
        Awaited(
            row.pk,
            row.student_id,
            row.student.full_name,
            row.service,
            str(row.decision.owner or ""),
            row.heard_on,
            row.last_work or "",
            rhythms[row.service],
        )
        for row in told.order_by("heard_on", "pk")
    ]


def _standing_updates() -> QuerySet[ReferralUpdate]:
    return ReferralUpdate.objects.filter(referral=OuterRef("pk"), undone_at=None)


def _followed(user: User, on: date) -> QuerySet[Student]:
    """The students a person sees by a relation that follows referrals up, and by no other."""
    held = Grant.objects.in_force(on).filter(user_id=user.pk, relation__in=ACTIONS[ACTION])
    schools = held.filter(object_kind=Grant.Kind.SCHOOL, relation__in=relations_of_scope("S"))
    named = held.filter(object_kind=Grant.Kind.STUDENT)
    return visible_students(user, on).filter(
        Exists(held.filter(object_kind=Grant.Kind.DISTRICT))
        | Q(school_id__in=schools.values("object_id"))
        | Q(pk__in=named.values("object_id"))
    )


def with_updates(decisions: QuerySet[MeetingDecision]) -> list[tuple[MeetingDecision, tuple[Said, ...]]]:
    """Decisions in their order, each with what was said since of its referral, oldest first. One query."""
    standing = FilteredRelation("referral__updates", condition=Q(referral__updates__undone_at=None))
    rows = decisions.annotate(said=standing).annotate(**{f"said_{key}": F(f"said__{path}") for key, path in _SAID})
    found: dict[int, tuple[MeetingDecision, list[Said]]] = {}
    for row in rows.order_by("pk", F("said__on"), F("said__pk")):
        one = found.setdefault(row.pk, (row, []))
        values = {key: getattr(row, f"said_{key}") for key, _path in _SAID}
        if values["update_id"] is not None:
            one[1].append(_said(values))
    return [(row, tuple(said)) for row, said in found.values()]


def _said(values: dict[str, Any]) -> Said:
    email = values.pop("email")
    return Said(**values | {"by": values["by"] or email})


def updates_of(referral_id: int) -> tuple[Said, ...]:
    """What was said of one referral, oldest first. One query."""
    rows = ReferralUpdate.objects.filter(referral_id=referral_id, undone_at=None).order_by("on", "pk")
    return tuple(_said({key: row[path] for key, path in _SAID}) for row in rows.values(*(path for _key, path in _SAID)))


def came_to(on: date, school_ids: Collection[str]) -> dict[str, tuple[int, ...]]:
    """By school how many referrals came to what, in the order of CAME. One query.

    The school is the one whose meeting referred, of the district's meeting the student's own.
    """
    school = Coalesce("decision__item__meeting__school_id", "student__school_id")
    ended = _standing_updates().filter(work__in=ENDS).values("work")[:1]
    standing = Referral.objects.exclude(state=ReferralState.TAKEN_BACK)
    rows = standing.annotate(heard_on=heard_on(), at=school, ended=Subquery(ended))
    rhythms, counts = _Rhythms(), {key: [0] * len(CAME) for key in school_ids}
    for row in rows.filter(at__in=list(school_ids)).select_related("decision", "student"):
        came = _came(row, row.heard_on, row.ended, rhythms[row.service], on)
        counts[row.at][CAME.index(came)] += 1
    return {key: tuple(found) for key, found in counts.items()}


def _came(row: Referral, heard: date, ended: str | None, rhythm: Rhythm, on: date) -> Came:
    if row.state == ReferralState.DECLINED:
        return Came.DECLINED
    if row.state == ReferralState.CLOSED:
        return Came.STOPPED if ended == Work.STOPPED else Came.SERVED
    if not row.student.is_enrolled:
        return Came.LEFT
    if row.state == ReferralState.ACCEPTED:
        return Came.SILENT if rhythm.is_past_due(heard, on) else Came.IN_TOUCH
    return Came.UNANSWERED if row.is_without_answer(on) else Came.AWAITED
