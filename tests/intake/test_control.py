"""Control totals: a delivery held against what its sender says was sent."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake.control import NONE_CAME, check_control
from allpresent.intake.mapping import Mapping
from allpresent.intake.sources import csv_template
from allpresent.intake.workspace import Workspace
from allpresent.ledger import Ledger
from allpresent.policy import District
from tests.intake.folders import NOW, PLAIN, TODAY, check, post, write


def control_of(files: dict[str, str], *, rows: bool = True, sha256: bool = False) -> str:
    """The control file a sender writes of these files."""
    lines = ["file,rows,sha256"]
    for name, text in files.items():
        count = str(len(text.splitlines()) - 1) if rows else ""
        digest = hashlib.sha256(text.encode()).hexdigest() if sha256 else ""
        lines.append(f"{name},{count},{digest}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("sha256", [False, True])
def test_a_delivery_that_is_what_was_sent_is_clean(tmp_path: Path, sha256: bool) -> None:
    checked = check(tmp_path, PLAIN | {"control.csv": control_of(PLAIN, sha256=sha256)})
    assert (checked.why_held, len(checked.findings)) == ([], 0)
    assert not [line for line in checked.decided if "control total" in line]


def test_without_a_control_file_the_reader_says_so(tmp_path: Path) -> None:
    checked = check(tmp_path)
    assert checked.exit_code == 0
    assert NONE_CAME in checked.decided


LABELS_AND_A_DAY = ["school_id", "2026-09-01"]
CALENDAR = [
    line for line in PLAIN["calendar_days.csv"].splitlines(True) if any(day in line for day in LABELS_AND_A_DAY)
]
SMALL = PLAIN | {"calendar_days.csv": "".join(CALENDAR)}
CUTS = [(name, at) for name, text in SMALL.items() for at in range(1, len(text.splitlines()))]


def read_alone(folder: Path) -> Workspace:
    """A delivery whose files were read and held against its control file, and against nothing else."""
    workspace = Workspace(folder, TODAY, District(), csv_template.canonical_mapping())
    csv_template.read(workspace)
    check_control(workspace)
    return workspace


def test_a_file_cut_at_any_line_end_of_a_first_delivery_is_noticed(tmp_path: Path) -> None:
    noticed = 0
    for name, kept in CUTS:
        cut = "".join(f"{line}\n" for line in SMALL[name].splitlines()[:kept])
        folder = write(tmp_path / f"{name}-{kept}", SMALL | {name: cut, "control.csv": control_of(SMALL)})
        line, rows = list(SMALL).index(name) + 2, len(SMALL[name].splitlines()) - 1
        assert read_alone(folder).holds == [
            f"control.csv line {line} has {rows:,} rows for {name}, and {kept - 1} came: it seems cut short; "
            "deliver it again."
        ]
        noticed += 1
    assert noticed == sum(len(text.splitlines()) - 1 for text in SMALL.values())


def test_a_held_first_delivery_changes_nothing_and_can_be_accepted(tmp_path: Path) -> None:
    short = PLAIN | {"attendance.csv": PLAIN["attendance.csv"].rsplit("\n", 2)[0] + "\n"}
    held = post(tmp_path, short | {"control.csv": control_of(PLAIN)})
    assert held.outcome == "held"
    assert Ledger(tmp_path / "home").current() is None
    done = intake.accept_held(tmp_path / "home", held.delivery_id, "the last row was taken back", "D. Ray", TODAY, NOW)
    assert done.outcome == "posted"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"attendance.csv": PLAIN["attendance.csv"] + "0502,100,2026-09-02,1,A,absent,0,0,,day,,\n"},
            "control.csv line 6 has 2 rows for attendance.csv, and 3 came: "
            "it has more than was meant; deliver it again.",
        ),
        (
            {"students.csv": PLAIN["students.csv"].replace("Ruiz", "Roiz")},
            "control.csv line 4 has another sha256 for students.csv: "
            "it is not the file that was sent; deliver it again.",
        ),
    ],
)
def test_what_differs_is_named(tmp_path: Path, changed: dict[str, str], sentence: str) -> None:
    is_same_count = "students.csv" in changed
    control = control_of(PLAIN, rows=not is_same_count, sha256=is_same_count)
    assert check(tmp_path, PLAIN | changed | {"control.csv": control}).why_held == [sentence]


def test_a_file_that_was_sent_and_did_not_come_is_missed(tmp_path: Path) -> None:
    checked = check(tmp_path, PLAIN | {"control.csv": control_of(PLAIN) + "contacts.csv,7,\n"})
    assert checked.why_held == [
        "control.csv line 7 says that contacts.csv was sent, and it did not come; deliver all files again."
    ]


def test_files_the_control_file_does_not_name_are_told(tmp_path: Path) -> None:
    named = {name: text for name, text in PLAIN.items() if name != "schools.csv"}
    checked = check(tmp_path, PLAIN | {"notes.csv": "a\n1\n", "control.csv": control_of(named) + "notes.csv,1,\n"})
    assert "No control total came for schools.csv." in checked.decided
    assert "notes.csv is not read, so its control total of 1 rows was not compared." in checked.decided
    assert checked.why_held == []


@pytest.mark.parametrize(
    ("control", "told"),
    [
        ("", "control.csv is empty"),
        ("name,rows\nstudents.csv,3\n", "control.csv line 1 needs the columns file, rows, sha256"),
        ("file\nstudents.csv\n", "control.csv line 1 needs the columns file, rows, sha256"),
        ("file,rows\nstudents.csv,three\n", "control.csv line 2 has to name a file"),
        ("file,rows\nstudents.csv,\n", "control.csv line 2 has to name a file"),
        ("file,rows\n,3\n", "control.csv line 2 has to name a file"),
        ("file,sha256\nstudents.csv,abc\n", "control.csv line 2 has to name a file"),
    ],
)
def test_a_control_file_that_cannot_be_read_holds(tmp_path: Path, control: str, told: str) -> None:
    workspace = Workspace(write(tmp_path, PLAIN | {"control.csv": control}), TODAY, District(), Mapping())
    check_control(workspace)
    assert [sentence[: len(told)] for sentence in workspace.holds] == [told]


def test_a_mapping_gives_the_control_file_its_own_names(tmp_path: Path) -> None:
    mapping = "source: csv\ndates: {order: ymd}\ncontrol: {file: 'count*', columns: {file: Datei, rows: Zeilen}}\n"
    files = PLAIN | {"Counts_0912.txt": "Datei,Zeilen\nstudents.csv,3\nattendance.csv,3\n"}
    checked = check(tmp_path, files, mapping=mapping)
    assert [sentence.split(":")[0] for sentence in checked.why_held] == [
        "Counts_0912.txt line 3 has 3 rows for attendance.csv, and 2 came"
    ]


def test_sums_as_sha256sum_writes_them_are_held_against_the_bytes(tmp_path: Path) -> None:
    digest = hashlib.sha256(PLAIN["students.csv"].encode()).hexdigest()
    right = check(tmp_path / "right", PLAIN | {"students.csv.sha256": f"{digest}  students.csv\n"})
    assert right.why_held == []
    wrong = check(tmp_path / "wrong", PLAIN | {"SHA256SUMS": f"{digest} *students.csv\n{digest}  schools.csv\nx\n"})
    assert [sentence.split(":")[0] for sentence in wrong.why_held] == [
        "SHA256SUMS line 3 is not as sha256sum writes it; send it again.",
        "SHA256SUMS line 2 has another sha256 for schools.csv",
    ]


def test_a_zip_carries_its_control_file(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        for name, text in PLAIN.items():
            out.writestr(name, text)
        out.writestr("control.csv", "file,rows\nstudents.csv,4\n")
    checked = check(tmp_path, {"export.zip": packed.getvalue()})
    assert [sentence.split(":")[0] for sentence in checked.why_held] == [
        "control.csv line 2 has 4 rows for students.csv, and 3 came"
    ]


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", '{"why_partial": 1}', "\0"])
def test_a_pull_that_says_nothing_readable_of_itself_is_held(tmp_path: Path, text: str) -> None:
    checked = check(tmp_path, PLAIN | {"pull.json": text})
    assert checked.why_held == ["pull.json is damaged, so nobody can tell whether all was pulled; pull again."]
