"""To whom a student may be referred: one dated list a protocol, with its source, and a place for anybody else.

The list says as well how often those who accepted tell how it goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from allpresent.policy.load import read_policy
from allpresent.policy.section import PolicyError, Section

SHIPPED = Path(__file__).parent / "services"


@dataclass(frozen=True)
class Rhythm:
    """How often a place that accepted a referral tells how it goes. All in calendar days since it was last heard of."""

    every_days: int = 14
    ask_after_days: int = 12  # from then on whoever follows it up is reminded to ask
    to_district_after_days: int = 21  # from then on it is on the agenda of the district's team as well
    source: str = "Ours, as New Haven's toolkit says"

    def __post_init__(self) -> None:
        if not 1 <= self.ask_after_days <= self.every_days <= self.to_district_after_days:
            raise PolicyError("updates have to be asked for first, be past due then, and go to the district last.")

    def due_on(self, heard_on: date) -> date:
        """The last day on which the next update is in time."""
        return heard_on + timedelta(days=self.every_days)

    def is_past_due(self, heard_on: date, on: date) -> bool:
        """Nothing was heard for longer than agreed."""
        return self.due_on(heard_on) < on

    def is_to_ask(self, heard_on: date, on: date) -> bool:
        """It is time to ask, or past it."""
        return heard_on + timedelta(days=self.ask_after_days) <= on

    def is_the_districts(self, heard_on: date, on: date) -> bool:
        """Silent for so long that the district's team hears of it."""
        return heard_on + timedelta(days=self.to_district_after_days) <= on


@dataclass(frozen=True)
class Service:
    """Somebody who takes referrals. ``keeps`` are the steps, without their level, that an acceptance is evidence of."""

    key: str
    labels: Mapping[str, str] = field(hash=False)
    keeps: tuple[str, ...] = ()
    needs_legal_basis: bool = False
    source: str = ""
    rhythm: Rhythm = Rhythm()

    def label(self, language: str = "en") -> str:
        """The words in a language, in English where they are not said in it."""
        return self.labels.get(language, self.labels["en"])


# Every district may refer to somebody its list does not name; the record then says whom in words.
OTHER = Service(
    "other",
    {"en": "Somebody else, named below", "es": "Otra persona u organización, nombrada abajo"},
    ("additional_supports",),
)


@cache
def load_services(protocol: str, folder: Path = SHIPPED) -> tuple[Service, ...]:
    """The list of a protocol in its order; one without a list has OTHER alone. Raises PolicyError naming the line."""
    path = folder / f"{protocol}.yaml"
    if not path.is_file():
        return (OTHER,)
    top = read_policy(path)
    top.only("key", "version", "source", "updates", "services")
    top.day("version")
    rhythm = _rhythm(top.section("updates"))
    services = [_service(section, rhythm) for section in top.sections("services")]
    top.check()
    return (*(one for one in services if one is not None), OTHER)


def find_service(key: str) -> Service | None:
    """A service by the key a record keeps, whichever list it stands in."""
    lists = (load_services(path.stem) for path in sorted(SHIPPED.glob("*.yaml")))
    return next((one for services in lists for one in services if one.key == key), None)


def rhythm_of(key: str) -> Rhythm:
    """How often the service of that key tells how it goes; of one that no list has, as OTHER does."""
    found = find_service(key)
    return (found or OTHER).rhythm


def _rhythm(section: Section) -> Rhythm:
    section.only("every_days", "ask_after_days", "to_district_after_days", "source")
    plain = Rhythm()
    built = section.build(
        Rhythm,
        every_days=section.whole("every_days", plain.every_days, low=1, high=366),
        ask_after_days=section.whole("ask_after_days", plain.ask_after_days, low=1, high=366),
        to_district_after_days=section.whole("to_district_after_days", plain.to_district_after_days, low=1, high=366),
        source=section.text("source", plain.source),
    )
    return built or plain


def _service(section: Section, rhythm: Rhythm) -> Service | None:
    section.only("key", "label", "keeps", "needs_legal_basis", "source")
    return section.build(
        Service,
        key=section.text("key"),
        labels=section.words("label"),
        keeps=section.texts("keeps"),
        needs_legal_basis=section.flag("needs_legal_basis", default=False),
        source=section.text("source"),
        rhythm=rhythm,
    )
