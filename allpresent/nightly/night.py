"""One night, part by part: post, project, let people in and out, open steps, freeze reports, tidy up.

Every part may be run twice and stopped anywhere: it looks at what is there and does the rest.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.contrib.sessions.models import Session
from django_tasks_db.models import DBTaskResult

from allpresent.access import sync_staff
from allpresent.access.models import AccessError, FormKey
from allpresent.casework.answered import close_answered
from allpresent.casework.endings import end_all
from allpresent.casework.escalation import escalate_steps
from allpresent.casework.joining import join_students
from allpresent.casework.leavers import hand_on_unseen, withdraw_for_leavers
from allpresent.casework.letters import withdraw_unfounded
from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunKind
from allpresent.casework.models.steps import Ending
from allpresent.casework.opening import open_steps
from allpresent.casework.unseen import end_matches_of_leavers, hand_steps_back
from allpresent.intake import (
    IntakeError,
    faults_of_current,
    forget_files,
    prune_versions,
    pull_source,
    seal_kept_files,
)
from allpresent.intake.drops import look_twice, post_drop
from allpresent.intake.former_ids import FILE as FORMER_IDS
from allpresent.intake.former_ids import read_former_ids
from allpresent.intake.posting import Posted
from allpresent.measures import Facts, MeasureError, open_facts
from allpresent.policy import District, load_district
from allpresent.reports import ReportError
from allpresent.roster import project_roster
from allpresent.roster.models import ProjectedVersion

from .publish import freeze_due, named_versions
from .running import Log, Progress, running

FORM_KEYS_KEPT = timedelta(days=2)  # a form left open over a weekend is asked for again
TASKS_KEPT = timedelta(days=30)
WHOLE, HELD, BROKEN = 0, 1, 2  # exit codes: as of intake


@dataclass(frozen=True)
class Summary:
    """What a night came to."""

    run_id: int
    delivery_id: str
    as_of: date | None
    counts: dict[str, int] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 all done; 1 a delivery is held; 2 a part could not be done."""
        return BROKEN if self.troubles else HELD if self.held else WHOLE


def run_nightly(home: Path, today: date, now: datetime, progress: Progress = lambda line: None) -> Summary:
    """The whole night of a district. Raises NightlyError while another one is under way."""
    district = load_district(home)
    with running(home, NightlyRun(kind=RunKind.NIGHTLY, on=today, asked_at=now), now, progress) as log:
        pull_sources(home, district, today, log)
        held = post_drops(home, district, today, now, log)
        facts = catch_up(home, today, now, log)
        # After the roster: a row of staff.csv may name a school or student that came tonight.
        _part(log, "staff.csv", lambda: let_people_in(home, district, today, now, log))
        if facts is not None:
            hand_on(today, now, log)
            _part(log, "The bi-weekly reports", lambda: freeze_due(home, district, facts, today, now, log))
        tidy_up(home, district, today, now, log)
        log.say(_last_line(log, held))
    run = log.run
    return Summary(run.pk, run.delivery_id, run.as_of, log.counts, tuple(held), tuple(log.troubles))


def _part(log: Log, name: str, work: Callable[[], object]) -> None:
    """A part whose failure must not keep the children's steps from being opened."""
    try:
        work()
    except (AccessError, ReportError, OSError, ValueError) as error:
        said = str(error)
        log.trouble(said if said.startswith(name) else f"{name}: {said}")


def pull_sources(home: Path, district: District, today: date, log: Log) -> None:
    """Bring the files of the sources that have an interface; one that cannot be reached leaves those it has."""
    for source in (source for source in district.sources if source.pull is not None):
        try:
            manifest = pull_source(home, district, source.name, os.environ, today=today, progress=log.say)
        except (IntakeError, OSError) as error:
            log.trouble(f"{source.name}: {error}")
        else:
            log.say(f"{source.name}: {sum(file.rows for file in manifest.files):,} rows are pulled.")


def post_drops(home: Path, district: District, today: date, now: datetime, log: Log) -> list[str]:
    """Post what lies in the drop folder of each source, and is all there. Returns the deliveries that are held."""
    held = []
    for drop in look_twice(home, district, log.say):
        source = drop.source
        if drop.why_not:
            log.trouble(f"{source.name}: {drop.why_not}, so {source.folder} is left for the next night.")
            continue
        if not drop.seen:
            log.say(f"{source.name}: no files in {source.folder}.")
            continue
        try:
            posted = post_drop(home, drop, today, now, log.say)
        except IntakeError as error:
            log.trouble(f"{source.name}: {error}")
            continue
        except OSError:
            raise
        except Exception as error:
            # A fault of ours over one source must not keep the others, and the children's steps, from their night. Its
            # words may hold a value of the file, so only its kind is told.
            logging.getLogger(__name__).exception("A delivery of %s could not be read", source.name)
            log.trouble(
                f"{source.name}: the program failed over these files ({type(error).__name__}); please report it."
            )
            continue
        log.count(posted.outcome, 1)
        log.say(f"{source.name}: delivery {posted.delivery_id} {_came_to(posted)}")
        if posted.outcome == "held":
            held.append(posted.delivery_id)
    return held


def _came_to(posted: Posted) -> str:
    """What became of a delivery, as the end of a sentence; of one that waits, the first reason."""
    if posted.outcome != "held":
        return f"is {posted.outcome}."
    others = len(posted.record.why_held) - 1
    more = f" ({others} more on its page.)" if others > 0 else ""
    what = "cannot be read" if posted.record.is_unreadable else "is held"
    return f"{what}: {posted.record.why_held[0]}{more}"


def let_people_in(home: Path, district: District, today: date, now: datetime, log: Log) -> None:
    """Users and grants as `staff.csv` has them."""
    sync = sync_staff(home, today, now, is_demo=district.is_demo)
    log.count("people_let_in", sync.created + sync.enabled)
    log.count("people_let_out", sync.disabled)
    for sentence in sync.sentences:
        log.trouble(sentence)


def hand_on(today: date, now: datetime, log: Log) -> None:
    """What a person was to do and cannot any more waits for the team; what they can do again goes back to them."""
    log.count("matches_ended", end_matches_of_leavers(now))
    log.count("steps_handed_back", hand_steps_back(today, now))
    lost, found = hand_on_unseen(today, now)
    log.count("decisions_handed_on", lost)
    log.count("decisions_given_back", found)


def catch_up(
    home: Path, today: date, now: datetime, log: Log, because: Ending = Ending.CORRECTED, *, is_forced: bool = False
) -> Facts | None:
    """Bring roster and cases to the posted version. Returns its facts, or None while nothing is posted.

    Facts that are not what was posted are told and left alone: what they would open or end may be wrong.
    """
    damaged = list(faults_of_current(home))
    for sentence in damaged:
        log.trouble(sentence)
    if damaged:
        return None
    try:
        facts = open_facts(home)
    except MeasureError:
        project_roster(home, now, log.say)
        log.count("cases_closed", end_all(today, now))
        log.say("Nothing is posted yet.")
        return None
    shown = ProjectedVersion.current()
    if is_forced or shown is None or shown.delivery_id != facts.delivery_id:
        project_roster(home, now, log.say)
    _part(log, FORMER_IDS, lambda: join_former_ids(home, facts, today, now, log))
    log.run.delivery_id = facts.delivery_id
    if facts.version.last_school_day is None:
        log.say(f"Delivery {facts.delivery_id} has no attendance yet; no step is opened.")
        return None
    log.run.as_of = facts.last_school_day
    for name, number in open_steps(
        home, facts, facts.last_school_day, today, now, because=because, progress=log.say
    ).items():
        log.count(name, number)
    log.count("answered", close_answered(facts.last_school_day, now))
    gone, back = withdraw_for_leavers(facts.school_year(facts.last_school_day), today, now)
    log.count("decisions_withdrawn", gone)
    log.count("decisions_opened_again", back)
    log.count("letters_withdrawn", withdraw_unfounded(home, facts, facts.last_school_day, now))
    after = load_district(home).escalate_after_school_days
    log.count("escalated", escalate_steps(facts, facts.last_school_day, now, after))
    return facts


def join_former_ids(home: Path, facts: Facts, today: date, now: datetime, log: Log) -> None:
    """Bring what was written under ids that were given up to those of now."""
    joined, sentences = join_students(read_former_ids(home), facts, today, now)
    log.count("students_joined", joined)
    for sentence in sentences:
        log.trouble(f"{FORMER_IDS}: {sentence}")


def tidy_up(home: Path, district: District, today: date, now: datetime, log: Log) -> None:
    """Forget form keys, sessions, tasks and delivered files past their keeping; seal the files kept, where a key is."""
    oldest = now - timedelta(days=district.keep_files_days)
    _part(log, "Delivered files", lambda: log.count("deliveries_cleared", forget_files(home, oldest)))
    _part(log, "Earlier facts", lambda: prune_unnamed(home, district, today, now, log))
    _part(log, "Delivered files", lambda: log.count("deliveries_sealed", seal_kept_files(home)))
    keys, _ = FormKey.objects.filter(used_at__lt=now - FORM_KEYS_KEPT).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    DBTaskResult.objects.finished().filter(finished_at__lt=now - TASKS_KEPT).delete()
    log.count("form_keys_forgotten", keys)


def prune_unnamed(home: Path, district: District, today: date, now: datetime, log: Log) -> None:
    """Clear the facts of deliveries past their keeping that no report on file was made from and no page shows."""
    cleared = prune_versions(home, district.keep_versions_days, named_versions(home), today, now)
    log.count("versions_cleared", len(cleared))
    if cleared:
        log.say(f"Facts of {', '.join(cleared)} are cleared (keep_versions_days: {district.keep_versions_days}).")


def _last_line(log: Log, held: list[str]) -> str:
    counts = log.counts
    line = (
        f"As of {log.run.as_of or 'no school day'}: {counts.get('opened', 0)} steps opened, "
        f"{counts.get('withdrawn', 0)} withdrawn, {counts.get('escalated', 0)} handed to the attendance team"
    )
    return f"{line}; held: {', '.join(held)}." if held else f"{line}."
