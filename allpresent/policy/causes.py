"""The causes of absence staff choose from: Hartford's four families and 24 causes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from allpresent.policy.load import read_policy
from allpresent.policy.section import Section


@dataclass(frozen=True)
class Cause:
    """One cause, with its words by language; `key` is what a record keeps."""

    key: str
    family: str
    labels: Mapping[str, str] = field(hash=False)

    def label(self, language: str = "en") -> str:
        """The words in a language, in English where they are not said in it."""
        return self.labels.get(language, self.labels["en"])


@dataclass(frozen=True)
class CauseFamily:
    """A family of causes, in the order of its source."""

    key: str
    labels: Mapping[str, str] = field(hash=False)
    causes: tuple[Cause, ...] = ()

    def label(self, language: str = "en") -> str:
        """The words in a language, in English where they are not said in it."""
        return self.labels.get(language, self.labels["en"])


@cache
def load_causes() -> tuple[CauseFamily, ...]:
    """The four families with their causes. Raises PolicyError when the file was damaged."""
    top = read_policy(Path(__file__).parent / "causes.yaml")
    top.only("source", "languages", "families")
    families = tuple(map(_family, top.sections("families")))
    top.check()
    return tuple(family for family in families if family is not None)


def _family(section: Section) -> CauseFamily | None:
    section.only("key", "label", "causes")
    key = section.text("key")
    causes = tuple(filter(None, (_cause(key, below) for below in section.sections("causes"))))
    return section.build(CauseFamily, key=key, labels=section.words("label"), causes=causes)


def _cause(family: str, section: Section) -> Cause | None:
    section.only("key", "label")
    return section.build(Cause, key=section.text("key"), family=family, labels=section.words("label"))
