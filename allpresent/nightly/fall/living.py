"""The weeks between two nights as the schools of the demonstration live them, in the order people would."""

from datetime import date
from pathlib import Path
from random import Random

from django.db import transaction

from allpresent.casework.models import HomeVisit, Letter, MentorMatch, Referral, SuccessPlan
from allpresent.measures import Facts, school_days

from . import caseloads, letters, meetings, mentors, partners, plans, promises, visits
from .setting import Setting, Staff

MOST, SOME = 75, 45  # of 100 decisions of a meeting: done by the next weeks, and by the day one signs in
MIDDLE, LAST_WEEKS = 20, 40  # the school days from which the weeks are not the first any more, and are the last


def students_in_hand() -> dict[str, set[str]]:
    """By the evidence a step asks for: students for whom a record of that kind is begun, which will close it."""
    records = {
        "dated_visit": HomeVisit.objects.values_list("student_id", flat=True),
        "letter_mailed": Letter.objects.values_list("student_id", flat=True),
        "plan_agreed": SuccessPlan.objects.values_list("student_id", flat=True),
        "mentor_match": MentorMatch.objects.values_list("student_id", flat=True),
        "accepted_referral": Referral.objects.values_list("student_id", flat=True),
    }
    return {kind: set(students) for kind, students in records.items()}


class Living:
    """The school days after the first of `weeks` up to the second; on the day of `storm`, taken away later, nothing."""

    def __init__(self, home: Path, facts: Facts, weeks: tuple[date, date], seed: int, storm: date) -> None:
        since, until = weeks
        days = [day for day in school_days(facts, until) if day > since and day != storm]
        chance = Random(f"{seed} {since}")  # noqa: S311 - an invented fall, the same every time
        self.setting = Setting(home, facts, days, chance, Staff.read(), since.isoformat())

    def live(self, night: int, today: date) -> str:
        """What was done in these weeks, in the order of the year; `today` is the day one signs in on."""
        if not self.setting.days:
            return "nothing more"
        with transaction.atomic():
            counts = self._end(today) if night >= LAST_WEEKS else self._weeks(is_first=night < MIDDLE)
        return ", ".join(f"{name} {count}" for name, count in counts.items())

    def _weeks(self, *, is_first: bool) -> dict[str, int]:
        """Weeks of work. The first begin with mentors and end with a hand-over; later ones do what was decided."""
        setting = self.setting
        counts = dict.fromkeys(("decisions", "letters", "plans", "visits", "spoken_of"), 0)
        if is_first:
            mentors.begin_mentoring(setting)
            promises.say_what_stands(setting)
        else:
            counts["decisions"] = meetings.do_what_was_decided(setting, MOST)
            counts["updates"] = partners.hear_from_partners(setting)
            promises.say_what_changed(setting)
        for team in setting.staff.teams:
            counts["letters"] += letters.write_letters(setting, team, is_now=False)
            counts["plans"] += plans.write_plans(setting, team)
            counts["visits"] += visits.visit_families(setting, team)
            counts["spoken_of"] += meetings.hold_meeting(setting, team, setting.day(8))
        counts["greetings"] = mentors.greet(setting, is_late=False)
        if is_first:
            caseloads.hand_over(setting)
        else:
            mentors.let_go(setting, setting.days[-1])
            mentors.worry(setting)
        return counts

    def _end(self, today: date) -> dict[str, int]:
        """The last days: much is under way and waits for the person who signs in."""
        setting = self.setting
        counts = dict.fromkeys(("letters", "plans", "visits"), 0)
        counts["decisions"] = meetings.do_what_was_decided(setting, SOME)
        counts["updates"] = partners.hear_from_partners(setting)
        for team in setting.staff.teams:
            counts["letters"] += letters.write_letters(setting, team, is_now=True)
            counts["plans"] += plans.write_plans(setting, team)
            counts["visits"] += visits.plan_visits(setting, team, today)
        counts["greetings"] = mentors.greet(setting, is_late=True)
        mentors.worry(setting)
        caseloads.offer_more(setting)
        return counts
