"""The page that points each sentence of the toolkit to a screen: none is missing, and none is invented."""

import re
from pathlib import Path

import pytest

from allpresent.protocol import load_protocol
from allpresent.protocol.document import Step
from allpresent.protocol.steps import school_steps

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "toolkit.md"
PROTOCOL = load_protocol("new_haven")
SENTENCES = {
    (level.key, said)
    for level in PROTOCOL.levels
    for said in (
        *level.recommended_interventions,
        *(one for step in level.action_steps for one in step.says),
        *(item.says for item in level.accountability_monitoring),
    )
}


def sections() -> dict[str, str]:
    parts = re.split(r"^## (?=L\d )", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {part[:2]: " ".join(part.split("\n## ")[0].split()) for part in parts}


@pytest.mark.parametrize(("level", "said"), sorted(SENTENCES))
def test_every_sentence_of_the_toolkit_is_on_the_page(level: str, said: str) -> None:
    assert f"“{' '.join(said.split())}”" in sections()[level]


def test_no_sentence_is_put_into_the_toolkits_mouth() -> None:
    known = {(level, " ".join(said.split())) for level, said in SENTENCES}
    quoted = {(level, said) for level, text in sections().items() for said in re.findall("“([^”]+)”", text)}
    assert quoted <= known


def test_every_line_says_where() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| “")]
    assert all(len(row.strip("| ").split(" | ")) == 2 for row in rows)
    assert all(row.strip("| ").split(" | ")[1].strip() for row in rows)


@pytest.mark.parametrize("step", school_steps(PROTOCOL), ids=lambda step: step.key)
def test_what_a_school_itself_promised_is_where_its_principal_records_it(step: Step) -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if f"“{step.says[0]}”" in line]
    assert len(rows) == 1
    assert "*What the school itself promised*" in rows[0]
    assert "not yet" not in rows[0]
