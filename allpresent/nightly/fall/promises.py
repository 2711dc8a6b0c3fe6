"""What schools of the invented fall say they have in place themselves: a little of it, as in most falls."""

from allpresent.casework.models import SchoolPromise
from allpresent.casework.school_promises import (
    Named,
    PromiseForm,
    correct_promise,
    end_promise,
    record_promise,
    undo_promise,
)
from allpresent.policy import load_district
from allpresent.protocol import Protocol, load_protocol
from allpresent.protocol.steps import school_steps
from allpresent.roster.models import School

from .setting import Setting

LEAP, SPECIALIST, TEACHERS, LIAISONS = (
    f"L3.{name}" for name in ("leap_activated", "dropout_prevention_named", "three_teachers", "parent_liaisons")
)
# Who records it for their school, which promise, whom it names, and where it is written down.
RECORDS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("principal", LEAP, (), "Letter of the LEAP coordinator, 3 September"),
    ("principal", TEACHERS, ("homeroom",), "Sign-up sheet in the office; the stipend form is with payroll"),
    ("principal", LIAISONS, ("visitor",), "Attendance list of the liaison training"),
    ("high.principal", LEAP, (), "Letter of the LEAP coordinator, 10 September"),
    ("high.principal", SPECIALIST, ("dropout",), "Assignment letter of the district"),
)
OTHERS = 2  # further schools for which the district's team records that LEAP is active


def say_what_stands(setting: Setting) -> None:
    """Record what is in place as the fall begins; of the other schools nobody has said anything yet."""
    protocol = load_protocol(load_district(setting.home).protocol)
    for name, step_key, people, where in RECORDS:
        for school_id in setting.staff.schools(name)[:1]:
            _record(setting, protocol, (name, school_id, step_key), people, where)
    own = {school_id for name, *_rest in RECORDS for school_id in setting.staff.schools(name)}
    others = School.objects.exclude(pk__in=own).order_by("pk").values_list("pk", flat=True)[:OTHERS]
    for school_id in others:
        _record(setting, protocol, ("district.team", school_id, LEAP), (), "List of the state's LEAP schools")


def _record(
    setting: Setting, protocol: Protocol, what: tuple[str, str, str], people: tuple[str, ...], where: str
) -> None:
    name, school_id, step_key = what
    user, day, since = setting.staff.get(name), setting.day(3), setting.days[0]
    named = [setting.staff.get(one) for one in people]
    if user is None or None in named or step_key not in {step.key for step in school_steps(protocol)}:
        return
    form = PromiseForm(since, where, tuple(Named(one.pk, since) for one in named if one))
    record_promise(user, school_id, protocol, step_key, form, setting.key(), setting.at(day, 14))


def say_what_changed(setting: Setting) -> None:
    """Weeks later: pay has begun for one teacher, one school has lost LEAP, and one record was a slip."""
    protocol = load_protocol(load_district(setting.home).protocol)
    principal, district = setting.staff.get("principal"), setting.staff.people["district.team"]
    day = setting.day(2)
    at = setting.at(day, 15)
    begun = SchoolPromise.objects.filter(step_key=TEACHERS, recorded_by=principal, state="recorded").first()
    if principal is not None and begun is not None:
        paid = tuple(Named(one.user_id, one.trained_on, day) for one in begun.people.filter(taken_off_at=None))
        form = PromiseForm(begun.since, "Sign-up sheet and stipend form in the office", paid)
        needed = protocol.step(TEACHERS).people
        correct_promise(principal, begun.pk, needed, form, begun.version, setting.key(), at)
    lost = SchoolPromise.objects.filter(step_key=LEAP, recorded_by=district, state="recorded").order_by("-pk").first()
    if lost is not None:
        end_promise(district, lost.pk, day, "The visitors' contract was not renewed.", setting.key(), at)
        slip = PromiseForm(day, "List of the state's LEAP schools")
        made = record_promise(district, str(lost.school_id), protocol, LEAP, slip, setting.key(), at)
        undo_promise(district, made.pk, setting.key(), at)
