"""The list of families for a calling system, gathered as one person may take it today."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import override

from allpresent.casework.call_lists import ACTION, Taking
from allpresent.casework.numbers import NumberHealth, health_of, phone_key
from allpresent.casework.queries.call_lists import Taken, called_since
from allpresent.casework.queries.households import group_families
from allpresent.policy.call_systems import CallSystem, load_call_systems
from allpresent.reports.call_list import CallList, Child, Holder, make_call_list
from allpresent.roster.models import Contact, Student
from allpresent.web.desk import Scope
from allpresent.web.page import Page
from allpresent.web.presenters.call_sheet import phone_words
from allpresent.web.presenters.levels import LEVEL_KEYS
from allpresent.web.presenters.today_choice import Choice
from allpresent.web.presenters.words import language_name


@dataclass(frozen=True)
class Asked:
    """What a person chose: the levels whose calls are meant, one school or all, and whom today's lists hold again."""

    levels: tuple[str, ...]
    school_id: str = ""
    is_again: bool = False

    @classmethod
    def read(cls, sent: QueryDict, system: CallSystem) -> "Asked":
        """The choice of an address or a form; without one the levels the system's file names."""
        levels = tuple(level for level in LEVEL_KEYS if level in sent.getlist("level")) or system.levels
        return cls(levels, sent.get("school", ""), sent.get("again") == "1")

    @classmethod
    def of(cls, taken: Taken) -> "Asked":
        """The choice of a list that was taken, of which its own families are not to be left out."""
        return cls(tuple(taken.choice["levels"]), taken.choice["school"], is_again=True)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The choice as names and values of a form."""
        pairs = [("level", level) for level in self.levels]
        pairs += [("school", self.school_id)] if self.school_id else []
        return (*pairs, *([("again", "1")] if self.is_again else []))

    def query(self) -> str:
        """The choice as an address says it."""
        return "?" + urlencode(self.fields)


def ways_to(page: Page, school_id: str = "") -> tuple[tuple[str, str], ...]:
    """Name and address of the list of each calling system, for those who may take one."""
    if not page.may(ACTION):
        return ()
    query = "?" + urlencode({"school": school_id}) if school_id else ""
    names = load_call_systems(page.home).names
    return tuple((name, reverse("web:call_system", args=[key]) + query) for key, name in names.items())


def midnight(page: Page) -> datetime:
    """The beginning of the page's day: a family in a list since then is not called by a second one."""
    return page.now.replace(hour=0, minute=0, second=0, microsecond=0)


class OutgoingList:
    """The families with an open call of the levels asked for, of the students the person may do this for."""

    def __init__(self, page: Page, system: CallSystem, asked: Asked) -> None:
        self.page = page
        self.system = system
        self.asked = asked
        self.scope = Scope(page, Choice(school_id=asked.school_id), ACTION)

    @cached_property
    def by_level(self) -> dict[str, set[str]]:
        """The students with an open call, by the level that promised it."""
        found: dict[str, set[str]] = {}
        for step in self.scope.steps_by_counter["call"]:
            found.setdefault(step.level, set()).add(step.student_id)
        return found

    @cached_property
    def student_ids(self) -> list[str]:
        """The students whose call is meant, the one due first on top."""
        steps = self.scope.steps_by_counter["call"]
        return list(dict.fromkeys(step.student_id for step in steps if step.level in self.asked.levels))

    @cached_property
    def made(self) -> CallList:
        """The list, with those left out and why. One query more where a family is in a list of another school."""
        to_verify = {step.student_id for step in self.scope.steps_by_counter["verify"]}
        rows = Student.objects.filter(pk__in=self.student_ids).order_by()
        told = {pk: (school or "", spoken) for pk, school, spoken in rows.values_list("pk", "school__name", "language")}
        families = [
            [Child(pk, told[pk][0], pk not in to_verify) for pk in family]
            for family in group_families(self.student_ids, self.scope.households)
        ]
        return make_call_list(self.system, families, self._holders({pk: spoken for pk, (_s, spoken) in told.items()}))

    def _holders(self, spoken: Mapping[str, str]) -> dict[str, list[Holder]]:
        contacts = list(Contact.objects.filter(student_id__in=self.student_ids))
        health, names = health_of(contact.phone for contact in contacts), _Languages()
        own = [
            replace(
                _holder(one),
                language=names[one.language or spoken[one.student_id]],
                is_wrong=health.get(phone_key(one.phone), NumberHealth()).is_wrong,
            )
            for one in contacts
        ]
        people, numbers = self._called_today(own)
        found: dict[str, list[Holder]] = {}
        for holder in own:
            is_called = holder.number in numbers or holder.person in people.get(holder.student_id, ())
            found.setdefault(holder.student_id, []).append(replace(holder, is_called_today=is_called))
        return found

    def _called_today(self, own: Iterable[Holder]) -> tuple[Mapping[str, list[str]], set[str]]:
        """By student the people in a list of today, and their numbers; a brother's at another school among them."""
        if self.asked.is_again:
            return {}, set()
        people = called_since(midnight(self.page), self.student_ids)
        elsewhere = set(people).difference(self.student_ids)
        others = map(_holder, Contact.objects.filter(student_id__in=elsewhere)) if elsewhere else ()
        called = (one for one in (*own, *others) if one.person in people.get(one.student_id, ()))
        return people, {one.number for one in called if one.number}

    def taking(self) -> Taking:
        """What is written down when the list is taken."""
        people: dict[str, list[str]] = {}
        for line in self.made.lines:
            for student in line.students:
                people.setdefault(student, []).append(line.reference)
        version = self.page.version
        school = self.scope.school_id
        schools = [school] if school else sorted(one.pk for one in self.scope.schools)
        choice = {"levels": list(self.asked.levels), "school": school or "", "schools": schools}
        return Taking(
            system=self.system.key,
            name=self.system.name,
            fields=self.system.fields,
            choice=choice,
            delivery_id=version.delivery_id if version else "",
            lines=len(self.made.lines),
            people=people,
        )


def _holder(contact: Contact) -> Holder:
    return Holder(
        student_id=contact.student_id,
        contact_id=contact.contact_id,
        name=contact.full_name,
        number=phone_words(contact.phone)[1],
        has_custody=contact.has_custody,
        may_contact=contact.may_contact,
        is_protected=contact.address_protected,
    )


class _Languages(dict[str, str]):
    """Languages as delivered, and what they are called in English; each is looked up once."""

    def __missing__(self, spoken: str) -> str:
        with override("en"):
            self[spoken] = language_name(spoken) if spoken else ""
        return self[spoken]
