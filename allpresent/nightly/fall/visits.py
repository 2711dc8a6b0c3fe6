"""The fall's home visits: proposed, agreed, made by two people, not found, and what was promised there and kept."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from allpresent.access.models import Grant, User
from allpresent.casework.home_visits import keep_promise, propose_visit, record_visit, withdraw_visit
from allpresent.casework.models import HomeVisit
from allpresent.casework.models.home_visits import VisitMode, VisitOutcome, VisitReason, VisitState
from allpresent.casework.visit_forms import VisitForm, VisitPlan
from allpresent.roster.models import Contact, Student

from .setting import Setting, Team

A_SCHOOL = 5  # families a school visits in these weeks
VISITORS = ("home_visitor", "dropout_specialist")
LENGTH = timedelta(minutes=45)
NOTES = (
    "The mornings are hard: the younger one has to be taken across town first. Grandmother can help on Tuesdays.",
    "Warm welcome. The inhaler is kept at home only; we talked about a second one for the nurse's office.",
    "The bus stop was moved in September and the walk is along the big road. Asked about the earlier bus.",
    "Has nobody to sit with at lunch. The mother did not know, and cried a little.",
    "The phone numbers we had were old. New ones are written down, and evenings after six are best.",
)
PROMISED = (
    "ask the nurse about a second inhaler at school",
    "bring the form for the earlier bus",
    "call the aunt, who can walk with them",
    "find out about the breakfast club",
)
CAUSES = ("illness", "transportation", "family_responsibilities", "bullying", "two_days_a_month", "lack_of_care")


def visit_families(setting: Setting, team: Team) -> int:
    """The visits of these weeks at a school, agreed at their beginning. Returns how many."""
    pairs = list(_pairs(setting, team))
    families = setting.family_of(student.pk for student, _one, _two in pairs)
    for student, visitor, second in pairs:
        _visit(setting, team, student, visitor, second, families.get(student.pk))
    return len(pairs)


def plan_visits(setting: Setting, team: Team, today: date) -> int:
    """Visits today and next week, others only proposed; the first team has one of last evening without a check-out."""
    pairs = list(_pairs(setting, team))
    for number, (student, visitor, second) in enumerate(pairs):
        reason = VisitReason.OTHER if number % 5 == 4 else VisitReason.DESIGNATED
        words = "The grandmother asked for a visit." if reason == VisitReason.OTHER else ""
        plan = VisitPlan(reason=reason, reason_words=words)
        is_out_late = number == 0 and team == setting.staff.teams[0]
        starts = setting.at(setting.days[-1], 17, 30) if is_out_late else _ahead(setting, today, number)
        if starts is not None:
            plan = VisitPlan(reason, words, VisitMode.IN_PERSON, visitor, second, starts, starts + LENGTH)
        propose_visit(team.lead, student.pk, plan, setting.key(), setting.at(setting.days[-1], 9, number))
    return len(pairs)


def _pairs(setting: Setting, team: Team) -> Iterator[tuple[Student, User, User]]:
    """Families to visit with the two who go: the visitor of the student's caseload, or the school's two."""
    on = setting.days[0]
    students = setting.promised(team, "dated_visit", A_SCHOOL)
    grants = Grant.objects.in_force(on).filter(relation__in=VISITORS, object_kind=Grant.Kind.STUDENT)
    own = {grant.object_id: grant.user for grant in grants.select_related("user").order_by("pk")}
    chosen = {student.pk for student in students}
    mine = setting.seen_by(team).filter(pk__in=own.keys() - chosen).order_by("pk")
    under_way = set(HomeVisit.objects.filter(on=None).values_list("student_id", flat=True))
    for student in [*mine[:3], *students]:
        if student.pk not in under_way:
            yield student, own.get(student.pk, team.second), team.lead


def _visit(setting: Setting, team: Team, student: Student, visitor: User, second: User, family: Contact | None) -> None:
    day = setting.day(2 + setting.chance.randrange(8))
    starts = setting.at(day, 16 + setting.chance.randrange(3), setting.chance.choice((0, 15, 30)))
    if starts.date() > setting.days[-1]:
        return
    plan = VisitPlan(visitor=visitor, co_visitor=second, starts_at=starts, ends_at=starts + LENGTH)
    agreed = setting.at(setting.day(1), 10, setting.chance.randrange(60))
    visit = propose_visit(team.lead, student.pk, plan, setting.key(), agreed)
    if setting.does(8):
        withdraw_visit(team.lead, visit.pk, setting.at(day, 11))
        return
    made = record_visit(
        visitor,
        student.pk,
        _form(setting, second, day, family),
        setting.key(),
        starts + LENGTH,
        visit_id=visit.pk,
    )
    if made.state == VisitState.FOLLOW_UP and made.promised_on and made.promised_on <= setting.days[-1]:
        keep_promise(visitor, made.pk, setting.at(made.promised_on, 12))


def _form(setting: Setting, second: User, day: date, family: Contact | None) -> VisitForm:
    outcome = setting.chance.choices(list(VisitOutcome), [72, 20, 8])[0]
    is_made = outcome == VisitOutcome.COMPLETED
    promised = setting.chance.choice(PROMISED) if is_made and setting.does(55) else ""
    return VisitForm(
        on=day,
        outcome=outcome,
        was_scheduled=setting.does(85),
        co_visitor=second,
        met=(family.full_name if family else "the grandmother") if is_made else "",
        language=family.language if family else "",
        causes=tuple(sorted(setting.chance.sample(CAUSES, 1 + setting.chance.randrange(2)))) if is_made else (),
        promised=promised,
        promised_on=day + timedelta(days=setting.chance.choice((3, 7, 14))) if promised else None,
        field_note=setting.chance.choice(NOTES) if is_made else "",
    )


def _ahead(setting: Setting, today: date, number: int) -> datetime | None:
    """When the visit of that number is to be; every third has no time yet, and nobody goes to two homes at once."""
    places = ((0, 17), (0, 18), None, (3, 17), (4, 16), None)
    week, place = divmod(number, len(places))
    days, hour = places[place] or (None, 0)
    return setting.at(today + timedelta(days=days + 7 * week), hour, 30) if days is not None else None
