"""The year's proof of the review-team duty gathered: last year's rates, this year's meetings."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404

from allpresent.casework.queries import meetings as asked
from allpresent.policy import load_state_pack
from allpresent.roster.models import School
from allpresent.web.meeting_room import DISTRICT, Room
from allpresent.web.page import Page
from allpresent.web.presenters import history, proof
from allpresent.web.presenters.tallies import ALL_SCHOOLS, GRADE_RANGES


@dataclass(frozen=True)
class Proof:
    """A year's proof as the page shows it."""

    year: int
    title: str
    duty: str
    sentence: str
    rows: tuple[proof.ProofRow, ...]
    months: list[tuple[int, int]]
    sources: tuple[str, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(cell.name for cell in self.rows[0].cells) if self.rows else ()


def proof_of(page: Page) -> Proof:
    """This school year so far, for the teams the person holds meetings of."""
    from allpresent.measures import school_days

    if page.facts is None or page.as_of is None:
        raise Http404
    room = Room(page, "")
    year = page.facts.school_year(page.on)
    months = proof.months_between(school_days(page.facts, page.as_of)[0], page.on)
    rates = last_year_rates(page)
    duty = _duty(page, rates)
    teams = [(("" if team.key == DISTRICT else team.key), team.name) for team in room.teams]
    names = {team.key: team.name for team in room.teams}
    if duty is not None:
        names |= dict(School.objects.filter(pk__in=duty.schools).values_list("pk", "name"))
    rows = proof.proof_rows(teams, asked.held_in_year(year), months, duty, rates)
    return Proof(
        year=year,
        title=f"{year}-{(year + 1) % 100:02d}",
        duty=proof.duty_words(duty, names),
        sentence=proof.proof_sentence(rows),
        rows=rows,
        months=months,
        sources=_sources(page),
    )


def last_year_rates(page: Page) -> dict[str, proof.Rate]:
    """The rates at last year's last delivered day, by school id, the district's under ""; empty without that year."""
    from allpresent.measures import school_days

    facts, as_of = page.facts, page.as_of
    if facts is None or as_of is None:
        return {}
    year = facts.school_year(as_of)
    if year - 1 not in facts.version.school_years:
        return {}
    last = school_days(facts, date(year, 6, 30), is_whole_year=True)[-1] if _has_days(facts, year) else None
    if last is None:
        return {}
    found = history.tallies_on(facts, last, page.rules)
    rates = {key: proof.Rate(tally.chronic, tally.students) for key, tally in found.items()}
    rates[""] = rates.pop(ALL_SCHOOLS)
    return rates


def _has_days(facts: Any, year: int) -> bool:
    return len(facts.roll(year - 1).dates) > 0


def _duty(page: Page, rates: dict[str, proof.Rate]) -> proof.Duty | None:
    if "" not in rates:
        return None
    rules = load_state_pack(page.district.state).at(page.on)
    schools = {key: rate for key, rate in rates.items() if key and key not in GRADE_RANGES}
    return proof.find_duty(rates[""], schools, rules.review_team_district_share, rules.review_team_school_share)


def _sources(page: Page) -> tuple[str, ...]:
    pack = load_state_pack(page.district.state)
    names = ("review_team_district_share", "review_team_school_share", "review_team_meetings_a_month")
    return tuple(pack.parameter(name).at(page.on).source for name in names)
