"""B9: what is printed: a thousand letters in one file, and the bi-weekly reports of a district's schools."""

from datetime import date
from functools import partial
from pathlib import Path

from allpresent.measures import Facts, Rules, open_facts
from allpresent.policy import District
from allpresent.reports import LetterSheet, Report, Scope, biweekly, render, render_letters
from benchmarks.measuring import Goal, Result, line, peak_mb, timed
from benchmarks.storing import days_asked, stored

TITLE = "On paper: letters, and bi-weekly reports"
LETTERS, REPORTS = "letters in one PDF", "bi-weekly reports, a PDF each"
MOST_LETTERS, MOST_REPORTS = 1_000, 41
MOST_SECONDS = {LETTERS: 10, REPORTS: 20}
LEVELS = {"L1": ("On track", "0-1"), "L2": ("Alert", "2-5"), "L3": ("Moderate", "6-10")} | {
    "L4": ("Serious", "11-14"),
    "L5": ("Severe", "15-17"),
    "L6": ("Critical", "18+"),
}
WORDS = (
    "The days are: Thu 3, Fri 4, Mon 14 and Tue 15 September, Fri 2 and Mon 5 October.",
    "If something makes it hard to come to school, tell us. We know who can help with a ride, a coat or a doctor.",
    "Please call the school's office before 20 October. You may speak the language you like.",
)


def run(size: str, below: Path, runs: int) -> Result:
    """Each run prints other letters and another day's reports, for the typesetter keeps what it has set before."""
    folder = stored(size, below)
    facts, days = open_facts(folder / "home"), days_asked(folder)[1]
    schools = sorted(set(facts.version.table("schools", columns=["school_id"])["school_id"].to_pylist()))
    scopes = [Scope("The district"), *(Scope(f"School {one}", one) for one in schools)][:MOST_REPORTS]

    def print_letters(number: int) -> int:
        count = 10 if size == "tiny" else MOST_LETTERS
        letters = [_letter(number * count + at) for at in range(count)]
        render_letters(letters, district="Benchmarks", title="Letters", language="en")
        return count

    def print_reports(number: int) -> int:
        for scope in scopes:
            render(_report(facts, days[-1 - number % len(days)], scope), "pdf")
        return len(scopes)

    print_letters(runs)
    told = {LETTERS: print_letters, REPORTS: print_reports}
    times = {name: [timed(partial(ask, number)) for number in range(runs)] for name, ask in told.items()}
    base = [taken for taken, _ in times[LETTERS]]
    lines = [
        line(f"All Present, {name}", [taken for taken, _ in some], base, peak_mb(), some[0][1])
        for name, some in times.items()
    ]
    result = Result("B9", TITLE, size, "the letters", runs, lines)
    result.goals = [
        Goal(f"{one.rows:,} {name} in at most {most} s of the processor", one.cpu, most)
        for one, (name, most) in zip(lines, MOST_SECONDS.items(), strict=True)
    ]
    return result


def _letter(number: int) -> LetterSheet:
    about, address = f"Family of student {number}", (f"{number} Lantern Street", "Elm Harbor CT 06599")
    words = (f"Student {number} has missed {number % 20} days of school since August. Each day counts.", *WORDS)
    return LetterSheet(f"Family {number}", about, "", "6 October 2026", "We miss them", words, address=address)


def _report(facts: Facts, day: date, scope: Scope) -> Report:
    return biweekly(facts, day, Rules(), scope, district=District(), school_names={}, levels=LEVELS)
