"""The list of families handed to a calling system: who is on it, and who is left out and why.

A call by a machine cannot ask who answers, so the list is narrower than what a person may call: only somebody known to
have custody, only a number that nobody said is wrong, each person and each number once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from allpresent.policy.call_systems import CallSystem

# Why a student is not on the list, and why a person is not. Of several reasons the first holds.
STUDENT_REASONS = ("to_verify", "no_contact", "nobody_left")
PERSON_REASONS = (
    *("opted_out", "no_custody", "protected", "custody_unknown"),
    *("no_number", "blocked_number", "wrong_number", "already_today"),
)


@dataclass(frozen=True, slots=True)
class Child:
    """A student whose family is to be called. ``is_final``: the days absent were verified."""

    student_id: str
    school: str
    is_final: bool = True


@dataclass(frozen=True, slots=True)
class Holder:
    """One delivered line about a person to call about a student; a person with two numbers has two.

    ``number`` is in full (+12035550102), blank for one nobody can dial. A blank flag (None) is unknown, not yes.
    """

    student_id: str
    contact_id: str
    name: str
    number: str
    language: str = ""  # in English
    has_custody: bool | None = None
    may_contact: bool | None = None
    is_protected: bool = False
    is_wrong: bool = False
    is_called_today: bool = False

    @property
    def keys(self) -> set[str]:
        """What the person is known by; a blank id or name says nothing."""
        name = " ".join(self.name.casefold().split())
        return {key for key, said in ((f"id {self.contact_id}", self.contact_id), (f"name {name}", name)) if said}

    @property
    def person(self) -> str:
        """The id, or where none was delivered the name or the number."""
        return self.contact_id or " ".join(self.name.casefold().split()) or self.number


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: one person, one number, and the students it is about (who are not named in the file)."""

    reference: str
    name: str
    language: str
    number: str
    school: str
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Left out for one reason: how many (students or people, as the reason goes), and the students concerned."""

    reason: str
    count: int
    students: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallList:
    """The lines of a list in their order, and who is left out."""

    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def students(self) -> tuple[str, ...]:
        """The students some line is about, each once."""
        return tuple(dict.fromkeys(student for line in self.lines for student in line.students))

    def only(self, references: Iterable[str]) -> "CallList":
        """The same list without the people who are not among these."""
        kept = set(references)
        return CallList(tuple(line for line in self.lines if line.reference in kept), self.left_out)


def make_call_list(
    system: CallSystem, families: Iterable[Sequence[Child]], holders: Mapping[str, Sequence[Holder]]
) -> CallList:
    """The list of families, the children of a household together; ``holders`` by student, in the order of calling."""
    maker = _Maker(system)
    for children in families:
        maker.add(children, holders)
    reasons = (*STUDENT_REASONS, *PERSON_REASONS)
    left = ((reason, maker.left[reason]) for reason in reasons if reason in maker.left)
    lines = tuple(
        Line(one.reference, one.name, one.language, one.number, one.school, tuple(one.students)) for one in maker.lines
    )
    return CallList(
        lines,
        tuple(LeftOut(why, len(found), tuple(dict.fromkeys(sum(found.values(), ())))) for why, found in left),
    )


@dataclass(slots=True)
class _Open:
    """A line that further children may still be added to."""

    reference: str
    name: str
    language: str
    number: str
    school: str
    students: dict[str, None] = field(default_factory=dict)


class _Maker:
    def __init__(self, system: CallSystem) -> None:
        self.system = system
        self.lines: list[_Open] = []
        self.left: dict[str, dict[str, tuple[str, ...]]] = {}
        self._by_number: dict[str, _Open] = {}
        self._by_person: dict[str, _Open] = {}

    def add(self, children: Sequence[Child], holders: Mapping[str, Sequence[Holder]]) -> None:
        """One family. What is said of a person about one child of it holds for all."""
        said = [one for child in children for one in holders.get(child.student_id, ())]
        barred = {key for one in said if one.may_contact is False for key in one.keys}
        without = {key for one in said if one.has_custody is False for key in one.keys}
        blocked = {one.number for one in said if one.may_contact is False}
        ready = [child for child in children if child.is_final]
        schools = {child.student_id: child.school for child in ready}
        people: dict[str, list[Holder]] = {}
        for one in said:
            if one.student_id in schools:
                people.setdefault(one.person, []).append(one)
        served: set[str] = set()
        for own in people.values():
            why = self._place(own, barred, without, blocked, schools)
            about = tuple(dict.fromkeys(one.student_id for one in own))
            if why:
                self._leave(why, own[0].person, about)
            if why in ("", "already_today"):
                served |= set(about)
        for child in children:
            why = self._why_not(child, served, holders)
            if why:
                self._leave(why, child.student_id, (child.student_id,))

    def _place(
        self, own: list[Holder], barred: set[str], without: set[str], blocked: set[str], schools: Mapping[str, str]
    ) -> str:
        """Put a person on the list; or say why not."""
        keys = set().union(*(one.keys for one in own))
        why = (
            ("opted_out" if keys & barred else "")
            or ("no_custody" if keys & without else "")
            or ("protected" if any(one.is_protected for one in own) else "")
            or ("" if any(one.has_custody is True for one in own) else "custody_unknown")
        )
        if why:
            return why
        number, why = self._number(own, blocked)
        if why:
            return why
        first = own[0]
        line = self._by_number.get(number) or self._by_person.get(first.person)
        if line is None:
            language = next((one.language for one in own if one.language), "")
            line = _Open(first.person, first.name, language, number, schools[first.student_id])
            self.lines.append(line)
        self._by_number[number] = self._by_person[first.person] = line
        line.students.update(dict.fromkeys(one.student_id for one in own))
        return ""

    def _number(self, own: list[Holder], blocked: set[str]) -> tuple[str, str]:
        """The first number of a person that may be dialled, and otherwise why none."""
        held = [one for one in own if self.system.dialled(one.number)]
        if not held:
            return "", "no_number"
        free = [one for one in held if one.number not in blocked]
        if not free:
            return "", "blocked_number"
        right = [one for one in free if not one.is_wrong]
        if not right:
            return "", "wrong_number"
        if any(one.is_called_today for one in right):
            return "", "already_today"
        return right[0].number, ""

    def _why_not(self, child: Child, served: set[str], holders: Mapping[str, Sequence[Holder]]) -> str:
        if not child.is_final:
            return "to_verify"
        if not holders.get(child.student_id):
            return "no_contact"
        return "" if child.student_id in served else "nobody_left"

    def _leave(self, why: str, who: str, students: tuple[str, ...]) -> None:
        found = self.left.setdefault(why, {})
        found[who] = (*found.get(who, ()), *students)
