"""Bundles laid over each other, drawn: what holds is what a reader with a dictionary would keep."""

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from allpresent.intake.sources import default_mapping
from allpresent.intake.sources.oneroster.declaration import DECLARATION
from allpresent.intake.sources.oneroster.delta import keep_newest
from allpresent.intake.workspace import Workspace
from allpresent.policy import District
from tests.intake.folders import TODAY

COURSES = DECLARATION.named["courses"]
EXAMPLES = int(os.environ.get("ALLPRESENT_EXAMPLES", "25"))
rows = st.tuples(
    st.sampled_from("abcd"), st.sampled_from([None, "active", "Active", "tobedeleted", "ToBeDeleted"]), st.text("xyz")
)
Bundles = list[list[tuple[str, str | None, str]]]
generations = st.lists(st.lists(rows, max_size=5), min_size=1, max_size=4)


def kept(drawn: Bundles) -> dict[str, str]:
    """What a person would keep: the first row of a key in each bundle, the newest bundle's over the others'."""
    state: dict[str, tuple[str | None, str]] = {}
    for bundle in drawn:
        own: dict[str, tuple[str | None, str]] = {}
        for key, status, title in bundle:
            own.setdefault(key, (status, title))
        state |= own
    return {key: title for key, (status, title) in state.items() if (status or "").lower() != "tobedeleted"}


def test_the_newest_row_of_a_key_holds_and_every_row_is_accounted_for(survived: Callable[[int, str], None]) -> None:
    laid = 0

    @settings(max_examples=EXAMPLES, deadline=None)
    @given(drawn=generations)
    def lay(drawn: Bundles) -> None:
        nonlocal laid
        assert_kept(drawn)
        laid += 1

    lay()
    survived(laid, "drawn bundles laid over each other: the newest row of a key, every row accounted for")


def assert_kept(drawn: Bundles) -> None:
    workspace = Workspace(Path(), TODAY, District(), default_mapping("oneroster"))
    suffixes = [f"_{at}" for at in range(len(drawn))]
    for at, bundle in enumerate(drawn):
        workspace.put(f"t_courses_{at}", typed(at, bundle))
    keep_newest(workspace, COURSES, suffixes)
    held = workspace.rows("SELECT file_id, line_no, key, title FROM t_courses")
    went = [row[:2] for row in held] + workspace.rows(
        "SELECT file_id, line_no FROM outcomes UNION ALL SELECT file_id, line_no FROM findings WHERE severity = 'error'"
    )
    workspace.connection.close()
    assert {key: title for _, _, key, title in held} == kept(drawn)
    assert len(held) == len(kept(drawn))
    assert set(went) == {(at, line) for at, bundle in enumerate(drawn) for line, _ in enumerate(bundle)}


def typed(file_id: int, bundle: list[tuple[str, str | None, str]]) -> pa.Table:
    """A staged file's rows, as typed."""
    columns = {name: [row[at] for row in bundle] for at, name in enumerate(("key", "status", "title"))}
    made = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    count = len(bundle)
    numbers = {
        "file_id": pa.array([file_id] * count, pa.int32()),
        "line_no": pa.array(range(count), pa.int64()),
        "code": pa.nulls(count, pa.string()),
    }
    return pa.table(numbers | made | {name: pa.array([False] * count) for name in ("is_bad", "is_doubtful")})
