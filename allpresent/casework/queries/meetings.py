"""What a meeting is made of: its agenda, what was decided and is due, what was held in a year."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet

from allpresent.access import visible_students
from allpresent.access.models import User
from allpresent.casework.models import (
    Case,
    CaseStep,
    ContactAttempt,
    LevelCrossing,
    Meeting,
    MeetingDecision,
    MeetingItem,
    PromisedStep,
)
from allpresent.casework.models.contacts import Result
from allpresent.casework.models.meetings import DecisionKind, DecisionState, MeetingState, Reason
from allpresent.casework.models.referrals import ReferralState, heard_on
from allpresent.casework.models.steps import StepState
from allpresent.casework.models.success_plans import PlanReview, PlanState
from allpresent.policy.services import rhythm_of
from allpresent.roster.models import Student

from .referrals import silence, with_updates
from .student import Event

DISTRICT_TEAM = "district_attendance_team"
AGENDA_MAX = 40
REASON_KEYS = tuple(Reason.values)


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One student whom the team should speak of: the level of the case, and the reasons, most pressing first."""

    student_id: str
    full_name: str
    level: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """One decision that waits: whose, what, by whom and by when."""

    decision_id: int
    student_id: str
    full_name: str
    kind: str
    words: str
    owner: str
    due_on: date | None
    service: str = ""  # of a referral
    handed_from: str = ""  # who was to do it and no longer sees the student, while nobody else is named

    @property
    def label(self) -> str:
        """What was decided, in words."""
        return str(DecisionKind(self.kind).label)


class Waiting(NamedTuple):
    """What waits for a person: decisions, those of them overdue, and partners whose update is past due."""

    decisions: int
    overdue: int
    silent: int


@dataclass(frozen=True)
class Held:
    """What one team held: the days it met by month (year, month), and the students spoken of."""

    days: dict[tuple[int, int], list[date]] = field(default_factory=dict)
    students: int = 0
    decisions: int = 0


def last_meeting_at(school_id: str | None) -> datetime | None:
    """When the team's last meeting began."""
    found = Meeting.objects.filter(school_id=school_id).aggregate(last=Max("started_at"))["last"]
    return found if isinstance(found, datetime) else None


def make_agenda(
    user: User, on: date, school_id: str | None, since: datetime | None, silent_since: date
) -> list[AgendaLine]:
    """The students to speak of, the highest level first and within it the most pressing reasons. Twelve queries.

    The district's team speaks of those whom the protocol hands to its meeting, of everybody where it hands it nobody,
    and of those of whom a partner has said nothing for too long.
    `since` is when the last meeting began, None before the first. A level crossed since then is news; where the
    protocol promises that the team takes the student up, it is so until the team did, so that whom one meeting does
    not come to is on the next one's list. A student whom the team closed with a reason comes back when something new
    happens: a level crossed, or a step overdue.
    """
    seen, silent = visible_students(user, on), silence(on, since)
    students = seen.filter(school_id=school_id) if school_id is not None else _handed_over(seen, silent.the_districts)
    names = dict(students.order_by().values_list("pk", "full_name"))
    levels = dict(Case.objects.filter(closed_on=None).values_list("student_id", "level"))
    found: dict[str, set[str]] = {
        Reason.CROSSED: _crossed(school_id, since),
        Reason.OVERDUE: _of_steps(CaseStep.objects.filter(due_on__lt=on)),
        Reason.UNOWNED: _unowned(),
        Reason.REVIEW: reviews_due(on),
        Reason.REFERRAL: set(silent.without_answer),
        Reason.UPDATE: set(silent.without_update),
    }
    waiting = _of_steps(CaseStep.objects.all())
    old = set(Case.objects.filter(closed_on=None, opened_on__lte=silent_since).values_list("student_id", flat=True))
    reached = _reached()
    closed = _set_aside()
    found[Reason.NEVER_REACHED] = (waiting & old) - reached.keys() - closed
    found[Reason.SILENT] = {pk for pk in waiting & old & reached.keys() if reached[pk] < silent_since} - closed
    lines = [
        AgendaLine(pk, names[pk], levels[pk], tuple(key for key in REASON_KEYS if pk in found.get(key, ())))
        for pk in set().union(*found.values()) & names.keys() & levels.keys()
    ]
    return sorted(lines, key=_pressing)


def _pressing(line: AgendaLine) -> tuple[int, int, int, str]:
    number = int(line.level[1:]) if line.level[1:].isdecimal() else 0
    return -number, REASON_KEYS.index(line.reasons[0]), -len(line.reasons), line.full_name


def _handed_over(students: QuerySet[Student], more: Collection[str]) -> QuerySet[Student]:
    """Those with a step, open or done, that the district team's meeting closes; and those whose ids are `more`."""
    own = PromisedStep.objects.filter(owner_role=DISTRICT_TEAM, evidence="meeting")
    if not own.exists():
        return students
    steps = CaseStep.objects.filter(promise__in=own, case__closed_on=None).exclude(state=StepState.WITHDRAWN)
    return students.filter(Q(pk__in=steps.values("case__student_id")) | Q(pk__in=more))


def _crossed(school_id: str | None, since: datetime | None) -> set[str]:
    """Students who crossed a level that no school's team has spoken of since; for the district's own, not it itself."""
    spoken = MeetingItem.objects.filter(
        student_id=OuterRef("case__student_id"),
        meeting__school__isnull=school_id is None,
        discussed_at__gte=OuterRef("noticed_at"),
    )
    waits = CaseStep.objects.filter(case_id=OuterRef("case_id"), state=StepState.OPEN, promise__evidence="meeting")
    is_districts = Q(owner_role=DISTRICT_TEAM)
    waits = waits.filter(is_districts if school_id is None else ~is_districts)
    rows = LevelCrossing.objects.filter(~Exists(spoken), case__closed_on=None, is_withdrawn=False, is_skipped=False)
    if since is not None:
        rows = rows.filter(Q(noticed_at__gt=since) | Exists(waits))
    return set(rows.values_list("case__student_id", flat=True))


def _of_steps(steps: QuerySet[CaseStep]) -> set[str]:
    return set(steps.filter(state=StepState.OPEN).order_by().values_list("case__student_id", flat=True).distinct())


def _reached() -> dict[str, date]:
    rows = ContactAttempt.objects.filter(result=Result.REACHED, undone_at=None).order_by()
    return dict(rows.values_list("student_id").annotate(last=Max("on")))


def _set_aside() -> set[str]:
    """Students a team closed with a reason, and who have crossed no level since."""
    newer = LevelCrossing.objects.filter(
        case__student_id=OuterRef("student_id"), noticed_at__gt=OuterRef("decided_at"), is_withdrawn=False
    )
    rows = MeetingDecision.objects.filter(~Exists(newer), kind=DecisionKind.SET_ASIDE, state=DecisionState.NOTED)
    return set(rows.values_list("student_id", flat=True))


def _unowned() -> set[str]:
    """Students for whom something was decided that the person named cannot do any more, and nobody else was named."""
    rows = MeetingDecision.objects.filter(state=DecisionState.OPEN).exclude(handed_from=None)
    return set(rows.values_list("student_id", flat=True))


def reviews_due(on: date) -> set[str]:
    """Students whose agreed success plan asks for a review by that day. One query."""
    live = [PlanState.AGREED, PlanState.UNDER_REVIEW]
    rows = PlanReview.objects.filter(held_on=None, due_on__lte=on, plan__state__in=live)
    return set(rows.values_list("plan__student_id", flat=True))


def items_of(meeting: Meeting, user: User, on: date) -> list[MeetingItem]:
    """The agenda in its order with students and standing decisions: those whom the reader may see. Two queries."""
    standing = MeetingDecision.objects.exclude(state=DecisionState.TAKEN_BACK)
    decisions = standing.select_related("owner", "handed_from", "decided_by", "referral").order_by("pk")
    return list(
        order_of(meeting, user, on).select_related("student__school").prefetch_related(Prefetch("decisions", decisions))
    )


def order_of(meeting: Meeting, user: User, on: date) -> QuerySet[MeetingItem]:
    """The agenda in its order: the students whom the reader may see. One query."""
    return meeting.items.filter(student_id__in=visible_students(user, on).values("pk")).order_by("place", "pk")


def decisions_of(events: Iterable[Event]) -> list[MeetingDecision]:
    """What was decided for a student in any meeting, newest first, by what happened to the student."""
    rows = [event.detail["row"] for event in events if event.kind == "decided"]
    return sorted(rows, key=lambda row: (row.decided_at, row.pk), reverse=True)


def decisions_due(user: User, on: date, *, everybody: bool = False) -> list[Due]:
    """Decisions that wait for the person, or for anybody about students the person sees. The first due on top."""
    rows = MeetingDecision.objects.filter(
        state=DecisionState.OPEN, student_id__in=visible_students(user, on).values("pk")
    )
    rows = rows if everybody else rows.filter(owner=user)
    people = ("student", "owner", "handed_from", "referral")
    rows = rows.select_related(*people).order_by(F("due_on").asc(nulls_last=True), "pk")
    return [
        Due(
            row.pk,
            row.student_id,
            row.student.full_name,
            row.kind,
            row.words,
            str(row.owner or ""),
            row.due_on,
            service_of(row),
            str(row.handed_from or ""),
        )
        for row in rows
    ]


def service_of(decision: MeetingDecision) -> str:
    """To whom a decision refers; blank for one that refers to nobody. Read the decision with its referral."""
    return decision.referral.service if hasattr(decision, "referral") else ""


def meetings_of(school_ids: Iterable[str], *, with_district: bool, year: int) -> list[Meeting]:
    """The meetings of some teams in a school year, newest first, each with its counts. One query.

    One that nobody ended is among them whatever its year: the team can begin no other.
    """
    teams = Q(school_id__in=list(school_ids))
    rows = Meeting.objects.filter(
        teams | Q(school=None) if with_district else teams, Q(school_year=year) | Q(state=MeetingState.OPEN)
    )
    counted = rows.select_related("school").annotate(
        students=Count("items", distinct=True),
        discussed=Count("items", filter=Q(items__discussed_at__isnull=False), distinct=True),
        present=Count("members", distinct=True),
    )
    return list(counted.order_by("-started_at"))


def held_in_year(year: int) -> dict[str, Held]:
    """What each team held in a school year, by school id; the district's own under "". Two queries."""
    ended = Meeting.objects.filter(school_year=year, state=MeetingState.ENDED)
    days: dict[str, dict[tuple[int, int], list[date]]] = defaultdict(lambda: defaultdict(list))
    for school_id, on in ended.order_by("on").values_list("school_id", "on"):
        days[school_id or ""][on.year, on.month].append(on)
    items = MeetingItem.objects.filter(meeting__in=ended, discussed_at__isnull=False).order_by()
    counts = items.values_list("meeting__school_id").annotate(
        students=Count("student_id", distinct=True),
        made=Count("decisions", filter=~Q(decisions__state=DecisionState.TAKEN_BACK), distinct=True),
    )
    counted = {school or "": (students, made) for school, students, made in counts}
    return {key: Held(dict(months), *counted.get(key, (0, 0))) for key, months in days.items()}


def meeting_events(student_id: str) -> list[Event]:
    """For the timeline: what a team decided for the student, what became of it, and what partners said. One query."""
    rows = MeetingDecision.objects.filter(student_id=student_id).exclude(state=DecisionState.TAKEN_BACK)
    events = []
    people = ("owner", "handed_from", "decided_by", "ended_by", "referral")
    for row, said in with_updates(rows.select_related(*people)):
        detail = {"row": row, "decision_id": row.pk, "decision": row.kind, "owner": row.person, "due_on": row.due_on}
        detail |= {"referral": getattr(row, "referral", None), "updates": said}
        by, who = str(row.decided_by), row.decided_by_id
        events.append(Event(row.decided_on, "decided", row.decided_at, by, "", row.words, who, detail))
        if row.state == DecisionState.DONE and row.ended_on:
            by, ender = str(row.ended_by or ""), row.ended_by_id
            events.append(Event(row.ended_on, "decision_done", row.ended_at, by, "", row.outcome, ender, detail))
        if row.state == DecisionState.WITHDRAWN and row.ended_on:
            events.append(Event(row.ended_on, "decision_withdrawn", row.ended_at, detail=detail))
        events += [
            Event(one.on, "partner", one.at, one.by, text=one.text, detail=detail | {"said": one}, by_id=one.by_id)
            for one in said
        ]
    return events


def count_due(user: User, on: date) -> Waiting:
    """How many of the decisions that wait for the person (`decisions_due`), and what is late of theirs. One query."""
    seen = visible_students(user, on).values("pk")
    followed = Q(referral__state=ReferralState.ACCEPTED, student__is_enrolled=True)
    rows = MeetingDecision.objects.filter(Q(state=DecisionState.OPEN) | followed, owner=user, student_id__in=seen)
    found = list(
        rows.annotate(heard_on=heard_on("referral__")).values_list("state", "due_on", "referral__service", "heard_on")
    )
    waiting = [due_on for state, due_on, _service, _heard in found if state == DecisionState.OPEN]
    told = [(service, heard) for state, _due, service, heard in found if state != DecisionState.OPEN]
    return Waiting(
        len(waiting),
        sum(due_on is not None and due_on < on for due_on in waiting),
        sum(rhythm_of(service).is_past_due(heard, on) for service, heard in told),
    )
