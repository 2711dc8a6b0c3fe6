"""The strategies a Student Success Plan chooses from, each with the study behind it and that study's grade."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from allpresent.policy.load import read_policy
from allpresent.policy.section import Section

GRADES = ("A", "B", "C", "D")


@dataclass(frozen=True)
class Study:
    """What was found elsewhere: the grade of its design, whom it studied, what it found, and where it is told."""

    id: str
    grade: str
    population: str
    effects: Mapping[str, str] = field(hash=False)
    source: str = ""

    def effect(self, language: str = "en") -> str:
        """What was found, in a language."""
        return self.effects.get(language, self.effects["en"])


@dataclass(frozen=True)
class Strategy:
    """One thing a plan may do. ``study`` is None where nobody has measured it."""

    key: str
    labels: Mapping[str, str] = field(hash=False)
    study: Study | None = None

    def label(self, language: str = "en") -> str:
        """The words in a language, in English where they are not said in it."""
        return self.labels.get(language, self.labels["en"])


@cache
def load_strategies(path: Path | None = None) -> tuple[Strategy, ...]:
    """The district's list in its order. Raises PolicyError naming the line that cannot be."""
    top = read_policy(path or Path(__file__).parent / "strategies.yaml")
    top.only("source", "evidence", "strategies")
    studies = {study.id: study for study in map(_study, top.sections("evidence")) if study is not None}
    strategies = [_strategy(section, studies) for section in top.sections("strategies")]
    top.check()
    return tuple(one for one in strategies if one is not None)


def _study(section: Section) -> Study | None:
    section.only("id", "grade", "population", "effect", "source")
    return section.build(
        Study,
        id=section.text("id"),
        grade=section.one_of("grade", GRADES),
        population=section.text("population"),
        effects=section.words("effect"),
        source=section.text("source"),
    )


def _strategy(section: Section, studies: Mapping[str, Study]) -> Strategy | None:
    section.only("key", "label", "evidence")
    named = section.text("evidence", None)
    if named is not None and named not in studies:
        section.note("evidence", f"names the study `{named}`, which is not in the list of evidence above")
    study = studies.get(named) if named else None
    return section.build(Strategy, key=section.text("key"), labels=section.words("label"), study=study)
