"""Names, birth dates, numbers and addresses of students and staff. Nobody here exists.

Telephone numbers lie in 555-0100 to 555-0199, which are kept free for fiction; e-mail addresses end in ``.example``.
"""

import unicodedata
from dataclasses import dataclass

import numpy as np

from allpresent.demo.names import HERITAGES, PersonName, draw_heritages, family_name, person_name
from allpresent.demo.people import Group, People
from allpresent.demo.schools import Ints

STREETS = (
    "Alder Street",
    "Bayberry Lane",
    "Canal Street",
    "Driftwood Avenue",
    "Eelgrass Road",
    "Foundry Street",
    "Gullwing Court",
    "Hawthorn Avenue",
    "Ironworks Way",
    "Jetty Road",
    "Kelp Lane",
    "Lighthouse Road",
    "Marsh Street",
    "Netmakers Row",
    "Orchard Street",
    "Pilots Walk",
)
# Only 100 numbers of an area are free for fiction: every area code a number could have, so that few families share one.
_AREAS = tuple(code for code in range(201, 990) if code % 100 != 11)


@dataclass(frozen=True)
class Identities:
    """One entry a student (or a teacher, or a household) in each."""

    surname: tuple[str, ...]  # a household
    street: tuple[str, ...]  # a household
    phone: tuple[str, ...]  # a household
    name: tuple[PersonName, ...]  # a student
    birth: tuple[str, ...]  # a student, MM/DD/YYYY
    number: tuple[str, ...]  # a student: Student_Number, seven figures with a leading zero
    state_number: tuple[str, ...]  # a student: ten figures
    teacher: tuple[PersonName, ...]
    teacher_email: tuple[str, ...]


def make_identities(rng: np.random.Generator, people: People, teachers: int) -> Identities:
    """Identities for everybody of ``people`` and for so many teachers."""
    households = int(people.household.max()) + 1
    heritage = np.zeros(households, dtype=np.int64)
    heritage[people.household] = people.heritage
    drawn = rng.integers(0, 1 << 20, (households, 5)).tolist()
    surname = tuple(
        family_name(HERITAGES[kind], row[0], row[1]) for kind, row in zip(heritage.tolist(), drawn, strict=True)
    )
    teacher = _teachers(rng, teachers)
    serial = rng.permutation(len(people)) + 100_101
    return Identities(
        surname=surname,
        street=tuple(f"{row[2] % 380 + 2} {STREETS[row[3] % len(STREETS)]}" for row in drawn),
        phone=tuple(phone(row[4]) for row in drawn),
        name=_students(rng, people, surname),
        birth=_births(rng, people),
        number=tuple(f"{number:07d}" for number in serial.tolist()),
        state_number=tuple(str(4_100_000_000 + number * 37) for number in serial.tolist()),
        teacher=teacher,
        teacher_email=_emails(teacher),
    )


def phone(draw: int) -> str:
    """A telephone number of the fictional range, written as one of several offices would."""
    rest, place = divmod(draw, len(_AREAS))
    area, line = _AREAS[place], 100 + rest % 100
    shapes = (f"({area}) 555-0{line}", f"{area}-555-0{line}", f"{area}5550{line}", f"{area}.555.0{line}")
    return shapes[rest // 100 % 4]


def _students(rng: np.random.Generator, people: People, surname: tuple[str, ...]) -> tuple[PersonName, ...]:
    drawn = rng.integers(0, 1 << 20, (len(people), 4)).tolist()
    names = []
    for kind, household, is_girl, row in zip(
        people.heritage.tolist(), people.household.tolist(), people.is_girl.tolist(), drawn, strict=True
    ):
        heritage = HERITAGES[kind]
        # One child in twelve has another parent's name than the household's.
        last = family_name(heritage, row[2], row[3]) if row[2] % 12 == 0 else surname[household]
        names.append(person_name(heritage, last, is_girl, row[0], row[1]))
    return tuple(names)


def _births(rng: np.random.Generator, people: People) -> tuple[str, ...]:
    """Five on 1 September of kindergarten, a year a grade; brothers and sisters in one grade are twins."""
    stands = people.grade + (people.group >= Group.GRADUATED)
    key = people.household * 20 + stands
    _, family = np.unique(key, return_inverse=True)
    later = rng.integers(0, 364, int(family.max()) + 1)[family]
    older = (rng.random(int(family.max()) + 1) < 0.05)[family]
    year = 2020 - stands - older
    start = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + np.timedelta64(244, "D")
    return us_dates(start + later.astype("timedelta64[D]"))


def us_dates(dates: np.ndarray[tuple[int], np.dtype[np.datetime64]]) -> tuple[str, ...]:
    """Dates as MM/DD/YYYY."""
    return tuple(f"{text[5:7]}/{text[8:10]}/{text[:4]}" for text in dates.astype(str).tolist())


def _teachers(rng: np.random.Generator, count: int) -> tuple[PersonName, ...]:
    kinds = draw_heritages(rng, count).tolist()
    drawn = rng.integers(0, 1 << 20, (count, 5)).tolist()
    names = []
    for kind, row in zip(kinds, drawn, strict=True):
        heritage = HERITAGES[kind]
        name = person_name(heritage, family_name(heritage, row[0], row[1]), row[2] % 4 != 0, row[3], 3 * row[4] + 1)
        names.append(PersonName(name.first or name.last, "", name.last if name.first else "Ahmadzai"))
    return tuple(names)


def _emails(names: tuple[PersonName, ...]) -> tuple[str, ...]:
    taken: dict[str, int] = {}
    emails = []
    for name in names:
        stem = f"{plain(name.first)[:1]}{plain(name.last)}"
        taken[stem] = taken.get(stem, 0) + 1
        emails.append(f"{stem}{taken[stem] if taken[stem] > 1 else ''}@elmharbor.example")
    return tuple(emails)


def plain(text: str) -> str:
    """A name as it stands in an e-mail address: plain small letters."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in folded if "a" <= letter <= "z")


def home_language(people: People, student: int) -> str:
    """The language the family speaks at home (ISO 639-1)."""
    return HERITAGES[int(people.heritage[student])].language if people.language_is_home[student] else "en"


def student_ids(count: int) -> Ints:
    """Students.ID: the office system's own key, not the student number."""
    return np.arange(count) + 10_001
