"""New Haven's protocol is the toolkit, whole and word for word."""

import re
from pathlib import Path

import pytest

from allpresent.protocol import bounds, load_protocol
from allpresent.protocol.document import Level

NEW_HAVEN = load_protocol("new_haven")
TOOLKIT = (Path(__file__).parent / "new_haven_toolkit.txt").read_text("utf-8")
# What stands on a slide besides its sentences.
HEADINGS = ("2-5Alert", "6-10Moderate", "11-14Serious", "15-17Severe", "18+Extreme", "Actionsteps:")
IN_SOURCE = "approved in source"


def bare(text: str) -> str:
    """Without white space, which the slides' columns put anywhere ("wit h student"), and without list marks."""
    return re.sub(r"[\s•\uf000-\uf8ff]", "", text)


def slide(level: Level) -> str:
    return bare(TOOLKIT.split(f"=== {level.key}\n")[1].split("===")[0])


def sentences(level: Level) -> list[str]:
    said = [sentence for step in level.action_steps for sentence in step.says]
    return said + [item.says for item in level.accountability_monitoring] + list(level.recommended_interventions)


def source_script(level: Level) -> list[str]:
    script = NEW_HAVEN.script(level.key, "en")
    if script is None or script.status != IN_SOURCE:
        return []
    return [script.text.replace("{student}", "(student name)").replace("{days}", "(mention days)")]


LEVELS = pytest.mark.parametrize("level", NEW_HAVEN.levels[1:], ids=lambda level: level.key)


@LEVELS
def test_every_sentence_is_the_toolkits_own(level):
    for sentence in sentences(level) + source_script(level):
        assert bare(sentence) in slide(level), sentence


@LEVELS
def test_nothing_on_a_slide_is_left_out(level):
    rest = slide(level)
    for sentence in sorted({bare(said) for said in sentences(level) + source_script(level)}, key=len, reverse=True):
        rest = rest.replace(sentence, "|")
    for heading in HEADINGS:
        rest = rest.replace(heading, "|")
    assert set(re.sub(r"AccountabilityMonitoring:", "|", rest)) <= {"|"}, rest


def test_the_levels_are_the_toolkits():
    assert bounds(NEW_HAVEN) == (2, 6, 11, 15, 18)
    assert [(level.key, level.attendance_level) for level in NEW_HAVEN.levels] == [
        ("L1", "on Track"),
        ("L2", "Alert"),
        ("L3", "Moderate"),
        ("L4", "Serious"),
        ("L5", "Severe"),
        ("L6", "Extreme"),
    ]


def test_on_track_has_no_plan():
    level = NEW_HAVEN.level("L1")
    assert (level.action_steps, level.accountability_monitoring, level.recommended_interventions) == ((), (), ())
    assert NEW_HAVEN.script("L1") is None


@LEVELS
def test_every_level_has_a_script_in_both_languages(level):
    assert NEW_HAVEN.script(level.key, "en").language == "en"
    assert NEW_HAVEN.script(level.key, "es").language == "es"
    assert NEW_HAVEN.script(level.key, "pt").language == "en"


def test_words_of_ours_are_marked_for_the_districts_approval():
    approved = {(script.level, script.language) for script in NEW_HAVEN.scripts if script.is_approved}
    assert approved == {("L2", "en"), ("L3", "en"), ("L4", "en")}


def test_every_recommended_intervention_is_the_business_of_a_step():
    for level in NEW_HAVEN.levels:
        said = {sentence for step in level.action_steps if step.is_recommended for sentence in step.says}
        assert set(level.recommended_interventions) <= said, level.key
        assert len(level.recommended["es"]) == len(level.recommended["en"])


def test_every_due_day_says_that_it_is_not_the_toolkits():
    for step in NEW_HAVEN.steps():
        assert step.due_school_days >= 1
        assert step.due_source == "District default, not in the toolkit"


def test_bi_weekly_is_said_where_the_toolkit_says_it():
    for item in NEW_HAVEN.items():
        if "bi-weekly" in item.says:
            assert (item.cadence, item.cadence_days) == ("bi-weekly", 14)
        assert item.cadence_source.startswith("Toolkit") == ("bi-weekly" in item.says), item.key


def test_every_step_and_item_speaks_both_languages():
    for named in (*NEW_HAVEN.levels, *NEW_HAVEN.steps(), *NEW_HAVEN.items()):
        assert named.label("en")
        assert named.label("es") != "-"


def test_probation_and_child_welfare_need_a_legal_basis_and_are_never_automatic():
    guarded = [step for step in NEW_HAVEN.steps() if step.needs_legal_basis]
    assert [step.key for step in guarded] == ["L6.probation", "L6.dcf"]
    assert all(step.is_if_needed for step in guarded)


def test_what_a_school_has_in_place_is_not_asked_for_each_student():
    assert [step.key for step in NEW_HAVEN.steps() if step.scope == "school"] == [
        "L3.leap_activated",
        "L3.dropout_prevention_named",
        "L3.three_teachers",
        "L3.parent_liaisons",
    ]
