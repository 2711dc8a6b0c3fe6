"""Postal addresses at the door: read line by line, joined by a mapping, and dropped where they are protected."""

from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake import Checked
from allpresent.intake.secrets import address_columns
from allpresent.intake.values import read_address, read_protected
from tests.intake.folders import PLAIN, check, post, read_csv, rows
from tests.intake.test_sealing import set_key

HEAD = "contact_id,student_id,full_name,lives_with,address,address_protected\n"
HOME, FAR = "12 Lantern Street; Elm Harbor CT 06599", "3 Far Lane; Elm Harbor CT 06599"
PARTS = """
source: csv
dates: {order: ymd}
tables:
  contacts:
    file: contacts.csv
    columns: {contact_id: id, student_id: child, full_name: name, address_protected: confidential}
    lines: {address: [[Street, Unit], [Line Two], [City, State, Zip]]}
"""


def contacts(tmp_path: Path, *lines: str) -> Checked:
    return check(tmp_path, PLAIN | {"contacts.csv": HEAD + "".join(f"{line}\n" for line in lines)})


def kept(checked: Checked) -> list[tuple[object, ...]]:
    return rows(checked, "contacts", "full_name", "address", "address_protected")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("12 Lantern Street; Elm Harbor CT 06599", "12 Lantern Street; Elm Harbor CT 06599"),
        ("12  Lantern Street ,\n Apt 3\r\nElm Harbor, CT 06599", "12 Lantern Street; Apt 3; Elm Harbor, CT 06599"),
        ("a;b;c;d;e;f", "a; b; c d e; f"),
        (" ; ;", None),
        ("=1 Hull Row", "=1 Hull Row"),
    ],
)
def test_an_address_is_lines_of_plain_text(text: str, address: str | None) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("No", 0), ("N", 0), ("yes", 1), ("1", 1), ("ACP", 1), ("?", 1)])
def test_a_mark_nobody_understands_protects(text: str, value: int) -> None:
    assert read_protected(text) == value


def test_a_mapping_joins_an_address_from_its_columns(tmp_path: Path) -> None:
    text = (
        "id,child,name,Street,Unit,Line Two,City,State,Zip,confidential\n"
        "1,0501,Ida Ruiz,12 Lantern Street,Apt 3,,Elm Harbor,CT,06599,\n"
        "2,0502,Bo Diaz,,,,,,,no\n"
        "3,0503,Cy Poe,9 Hull Row,,c/o Moss,Elm Harbor,CT,06599,ACP\n"
    )
    checked = check(tmp_path, PLAIN | {"contacts.csv": text}, mapping=PARTS)
    assert kept(checked) == [
        ("Ida Ruiz", "12 Lantern Street Apt 3; Elm Harbor CT 06599", None),
        ("Bo Diaz", None, 0),
        ("Cy Poe", None, 1),
    ]


def test_a_family_is_protected_together(tmp_path: Path) -> None:
    checked = contacts(
        tmp_path,
        f"1,0501,Ida Ruiz,1,{HOME},1",
        f"1,0502,Ida Ruiz,1,{HOME},",  # the same person, about another child
        "2,0501,Luis Ruiz,1,12 Lantern St; Elm Harbor,",  # lives there too, typed another way
        f"3,0501,Ana Ruiz,0,{FAR},",  # known to live elsewhere
        f"4,0503,Kim Poe,0,{HOME.upper()},",  # of no child of theirs, at the same door
        f"5,0503,Cy Poe,,{FAR},",
    )
    assert kept(checked) == [
        ("Ida Ruiz", None, 1),
        ("Ida Ruiz", None, 1),
        ("Luis Ruiz", None, 1),
        ("Ana Ruiz", FAR, None),
        ("Kim Poe", None, 1),
        ("Cy Poe", FAR, None),
    ]
    said = "Protected addresses: people 3, rows whose address was dropped before anything was stored 4."
    assert said in checked.decided


def test_nothing_is_said_where_nothing_is_protected(tmp_path: Path) -> None:
    assert not [line for line in contacts(tmp_path, f"1,0501,Ida Ruiz,1,{HOME},").decided if "rotected" in line]


def test_a_protected_address_is_nowhere_in_the_home_but_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_key(monkeypatch)
    text = HEAD + f"1,0501,Ida Ruiz,1,{HOME},1\n1,0999,Ida Ruiz,1,{HOME},1\n"
    files = PLAIN | {"contacts.csv": text}
    post(tmp_path, files)
    found = [path for path in (tmp_path / "home").rglob("*") if path.is_file() and b"Lantern" in path.read_bytes()]
    assert found == []
    checked = check(tmp_path / "again", files)
    intake.export_canonical(checked, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir() if "Lantern" in path.read_text()] == []
    (raw,) = [row["raw"] for row in read_csv(tmp_path / "out" / "quarantine.csv")]
    assert raw == "1,0999,Ida Ruiz,1,[hidden],[hidden]"


def test_the_account_says_how_many_were_dropped(tmp_path: Path) -> None:
    post(tmp_path, PLAIN | {"contacts.csv": HEAD + f"1,0501,Ida Ruiz,1,{HOME},1\n"})
    said = "".join(path.read_text() for path in (tmp_path / "home").rglob("*.json"))
    assert "Protected addresses: people 1" in said


def test_labels_of_addresses_are_known_and_e_mails_are_none() -> None:
    labels = ["address", "mailing_street", "line two", "postal code", "contact zip", "city", "email address", "phone"]
    assert address_columns(labels) == ["address", "mailing_street", "line two", "postal code", "contact zip"]
