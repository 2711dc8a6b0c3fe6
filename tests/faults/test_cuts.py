"""A delivery cut short is held or refused with a sentence, whichever byte the cut falls on; nothing is half applied."""

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake import Checked
from allpresent.ledger import Ledger
from tests.faults import district
from tests.faults.counts import SEED, share

DAYS = 11
WHOLE = district.files(DAYS)
NAMES = tuple(WHOLE)
ENDED = ("attendance.csv", "students.csv", "enrollments.csv", "attendance_taken.csv", "calendar_days.csv")
Says = Callable[[int, str], None]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the delivery of the day before posted, as a night finds it."""
    folder = tmp_path_factory.mktemp("cuts")
    assert district.post(folder / "home", folder / "first", district.files(DAYS - 1), DAYS - 1).outcome == "posted"
    return folder / "home"


def cut(home: Path, folder: Path, name: str, at: int) -> Checked:
    """What intake says of the delivery when one file ends before byte ``at``."""
    return district.check(home, folder, WHOLE | {name: WHOLE[name][:at]}, DAYS)


def is_at_line_end(name: str, at: int) -> bool:
    """Whether the cut leaves whole lines only. A lone CR of a CR LF ends its line as well."""
    return WHOLE[name][:at].endswith((b"\n", b"\r"))


def assert_noticed(checked: Checked, name: str, at: int) -> None:
    assert checked.exit_code in (intake.delivery.HELD, intake.delivery.UNREADABLE), (name, at)
    assert all(len(sentence) > 20 and sentence.endswith(".") for sentence in checked.why_held), checked.why_held


def places(name: str, wanted: int, chosen: random.Random) -> list[int]:
    return chosen.sample(range(len(WHOLE[name])), min(wanted, len(WHOLE[name])))


def test_a_cut_within_a_line_is_never_applied(home: Path, tmp_path: Path, survived: Says) -> None:
    chosen = random.Random(SEED)
    cuts = [(chosen.choice(NAMES), chosen.random()) for _ in range(share(1_000, 2))]
    tried = within = 0
    for name, where in cuts:
        at = int(where * len(WHOLE[name]))
        checked = cut(home, tmp_path, name, at)
        tried += 1
        if not is_at_line_end(name, at):
            within += 1
            assert_noticed(checked, name, at)
    survived(tried, f"cuts at random bytes ({within} of them within a line): 0 applied")
    assert within > tried // 2


def test_each_of_the_last_bytes(home: Path, tmp_path: Path, survived: Says) -> None:
    """The only cuts nobody can see are those behind a line's end that take one or two posted rows away.

    No system writes how many rows its file has, unless the delivery brings a file of control totals.
    """
    tried, unseen = 0, []
    for name in NAMES if share(1, 0) else ("attendance.csv",):
        size = len(WHOLE[name])
        for at in range(max(0, size - 200), size, share(1, 199)):
            checked = cut(home, tmp_path, name, at)
            tried += 1
            if checked.exit_code == intake.delivery.CLEAN:
                assert is_at_line_end(name, at), (name, at)
                unseen.append((name, at - size))
            else:
                assert_noticed(checked, name, at)
    survived(tried, f"cuts in the last 200 bytes of a file: 0 applied within a line, {len(unseen)} at a line's end")


def test_the_end_of_a_line_is_noticed_when_three_posted_rows_are_gone(home: Path, tmp_path: Path) -> None:
    for name in ENDED[: share(5, 1)]:
        lines = WHOLE[name].splitlines(keepends=True)
        checked = district.check(home, tmp_path, WHOLE | {name: b"".join(lines[:-5])}, DAYS)
        sentence = f"{name}: the last rows of the last delivery are missing and no new row stands in their place"
        assert any(why.startswith(sentence) for why in checked.why_held), (name, checked.why_held)


def test_rows_taken_back_inside_a_file_are_no_cut(home: Path, tmp_path: Path) -> None:
    lines = WHOLE["attendance.csv"].splitlines(keepends=True)
    fewer = WHOLE | {"attendance.csv": b"".join([*lines[:-6], lines[-1]])}
    assert district.check(home, tmp_path, fewer, DAYS).why_held == []


BYTE_CLASSES = {
    "nothing is left": ("students.csv", 0),
    "inside the byte order mark": ("students.csv", 2),
    "behind the byte order mark": ("students.csv", 3),
    "inside a label": ("attendance.csv", 5),
    "behind the header": ("attendance.csv", WHOLE["attendance.csv"].index(b"\n") + 1),
    "inside a field": ("attendance.csv", WHOLE["attendance.csv"].rindex(b"absent") + 3),
    "behind a delimiter": ("attendance.csv", WHOLE["attendance.csv"].rindex(b"absent") + 7),
    "inside quotes": ("attendance.csv", WHOLE["attendance.csv"].rindex(b"sick") + 2),
    "inside a doubled quote": ("students.csv", WHOLE["students.csv"].rindex(b'""') + 1),
    "inside a letter": ("students.csv", WHOLE["students.csv"].rindex("ñ".encode()) + 1),
    "before the line's end": ("enrollments.csv", len(WHOLE["enrollments.csv"]) - 2),
    "inside a date": ("calendar_days.csv", len(WHOLE["calendar_days.csv"]) - 8),
}


@pytest.mark.parametrize("place", list(BYTE_CLASSES) if share(1, 0) else ["inside a letter"])
def test_every_class_of_byte(home: Path, tmp_path: Path, place: str) -> None:
    name, at = BYTE_CLASSES[place]
    assert_noticed(cut(home, tmp_path, name, at), name, at)


def test_a_file_that_ends_within_a_letter_is_no_windows_file() -> None:
    """Files without line ends at all are not held for that; the letters before the cut must not be spoiled."""
    with pytest.raises(intake.IntakeError, match=r"students.csv line 2: the file ends within a letter, so it was cut"):
        intake.sniff.decode("id,name\n1,Peña\n2,Zoë".encode()[:-1].replace(b"\n2,Zo", b""), "students.csv")
    assert intake.sniff.decode("id,name\n1,Zo\xeb".encode("cp1252"), "students.csv").encoding == "cp1252"


def test_a_cut_between_cr_and_lf_reads_the_same_rows(home: Path, tmp_path: Path) -> None:
    shorter = cut(home, tmp_path / "cut", "enrollments.csv", len(WHOLE["enrollments.csv"]) - 1)
    assert shorter.exit_code == 0
    assert shorter.tables["enrollments"].num_rows == len(district.pupils())


def test_a_zip_cut_anywhere_is_refused(home: Path, tmp_path: Path, survived: Says) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in WHOLE.items():
            out.writestr(name, data)
    data = packed.getvalue()
    chosen = random.Random(SEED)
    ends = chosen.sample(range(len(data)), share(300, 2)) + list(range(len(data) - 200, len(data), share(1, 199)))
    path = tmp_path / "night.zip"
    for at in ends:
        path.write_bytes(data[:at])
        checked = intake.check_delivery(home, "csv", path, today=district.morning_after(DAYS))
        assert checked.exit_code == intake.delivery.UNREADABLE, at
        assert "damaged or cut short" in checked.why_held[0]
    survived(len(ends), "cut zip files: 0 applied")


def test_a_cut_delivery_leaves_what_is_posted(home: Path, tmp_path: Path) -> None:
    before = Ledger(home).current()
    assert before is not None
    broken = WHOLE | {"attendance.csv": WHOLE["attendance.csv"][:-30]}
    posted = district.post(home, tmp_path / "night", broken, DAYS)
    assert posted.outcome == "held"
    after = Ledger(home).current()
    assert after is not None
    assert after.delivery_id == before.delivery_id
