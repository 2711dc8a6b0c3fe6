"""The year's proof of the review-team duty gathered: last year's rates, this year's meetings."""

from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404

from allpresent.casework.queries import meetings as asked
from allpresent.policy import load_state_pack
from allpresent.roster.models import School
from allpresent.web.meeting_room import DISTRICT, Room
from allpresent.web.page import Page
from allpresent.web.presenters import proof


@dataclass(frozen=True)
class Proof:
    """A year's proof as the page shows it."""

    year: int
    title: str
    duty: str
    schools: tuple[str, ...]  # at the schools' share or above
    sentence: str
    rows: tuple[proof.ProofRow, ...]
    months: list[tuple[int, int]]
    sources: tuple[str, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(cell.name for cell in self.rows[0].cells) if self.rows else ()


def proof_of(page: Page) -> Proof:
    """The school year of the newest day, so far, for the teams the person holds meetings of."""
    from allpresent.measures import school_days

    if page.facts is None or page.as_of is None:
        raise Http404
    room = Room(page, "")
    year = page.facts.school_year(page.as_of)
    # Over the summer the year that ended stands until the next one has a day.
    until = page.on if page.facts.school_year(page.on) == year else page.as_of
    months = proof.months_between(school_days(page.facts, page.as_of)[0], until)
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
        schools=proof.school_names(duty, names),
        sentence=proof.proof_sentence(rows),
        rows=rows,
        months=months,
        sources=_sources(page),
    )


def last_year_rates(page: Page) -> dict[str, proof.Rate]:
    """The state's rates of last year by school id, the district's under ""; empty without that year.

    Everybody enrolled on a day of it counts, at their last school, also who left before its end; pre-kindergarten and
    schools the state leaves out do not (CSDE's published measure, grades K-12).
    """
    from allpresent.measures import school_days, standings

    facts, as_of = page.facts, page.as_of
    if facts is None or as_of is None:
        return {}
    year = facts.school_year(as_of)
    if year - 1 not in facts.version.school_years or not len(facts.roll(year - 1).dates):
        return {}
    last = school_days(facts, date(year, 6, 30), is_whole_year=True)[-1]
    state = load_state_pack(page.district.state).at(last)
    rules = replace(page.rules, minimum_days=state.minimum_days, day_rule="state")
    schools = facts.version.table("schools", columns=["school_id", "excluded"])
    left_out = schools.filter(pc.equal(schools["excluded"], 1))["school_id"]
    table = standings(facts, last, rules)
    in_rate = pc.is_in(table["grade"], pa.array(["", *state.chronic_grades]))
    table = table.filter(pc.and_(in_rate, pc.invert(pc.is_in(table["school_id"], left_out.combine_chunks()))))
    sums = table.group_by("school_id").aggregate([("is_chronically_absent", "sum"), ("student_id", "count")])
    rates = {
        row["school_id"]: proof.Rate(row["is_chronically_absent_sum"], row["student_id_count"])
        for row in sums.to_pylist()
    }
    whole = proof.Rate(sum(rate.chronic for rate in rates.values()), table.num_rows)
    return rates | {"": whole} if rates else {}


def _duty(page: Page, rates: dict[str, proof.Rate]) -> proof.Duty | None:
    if "" not in rates:
        return None
    rules = load_state_pack(page.district.state).at(page.on)
    schools = {key: rate for key, rate in rates.items() if key}
    return proof.find_duty(rates[""], schools, rules.review_team_district_share, rules.review_team_school_share)


def _sources(page: Page) -> tuple[str, ...]:
    pack = load_state_pack(page.district.state)
    names = ("review_team_district_share", "review_team_school_share", "review_team_meetings_a_month")
    return tuple(pack.parameter(name).at(page.on).source for name in names)
