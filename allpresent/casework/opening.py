"""The night's work on cases: open what was promised, withdraw what the record no longer shows.

Only the students whose books differ from the record are taken, in the order of their ids, a batch a transaction. Each
batch compares the record with the books and writes the difference, so it may be stopped between any two batches and run
again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from allpresent.access import record
from allpresent.measures.engine import Facts
from allpresent.roster.filling import fill, have_counted

from .endings import end_other_years
from .models import Case, CaseStep, LevelCrossing
from .models.steps import Ending, StepState
from .nights import CaseState, Night, read_night, students_behind
from .plan import Books, Plan, Promise, Standing, plan_student
from .transitions import audit_event

BATCH = 2000
Progress = Callable[[str], None]


def open_steps(
    home: Path,
    facts: Facts,
    as_of: date,
    on: date,
    now: datetime,
    *,
    because: Ending = Ending.CORRECTED,
    progress: Progress = lambda line: None,
) -> dict[str, int]:
    """Bring every case into line with the record as of a school day. Returns what changed; a second run changes 0.

    `on` is the district's day of the run, `because` why a level that is no longer shown went away.
    """
    night = read_night(home, facts, as_of, on, now, because)
    done: Counter[str] = Counter()
    end_other_years(night.school_year, on, now, because)
    ids = students_behind(night)
    for start in range(0, len(ids), BATCH):
        done += apply_batch(night, ids[start : start + BATCH])
        progress(f"Steps: {min(start + BATCH, len(ids))} of {len(ids)} students brought into line with the record")
    if done:
        have_counted(Case, LevelCrossing, CaseStep)
    return {name: done[name] for name in ("crossings", "opened", "crossings_withdrawn", "withdrawn")}


def apply_batch(night: Night, student_ids: list[str]) -> Counter[str]:
    """One transaction: plan every student of the batch, write the difference, and one audit entry if there was one."""
    with transaction.atomic():
        cases, books = _read_books(night.school_year, student_ids)
        plans = {key: _plan(night, books.get(key, Books()), key) for key in student_ids}
        done = _write(night, cases, books, plans)
        if done:
            event = audit_event("step", "open")
            detail = dict(done) | {"as_of": night.as_of.isoformat(), "from": student_ids[0], "to": student_ids[-1]}
            record(None, event, at=night.now, object_kind="delivery", object_id=night.delivery_id, detail=detail)
    return done


def _plan(night: Night, books: Books, student_id: str) -> Plan:
    row = night.row(student_id)
    return plan_student(row, books, night.ladder, night.promises(row.school_id))


def _read_books(school_year: int, student_ids: list[str]) -> tuple[dict[str, Case], dict[str, Books]]:
    """The cases of a batch, and what is live on them. Three queries."""
    cases = {case.student_id: case for case in Case.objects.filter(school_year=school_year, student_id__in=student_ids)}
    owner = {case.pk: student_id for student_id, case in cases.items()}
    crossings: dict[str, dict[str, int]] = {}
    live = LevelCrossing.objects.filter(case_id__in=owner, is_withdrawn=False)
    for case_id, level, pk in live.order_by("crossed_on", "pk").values_list("case_id", "level", "pk"):
        crossings.setdefault(owner[case_id], {})[level] = pk
    steps: dict[str, list[Standing]] = {}
    standing = CaseStep.objects.filter(case_id__in=owner).exclude(state=StepState.WITHDRAWN).order_by("pk")
    for case_id, pk, level, key, act, state, merged in standing.values_list(
        "case_id", "pk", "level", "step_key", "promise__act", "state", "merged"
    ):
        step = Standing(pk, level, key, act, state, tuple(merged.split()))
        steps.setdefault(owner[case_id], []).append(step)
    return cases, {key: Books(crossings.get(key, {}), tuple(steps.get(key, ()))) for key in cases}


def _write(night: Night, cases: dict[str, Case], books: dict[str, Books], plans: dict[str, Plan]) -> Counter[str]:
    """Write the plans of one batch and count what was written."""
    done: Counter[str] = Counter()
    _open_cases(night, cases, plans)
    crossed = ((cases[key], plan) for key, plan in plans.items() if plan.crossings)
    made = [row for case, plan in crossed for row in _new_crossings(night, case, plan)]
    fill(LevelCrossing, made)
    links = _live_crossings([cases[key].pk for key, plan in plans.items() if plan.steps])
    opened = [
        _new_step(night, cases[key], links[cases[key].pk, promise.level], promise)
        for key, plan in plans.items()
        for promise in plan.steps
    ]
    fill(CaseStep, opened)
    done["crossings"], done["opened"] = len(made), len(opened)
    done["crossings_withdrawn"] = _withdraw_crossings(night, books, plans)
    done["withdrawn"] = _withdraw_steps(night, plans)
    done["cases_changed"] = _update_cases(night, cases)
    return +done


def _open_cases(night: Night, cases: dict[str, Case], plans: dict[str, Plan]) -> None:
    """Give a case to every student who crossed a level and has none yet."""
    new = [
        Case(
            student_id=key,
            school_year=night.school_year,
            school_id=night.row(key).school_id or None,
            level=night.row(key).level,
            highest_level=night.row(key).level,
            opened_on=night.as_of,
        )
        for key, plan in plans.items()
        if plan.crossings and key not in cases
    ]
    for case in Case.objects.bulk_create(new):
        cases[case.student_id] = case


def _new_crossings(night: Night, case: Case, plan: Plan) -> Iterator[dict[str, Any]]:
    row = night.row(case.student_id)
    for new in plan.crossings:
        yield {
            "case_id": case.pk,
            "level": new.level,
            "school_id": row.school_id or None,
            "crossed_on": new.crossed_on,
            "noticed_on": night.as_of,
            "noticed_delivery": night.delivery_id,
            "noticed_at": night.now,
            "days_absent": row.days_absent,
            "is_skipped": new.is_skipped,
            "skipped": " ".join(new.skipped),
        }


def _live_crossings(case_ids: list[int]) -> dict[tuple[int, str], int]:
    """The crossings that stand, by case and level."""
    if not case_ids:
        return {}
    live = LevelCrossing.objects.filter(case_id__in=case_ids, is_withdrawn=False).order_by()
    return {(case_id, level): pk for case_id, level, pk in live.values_list("case_id", "level", "pk")}


def _new_step(night: Night, case: Case, crossing_id: int, promise: Promise) -> dict[str, Any]:
    return {
        "case_id": case.pk,
        "crossing_id": crossing_id,
        "promise_id": night.wordings[promise.key],
        "step_key": promise.key,
        "kind": promise.kind,
        "level": promise.level,
        "school_id": night.row(case.student_id).school_id or None,
        "opened_on": night.as_of,
        "due_on": promise.due_on,
        "merged": " ".join(promise.merged_levels),
        "owner_role": promise.owner_role,
    }


def _by_ending(night: Night, ended: Iterable[tuple[str, int]]) -> dict[Ending, list[int]]:
    grouped: dict[Ending, list[int]] = {}
    for student_id, pk in ended:
        grouped.setdefault(night.ending(student_id), []).append(pk)
    return grouped


def _withdraw_crossings(night: Night, books: dict[str, Books], plans: dict[str, Plan]) -> int:
    ended = ((key, books[key].crossings[level]) for key, plan in plans.items() for level in plan.ended_levels)
    return sum(
        LevelCrossing.objects.filter(pk__in=ids).update(
            is_withdrawn=True, withdrawn_on=night.on, withdrawn_because=ending, withdrawn_delivery=night.delivery_id
        )
        for ending, ids in _by_ending(night, ended).items()
    )


def _withdraw_steps(night: Night, plans: dict[str, Plan]) -> int:
    """Only what is still open: a step somebody closed while the batch was planned stays done."""
    ended = ((key, pk) for key, plan in plans.items() for pk in plan.ended_steps)
    return sum(
        CaseStep.objects.filter(pk__in=ids, state=StepState.OPEN).update(
            state=StepState.WITHDRAWN, ended_on=night.on, ended_at=night.now, ending=ending
        )
        for ending, ids in _by_ending(night, ended).items()
    )


def _update_cases(night: Night, cases: dict[str, Case]) -> int:
    """Level, highest level, open or closed: one update for all cases that go to the same state."""
    groups: dict[CaseState, list[int]] = {}
    for student_id, case in cases.items():
        known = (case.level, case.highest_level, case.closed_on, case.closed_because)
        state = night.state(student_id, known)
        if state != known:
            groups.setdefault(state, []).append(case.pk)
    for (level, highest, closed_on, because), ids in groups.items():
        Case.objects.filter(pk__in=ids).update(
            level=level, highest_level=highest, closed_on=closed_on, closed_because=because
        )
    return sum(map(len, groups.values()))
