"""Forty-one invented schools, their sizes and how hard attendance comes to each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FULL_SIZE = 17_679
FULL_K8 = 11_929  # of FULL_SIZE; the rest are in grades 9 to 12
FULL_SCHOOLS = 41
FULL_HIGH_SCHOOLS = 9

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Name, relative size, pull: how far the school's attendance lies from the district's (positive = more absence),
# in standard deviations of the tendency a student has to be absent.
_K8: tuple[tuple[str, int, float], ...] = (
    ("Saltmarsh School", 420, 0.10),
    ("Oyster Point School", 355, -0.55),
    ("Sycamore Street School", 470, 0.45),
    ("Copper Beech School", 330, -0.30),
    ("Lantern Hill School", 395, 0.25),
    ("Old Ropewalk School", 440, 0.60),
    ("Juniper Commons School", 310, -0.10),
    ("Ferry Landing School", 505, 0.35),
    ("Mill Pond School", 375, 0.00),
    ("Wren Street School", 290, -0.45),
    ("Dogwood Square School", 410, 0.20),
    ("Granite Steps School", 360, -0.20),
    ("Heron Bay School", 345, -0.60),
    ("Carriage Works School", 455, 0.50),
    ("Chestnut Row School", 325, 0.05),
    ("Seabright School", 380, -0.35),
    ("Tidewater Academy", 300, -0.05),
    ("Quarry Lane School", 435, 0.30),
    ("Cannery Street School", 390, 0.55),
    ("Linden Green School", 340, -0.25),
    ("Breakwater School", 415, 0.15),
    ("Orchard Gate School", 315, -0.50),
    ("Clock Tower School", 365, 0.08),
    ("Beacon Terrace School", 350, -0.15),
    ("Foundry Hill School", 460, 0.40),
    ("Magnolia Court School", 305, -0.40),
    ("Shipwright School", 400, 0.22),
    ("Bellflower School", 335, -0.08),
    ("North Wharf School", 445, 0.65),
    ("Willow Bridge School", 370, -0.28),
    ("Kestrel School of the Arts", 280, -0.65),
    ("Stonecutters School", 385, 0.12),
)
_HIGH: tuple[tuple[str, int, float], ...] = (
    ("Elm Harbor High School", 1460, 0.30),
    ("Eastgate High School", 1180, 0.12),
    ("Harbor Technical High School", 820, -0.15),
    ("Quarry Ridge High School", 640, 0.05),
    ("Marine Sciences High School", 430, -0.55),
    ("Riverbend Early College", 380, -0.65),
    ("Conservatory High School", 340, -0.35),
    ("New Passage Academy", 290, 0.60),
    ("Crossroads High School", 210, 0.45),
)


@dataclass(frozen=True)
class School:
    """One school of the district; ``students`` is how many are enrolled on the judged day."""

    number: int  # PowerSchool's School_Number, which every SchoolID of the other tables means
    name: str
    is_high: bool
    pull: float
    students: int

    @property
    def low_grade(self) -> int:
        """Lowest grade taught, 0 = kindergarten."""
        return 9 if self.is_high else 0

    @property
    def high_grade(self) -> int:
        """Highest grade taught."""
        return 12 if self.is_high else 8


def share_out(total: int, weights: npt.ArrayLike) -> Ints:
    """``total`` whole things split by weight: exact sum, largest remainders first, earlier entries on a tie."""
    parts = np.asarray(weights, dtype=np.float64)
    wanted = parts * (total / parts.sum())
    counts: Ints = np.floor(wanted).astype(np.int64)
    short = total - int(counts.sum())
    counts[np.argsort(counts - wanted, kind="stable")[:short]] += 1
    return counts


def range_sizes(students: int) -> tuple[int, int]:
    """How many of ``students`` are in K-8 and how many in 9-12, in New Haven's proportion."""
    k8 = (students * FULL_K8 * 2 + FULL_SIZE) // (2 * FULL_SIZE)
    return k8, students - k8


def make_schools(students: int) -> tuple[School, ...]:
    """The schools of a district of this size: all 41 at full size, fewer (never under four) for a small one."""
    schools = min(FULL_SCHOOLS, max(4, round(FULL_SCHOOLS * (students / FULL_SIZE) ** 0.75)))
    high = max(1, round(schools * FULL_HIGH_SCHOOLS / FULL_SCHOOLS))
    k8_students, high_students = range_sizes(students)
    return (
        *_of(_K8[: schools - high], k8_students, 101, is_high=False),
        *_of(_HIGH[:high], high_students, 201, is_high=True),
    )


def _of(listed: tuple[tuple[str, int, float], ...], students: int, first: int, *, is_high: bool) -> list[School]:
    sizes = share_out(students, [size for _, size, _ in listed])
    return [
        School(first + place, name, is_high, pull, int(size))
        for place, ((name, _, pull), size) in enumerate(zip(listed, sizes, strict=True))
    ]
