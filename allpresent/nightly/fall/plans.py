"""The fall's success plans: begun, agreed with the family, looked at again, ended."""

import struct
import zlib
from datetime import date, timedelta
from fractions import Fraction
from math import sin

from allpresent.casework.models import PlanReview, SuccessPlan
from allpresent.casework.models.success_plans import Agreed, PlanOutcome, PlanState
from allpresent.casework.plan_contents import Contents
from allpresent.casework.success_plans import Agreement, Stand, agree_plan, end_plan, review_plan, start_plan
from allpresent.measures import school_days
from allpresent.policy.strategies import load_strategies
from allpresent.roster.models import Contact, Student

from .setting import Setting, Team

A_SCHOOL = 4
GOALS = (
    "Be at school by the first bell, and miss no more than the days agreed",
    "Come every Monday and Friday",
    "Come each day, and go to the nurse first when it is only a headache",
)
FOUND = (
    "Three Mondays in a row here on time. The earlier bus works; we go on as agreed.",
    "Two days missed with a cold. The aunt walks along now, and that holds.",
    "Not yet. The mornings at the father's are still hard; somebody calls there this week.",
)
ENDED = {
    PlanOutcome.MET: "Missed one day in the weeks agreed, and asked to keep the morning greeting.",
    PlanOutcome.PARTLY: "Better than before, with three days missed after the flu.",
    PlanOutcome.NOT_MET: "Missed as much as before; the team speaks of it again with the family.",
}


def write_plans(setting: Setting, team: Team) -> int:
    """Go on with the plans of these weeks at a school, then begin new ones. Returns how many were begun."""
    _go_on(setting, team)
    live = set(SuccessPlan.objects.exclude(state=PlanState.ENDED).values_list("student_id", flat=True))
    students = [one for one in setting.promised(team, "plan_agreed", A_SCHOOL) if one.pk not in live]
    rows = setting.ground.rows(student.pk for student in students)
    families = setting.family_of(student.pk for student in students)
    session = school_days(setting.facts, date(setting.days[0].year + 1, 6, 30), team.school_id)
    for student in students:
        row = rows.get(student.pk)
        if row is not None:
            reported = Fraction(row["days_enrolled"]) - Fraction(row["days_unreported"])
            as_of = setting.ground.as_of
            stand = Stand(str(row["days_absent"]), str(reported), as_of, setting.facts.delivery_id)
            _write(setting, team, student, stand, families.get(student.pk), session)
    return len(students)


def _write(
    setting: Setting, team: Team, student: Student, stand: Stand, family: Contact | None, session: list[date]
) -> None:
    first = setting.day(1 + setting.chance.randrange(3))
    strategies = [one.key for one in load_strategies()]
    contents = Contents(
        goal=setting.chance.choice(GOALS),
        goal_days=1 + setting.chance.randrange(3),
        weeks=setting.chance.choice((4, 6, 6)),
        causes=(setting.chance.choice(("illness", "transportation", "struggling", "no_adult_relationship")),),
        strategies=tuple(sorted(setting.chance.sample(strategies, 2))),
        champion=team.lead.pk,
        help_family="Grandmother, on Tuesdays and Thursdays",
        help_everyday="The neighbor on the second floor",
        help_occasional="An aunt with a car, when the bus does not come" if setting.does(60) else "",
        help_potential="The coach of the swim club" if setting.does(40) else "",
        backup="Call the school before eight; somebody comes along the way.",
        own_words="I like it when somebody waits for me at the door." if setting.does(50) else "",
        language="es" if family is not None and family.language.lower().startswith("s") else "en",
        review_every=10,
    )
    plan = start_plan(team.lead, student.pk, contents, stand, setting.key(), setting.at(first, 11))
    agreed = setting.day(4 + setting.chance.randrange(4))
    if not setting.does(72) or agreed <= first:
        return  # a draft the family has still to see
    name = family.full_name if family else "the family"
    if setting.does(50):
        agreement = Agreement(Agreed.SIGNATURE, name, paper=scribble(setting.chance.random()))
    else:
        agreement = Agreement(Agreed.PHONE, name, witness=str(team.second))
    agree_plan(
        team.lead, plan.pk, agreement, plan.version, session, setting.home, setting.key(), setting.at(agreed, 15)
    )


def _go_on(setting: Setting, team: Team) -> None:
    """Hold most of the reviews due in these weeks, and end the plans whose weeks are over."""
    last = setting.days[-1]
    live = [PlanState.AGREED, PlanState.UNDER_REVIEW]
    plans = SuccessPlan.objects.filter(school_id=team.school_id, state__in=live, student__in=setting.seen_by(team))
    due = PlanReview.objects.filter(plan__in=plans, held_on=None, due_on__lte=last)
    for review in due.order_by("pk"):
        if setting.does(70):
            day = max(review.due_on, setting.days[0])
            review_plan(team.lead, review.pk, setting.chance.choice(FOUND), setting.key(), setting.at(day, 14))
    for plan in plans.filter(runs_to__lt=last).order_by("pk"):
        if setting.does(80):
            outcome = setting.chance.choice(list(ENDED))
            day = max(plan.runs_to or last, setting.days[0]) + timedelta(days=1)
            moment = setting.at(min(day, last), 16)
            end_plan(team.lead, plan.pk, outcome, ENDED[outcome], setting.key(), moment)


def scribble(start: float) -> bytes:
    """A line drawn as on the glass, as a PNG picture: black on white, 8 bits a pixel."""
    width, height = 300, 80
    rows = [bytearray(b"\xff" * width) for _row in range(height)]
    for x in range(20, 280):
        y = 40 + 22 * sin(x / 13 + 6 * start) * sin(x / 47 + start) - x / 40
        for thick in range(2):
            rows[int(y) + thick][x] = 0
    picture = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", picture), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
