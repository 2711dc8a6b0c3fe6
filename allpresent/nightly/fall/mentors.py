"""The fall's success mentors: on the roster, matched, greeting through the weeks, some of them silent of late."""

from datetime import date

from django.db.models import QuerySet

from allpresent.access.models import User
from allpresent.casework.mentor_roster import MentorForm, add_mentor
from allpresent.casework.mentors import check_in, end_match, match_mentor, send_worry, take_worry
from allpresent.casework.models import Mentor, MentorMatch, MentorWorry
from allpresent.casework.models.mentors import Greeting, MatchEnding, MentorKind
from allpresent.roster.models import Student

from .setting import Setting, Team

# Who mentors, at whose school, how many at most, and on how many of 100 days they greet: at first, and of late.
MENTORS = (
    ("mentor", "team", MentorKind.ADULT, 8, (40, 58)),
    ("peer", "high.team", MentorKind.PEER, 3, (40, 60)),
    ("teacher", "high.team", MentorKind.ADULT, 3, (30, 0)),
    ("homeroom", "team", MentorKind.ADULT, 3, (40, 60)),
    ("visitor", "team", MentorKind.ADULT, 4, (25, 0)),
)
GREETINGS = (Greeting.TALKED, Greeting.GREETED, Greeting.GREETED, Greeting.NOT_THERE)
WORRIES = (
    "Slept at a cousin's again and does not want to say why.",
    "Very tired today, after working until midnight all weekend.",
    "Is afraid of two others on the way home, and asked me not to make it big.",
)


def begin_mentoring(setting: Setting) -> None:
    """Put the mentors on their schools' rosters and match them with students who were promised one."""
    for name, school_of, kind, most, _often in MENTORS:
        user, team = setting.staff.get(name), _team(setting, school_of)
        if user is None or team is None or Mentor.objects.filter(user=user).exists():
            continue
        at = setting.at(setting.day(1), 9)
        form = MentorForm(user.email, kind, languages=("en",), load_limit=most)
        mentor = add_mentor(team.lead, team.school_id, form, setting.key(), at)
        match_students(setting, team, mentor)


def match_students(setting: Setting, team: Team, mentor: Mentor) -> None:
    """Fill up what the mentor agreed to: the students already in their care first, then those promised one."""
    matched = set(MentorMatch.objects.filter(ended_on=None).values_list("student_id", flat=True))
    free = mentor.load_limit - MentorMatch.objects.filter(mentor=mentor, ended_on=None).count()
    own = _own(setting, team, mentor.user) if mentor.kind == MentorKind.ADULT else []
    wanted = [one for one in [*own, *setting.promised(team, "mentor_match", 12)] if one.pk not in matched]
    for student in list({one.pk: one for one in wanted}.values())[:free]:
        match_mentor(team.lead, mentor.pk, student.pk, setting.key(), setting.at(setting.day(2), 13))


def _own(setting: Setting, team: Team, user: User) -> list[Student]:
    """Students of the school already in the person's care by name."""
    named = user.grants.filter(relation="success_mentor").values("object_id")
    return list(setting.seen_by(team).filter(pk__in=named).order_by("pk"))


def _team(setting: Setting, lead: str) -> Team | None:
    user = setting.staff.get(lead)
    return next((team for team in setting.staff.teams if team.lead == user), None)


def greet(setting: Setting, *, is_late: bool) -> int:
    """The check-ins of these weeks; of late some mentors are silent. Returns how many."""
    often = {
        setting.staff.people[name].pk: share[is_late] for name, *_rest, share in MENTORS if setting.staff.get(name)
    }
    live = MentorMatch.objects.filter(ended_on=None, grant__ends_on=None).select_related("mentor__user").order_by("pk")
    made = 0
    for match in live:
        user = match.mentor.user
        for day in setting.days:
            if day > match.starts_on and setting.does(often.get(user.pk, 0)):
                at = setting.at(day, 8, setting.chance.randrange(60))
                check_in(user, match.pk, setting.chance.choice(GREETINGS), setting.key(), at)
                made += 1
    return made


def worry(setting: Setting) -> None:
    """What a mentor told the team in these weeks; an earlier worry is taken up."""
    for team in setting.staff.teams:
        seen = _live(setting, team).order_by("pk")
        before = MentorWorry.objects.filter(match__in=seen, taken_at=None)
        for old in before:
            answer = "Spoke of it with the counselor; the two meet on Wednesdays now."
            take_worry(team.lead, old.pk, answer, setting.key(), setting.at(setting.day(2), 10))
        match = seen.select_related("mentor__user").first()
        if match is not None and match.starts_on < setting.days[-1]:
            at = setting.at(setting.days[-1], 9, 30)
            send_worry(match.mentor.user, match.pk, setting.chance.choice(WORRIES), setting.key(), at)


def _live(setting: Setting, team: Team) -> QuerySet[MentorMatch]:
    here = setting.seen_by(team)
    return MentorMatch.objects.filter(mentor__school_id=team.school_id, ended_on=None, student__in=here)


def let_go(setting: Setting, on: date) -> None:
    """One match of a school ends for a reason, and the mentor takes on another student."""
    for team in setting.staff.teams:
        match = _live(setting, team).order_by("-pk").first()
        if match is not None and match.starts_on < on:
            why = "They both asked for somebody with the same free hour."
            end_match(team.lead, match.pk, MatchEnding.NO_FIT, why, setting.key(), setting.at(on, 12))
            mentor = Mentor.objects.select_related("user").get(pk=match.mentor_id)
            match_students(setting, team, mentor)
