"""To whom a student may be referred: one dated list a protocol, with its source, and a place for anybody else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from allpresent.policy.load import read_policy
from allpresent.policy.section import Section

SHIPPED = Path(__file__).parent / "services"


@dataclass(frozen=True)
class Service:
    """Somebody who takes referrals. ``keeps`` are the steps, without their level, that an acceptance is evidence of."""

    key: str
    labels: Mapping[str, str] = field(hash=False)
    keeps: tuple[str, ...] = ()
    needs_legal_basis: bool = False
    source: str = ""

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
    top.only("key", "version", "source", "services")
    top.day("version")
    services = [_service(section) for section in top.sections("services")]
    top.check()
    return (*(one for one in services if one is not None), OTHER)


def find_service(key: str) -> Service | None:
    """A service by the key a record keeps, whichever list it stands in."""
    lists = (load_services(path.stem) for path in sorted(SHIPPED.glob("*.yaml")))
    return next((one for services in lists for one in services if one.key == key), None)


def _service(section: Section) -> Service | None:
    section.only("key", "label", "keeps", "needs_legal_basis", "source")
    return section.build(
        Service,
        key=section.text("key"),
        labels=section.words("label"),
        keeps=section.texts("keeps"),
        needs_legal_basis=section.flag("needs_legal_basis", default=False),
        source=section.text("source"),
    )
