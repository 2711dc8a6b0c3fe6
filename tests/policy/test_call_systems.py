"""The layouts of calling systems: what is shipped is sound, a district's own goes over it, what is wrong is said."""

from pathlib import Path

import pytest

from allpresent.policy import PolicyError
from allpresent.policy.call_systems import FIELDS, SHIPPED, load_call_systems, read_call_system

PARENTLINK = SHIPPED / "parentlink.yaml"


def of_district(home: Path, name: str, text: str) -> None:
    (home / "call_systems").mkdir(exist_ok=True)
    (home / "call_systems" / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_what_is_shipped_can_be_used_and_says_what_to_confirm(tmp_path: Path) -> None:
    loaded = load_call_systems(tmp_path)
    assert loaded.problems == {}
    assert loaded.names == {"parentlink": "ParentLink"}
    system = loaded.systems["parentlink"]
    assert [column.name for column in system.columns] == [
        *("ContactType", "ReferenceCode", "LastName", "FirstName", "Institution", "Group", "Language", "HomePhone")
    ]
    assert "HomePhone" in system.to_confirm
    assert system.levels == ("L4", "L5", "L6")


def test_no_column_can_hold_a_child_a_level_or_a_day_absent() -> None:
    assert set(FIELDS) == {"reference", "family_name", "given_names", "school", "language", "number", "day"}


@pytest.mark.parametrize(
    ("number", "given"),
    [
        ("+12035550102", "2035550102"),
        ("+12035550102,12", ""),  # an extension rings the switchboard
        ("+525512345678", ""),
        ("+4512345678", ""),
        ("+11035550102", ""),
        ("2035550102", ""),
        ("", ""),
    ],
)
def test_a_number_is_given_as_the_system_dials_it_or_not_at_all(number: str, given: str) -> None:
    assert read_call_system(PARENTLINK).dialled(number) == given


def test_a_districts_own_version_goes_over_the_shipped_one(tmp_path: Path) -> None:
    text = PARENTLINK.read_text("utf-8")
    of_district(tmp_path, "parentlink", text.replace("name: ParentLink", "name: Our ParentLink"))
    of_district(tmp_path, "other", text.replace("key: parentlink", "key: other").replace("ParentLink\n", "Other\n", 1))
    names = load_call_systems(tmp_path).names
    assert (names["parentlink"], len(names)) == ("Our ParentLink", 2)


@pytest.mark.parametrize(
    ("said", "instead", "why"),
    [
        ("key: parentlink", "key: elsewhere", "has to be the name of the file"),
        ('text: "{number}"', "text: none", r"no column holds {number}"),
        ('text: "{school}"', 'text: "{level}"', r"text names {level}"),
        ('text: "{school}"', 'text: "{school"', "a brace stands alone"),
        ("name: FirstName", "name: LastName", "name a head twice"),
        ("iso-8859-1", "latin-17", "is unknown, or cannot write"),
        ("nameless: Family", "nameless: 家庭", "is unknown, or cannot write"),
        ('separator: ","', 'separator: "::"', "has to be one character"),
        (r"'\+1([2-9][0-9]{2}[2-9][0-9]{6})'", "'[0-9]+'", "one pair of brackets"),
        (r"'\+1([2-9][0-9]{2}[2-9][0-9]{6})'", "'([0-9]+'", "cannot be read as a pattern"),
        ("levels: [L4, L5, L6]", "level: [L4]", "did you mean `levels`"),
        ("version: 2026-11-22", "version: autumn", "has to be a day"),
    ],
)
def test_a_layout_that_cannot_be_is_a_problem_and_never_replaced_in_silence(
    tmp_path: Path, said: str, instead: str, why: str
) -> None:
    text = PARENTLINK.read_text("utf-8")
    assert said in text
    of_district(tmp_path, "parentlink", text.replace(said, instead, 1))
    loaded = load_call_systems(tmp_path)
    assert loaded.systems == {}
    assert loaded.names == {"parentlink": "parentlink"}
    with pytest.raises(PolicyError, match=why):
        read_call_system(tmp_path / "call_systems" / "parentlink.yaml")
    assert "parentlink.yaml" in loaded.problems["parentlink"]
