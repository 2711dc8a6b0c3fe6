"""Who may be called: PowerSchool's Student Contacts export, where one person takes two to five rows.

The person's row holds the name, the e-mail, the first telephone and the address; a further telephone has a row of its
own, and so has every child. Custody and lives-with decide who may be called, and a blank is not yes. The last columns,
``U_CONTACT_X.language`` (ISO 639-1) and ``U_CONTACT_X.address_protected``, are the district's own.

Who lives with the children has the household's address: a street that exists nowhere. One household in fourteen told
none, and one in two hundred has an address that must not be known.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from allpresent.demo import sheet
from allpresent.demo.district import SyntheticDistrict
from allpresent.demo.identities import Identities, home_language, phone, plain
from allpresent.demo.names import HERITAGES, PersonName, person_name
from allpresent.demo.people import Group

COLUMNS = (
    *("New Contact Identifier", "Contact ID", "Prefix", "First Name", "Middle Name", "Last Name", "Suffix", "Gender"),
    *("Employer", "Is Active", "Email Address", "Contact Email Address ID", "Is Primary Email Address"),
    *("Phone Number Priority Order", "Phone Type", "phoneNumberAsEntered", "Is Preferred", "Is SMS"),
    *("Contact Phone Number ID", "Address Type", "Street", "Line Two", "Unit", "City", "State", "Postal Code"),
    *("Contact Address ID", "Address Priority Order", "studentNumber", "* NOT MAPPED *", "Contact Priority Order"),
    *("Student Contact ID", "Student Contact Detail ID", "Relationship Type", "Relationship Note"),
    *("STUDENTCONTACTDETAILCOREFIELDS.legalGuardian", "Contact Has Custody", "Contact Lives With"),
    *("Contact Allow School Pickup", "Is Emergency Contact", "Contact Receives Mailings"),
    *("U_CONTACT_X.language", "U_CONTACT_X.address_protected"),
)
_PLACE = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True)
class _Tie:
    """What a contact is to the children of a household."""

    relationship: str
    is_woman: bool
    priority: int
    guardian: str
    custody: str
    lives_with: str
    emergency: str
    mail: str


_FIRST = (
    (70, _Tie("Mother", True, 1, "1", "1", "1", "1", "1")),
    (20, _Tie("Father", False, 1, "1", "1", "1", "1", "1")),
    (7, _Tie("Grandmother", True, 1, "1", "1", "1", "1", "1")),
    (3, _Tie("Foster Parent", True, 1, "", "1", "1", "1", "1")),
)
_SECOND = (
    (52, _Tie("Father", False, 2, "1", "1", "1", "1", "0")),
    (12, _Tie("Father", False, 2, "1", "1", "0", "1", "1")),
    (12, _Tie("Father", False, 2, "0", "0", "0", "0", "0")),  # no custody: never to be called
    (10, _Tie("Father", False, 2, "1", "", "", "1", "0")),  # nobody filled it in: not a yes
    (14, _Tie("Stepfather", False, 2, "0", "0", "1", "1", "0")),
)
_THIRD = (
    (50, _Tie("Aunt", True, 3, "0", "0", "0", "1", "0")),
    (30, _Tie("Grandmother", True, 3, "0", "0", "1", "1", "0")),
    (20, _Tie("Neighbor", True, 3, "0", "0", "0", "1", "0")),
)
_SHARES = ((1.0, _FIRST), (0.58, _SECOND), (0.22, _THIRD))


def write_contacts(out: Path, rng: np.random.Generator, district: SyntheticDistrict) -> None:
    """contacts.txt: the same in both deliveries."""
    people = district.people
    children: dict[int, list[int]] = {}
    for student in np.flatnonzero(people.group <= Group.NO_SHOW).tolist():
        children.setdefault(int(people.household[student]), []).append(student)
    drawn = rng.integers(0, 1 << 20, (len(children), len(_SHARES), 6)).tolist()
    rows: list[list[str]] = []
    number = 80_001
    for (household, students), lines in zip(sorted(children.items()), drawn, strict=True):
        home = _home(district, household, lines[0])
        for (share, ties), draw in zip(_SHARES, lines, strict=True):
            if draw[0] < share * (1 << 20):
                tie = _pick(ties, draw[1])
                rows += _person(district, household, students, tie, number, draw, home)
                rows += _links(district.identities, students, tie, number)
                number += 1
    columns = {name: [row[place] for row in rows] for name, place in _PLACE.items()}
    sheet.write(out / "contacts.txt", "", columns)


def _pick(ties: tuple[tuple[int, _Tie], ...], draw: int) -> _Tie:
    """One of the ties by its share of a hundred."""
    left = draw % 100
    for share, tie in ties:
        if left < share:
            return tie
        left -= share
    return ties[-1][1]


def _fill(cells: dict[str, str]) -> list[str]:
    row = [""] * len(COLUMNS)
    for name, value in cells.items():
        row[_PLACE[name]] = value
    return row


def _name(district: SyntheticDistrict, household: int, students: list[int], tie: _Tie, draw: list[int]) -> PersonName:
    """A name that no child of the household has, so that a letter to the one is not taken for one about the other."""
    heritage = HERITAGES[int(district.people.heritage[students[0]])]
    surname, given = district.identities.surname[household], draw[2]
    theirs = {(name.first, name.last) for name in (district.identities.name[student] for student in students)}
    names = (person_name(heritage, surname, tie.is_woman, given + step, draw[3]) for step in range(len(students) + 1))
    return next(name for name in names if (name.first, name.last) not in theirs)


def _person(
    district: SyntheticDistrict,
    household: int,
    students: list[int],
    tie: _Tie,
    number: int,
    draw: list[int],
    home: dict[str, str],
) -> list[list[str]]:
    """The person's own row, and a second telephone for one in four."""
    name = _name(district, household, students, tie, draw)
    key = {"New Contact Identifier": f"C{number}", "Contact ID": str(number)}
    cells = key | {
        "First Name": name.first,
        "Middle Name": name.middle,
        "Last Name": name.last,
        "Gender": "F" if tie.is_woman else "M",
        "Is Active": "0" if tie.priority > 1 and draw[4] % 50 == 0 else "1",
        "Email Address": _email(name, number) if draw[4] % 5 else "",
        "Is Primary Email Address": "1" if draw[4] % 5 else "",
        "U_CONTACT_X.language": home_language(district.people, students[0]),
    }
    if tie.lives_with == "1":
        cells |= home
    if draw[5] % 32:  # one in thirty-two has no telephone
        cells |= _telephone(1, "Mobile", phone(draw[5]))
    rows = [_fill(cells)]
    if draw[5] % 4 == 1:
        rows.append(_fill(key | _telephone(2, "Daytime", phone(draw[3]))))
    return rows


def _home(district: SyntheticDistrict, household: int, draw: list[int]) -> dict[str, str]:
    """The cells of a household's address, by what was drawn for its first person."""
    if draw[4] // 50 % 14 == 0:
        return {}
    return {
        "Address Type": "Home",
        "Street": district.identities.street[household],
        "Unit": f"Apt {household % 40 + 1}" if household % 3 == 0 else "",
        "City": "Elm Harbor",
        "State": "CT",
        "Postal Code": "06599",
        "Address Priority Order": "1",
        "U_CONTACT_X.address_protected": "1" if draw[5] // 128 % 200 == 0 else "",
    }


def _email(name: PersonName, number: int) -> str:
    return f"{plain(name.first or name.last)}.{number % 1000}@mail.example"


def _telephone(order: int, kind: str, written: str) -> dict[str, str]:
    return {
        "Phone Number Priority Order": str(order),
        "Phone Type": kind,
        "phoneNumberAsEntered": written,
        "Is Preferred": "1" if order == 1 else "0",
        "Is SMS": "1" if kind == "Mobile" else "0",
    }


def _links(known: Identities, students: list[int], tie: _Tie, number: int) -> list[list[str]]:
    """One row a child."""
    return [
        _fill(
            {
                "New Contact Identifier": f"C{number}",
                "Contact ID": str(number),
                "studentNumber": known.number[student],
                "* NOT MAPPED *": known.name[student].full,
                "Contact Priority Order": str(tie.priority),
                "Relationship Type": tie.relationship,
                "STUDENTCONTACTDETAILCOREFIELDS.legalGuardian": tie.guardian,
                "Contact Has Custody": tie.custody,
                "Contact Lives With": tie.lives_with,
                "Contact Allow School Pickup": "1" if tie.priority < 3 and tie.custody == "1" else "0",
                "Is Emergency Contact": tie.emergency,
                "Contact Receives Mailings": tie.mail,
            }
        )
        for student in students
    ]
