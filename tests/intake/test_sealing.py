"""Delivered bytes at rest: sealed with a key, refused when cut, changed or swapped, and read again to be accepted."""

import base64
import errno
import io
from pathlib import Path

import pytest

from allpresent import intake, sealing
from allpresent.intake import kept
from allpresent.intake.keeping import faults_of_sealed
from allpresent.sealing import CHUNK, HEADER, SealedReader, SealedWriter, SealError, key_from_environment
from tests.intake.folders import MARKS, NOW, PLAIN, TODAY, post

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
CANARY = b"Ruiz"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    set_key(monkeypatch)


def set_key(monkeypatch: pytest.MonkeyPatch, key: bytes = KEY) -> None:
    monkeypatch.setenv("ALLPRESENT_KEY", base64.b64encode(key).decode())


def sealed(content: bytes, name: str = "a.csv", key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    writer = SealedWriter(out, key, name)
    for at in range(0, len(content), 700_001):
        writer.write(content[at : at + 700_001])
    writer.finish()
    return out.getvalue()


def read(content: bytes, name: str = "a.csv", key: bytes | None = KEY) -> bytes:
    return SealedReader(io.BytesIO(content), key, name).readall()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5])
def test_what_is_sealed_comes_back(size: int) -> None:
    content = bytes(size // 2) + b"x" * (size - size // 2)
    closed = sealed(content)
    assert read(closed) == content
    assert len(closed) == HEADER + size + 16 * max(1, -(-size // CHUNK))
    assert b"xxxxxxxx" not in closed


PART = CHUNK + 16
WHOLE = sealed(b"a" * CHUNK + b"b" * CHUNK + b"c")
HEAD, FIRST, SECOND, THIRD = (
    WHOLE[:HEADER],
    WHOLE[HEADER:][:PART],
    WHOLE[HEADER + PART :][:PART],
    WHOLE[HEADER + 2 * PART :],
)


@pytest.mark.parametrize(
    "changed",
    [
        HEAD,
        HEAD + FIRST,
        HEAD + FIRST + SECOND,
        WHOLE[:-1],
        WHOLE + b"x",
        HEAD + SECOND + FIRST + THIRD,
        HEAD + FIRST + THIRD,
        HEAD + FIRST + FIRST + THIRD,
        sealed(b"z")[:HEADER] + FIRST + SECOND + THIRD,
        HEAD + b"\0" + FIRST[1:] + SECOND + THIRD,
    ],
    ids=range(10),
)
def test_a_cut_a_swap_and_a_change_are_refused(changed: bytes) -> None:
    with pytest.raises(SealError, match="cut short or changed after it was sealed; it is refused"):
        read(changed)


def test_a_file_under_another_name_is_refused() -> None:
    with pytest.raises(SealError, match="changed after it was sealed"):
        read(WHOLE, name="b.csv")


@pytest.mark.parametrize(
    ("content", "key", "told"),
    [
        (WHOLE, OTHER, "a.csv was sealed with another key; set ALLPRESENT_KEY to that one."),
        (WHOLE, None, "a.csv is sealed and no key is set; set ALLPRESENT_KEY to the key it was sealed with."),
        (WHOLE[: HEADER - 1], KEY, "a.csv is not sealed, or was cut within its first bytes"),
        (b"student_id\n", KEY, "a.csv is not sealed"),
    ],
    ids=["another", "none", "cut", "plain"],
)
def test_what_cannot_be_opened_says_why(content: bytes, key: bytes | None, told: str) -> None:
    with pytest.raises(SealError, match=told):
        read(content, key=key)


@pytest.mark.parametrize("text", ["x", "c2hvcnQ=", base64.b64encode(bytes(33)).decode()])
def test_a_key_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    monkeypatch.setenv("ALLPRESENT_KEY", text)
    with pytest.raises(SealError, match="ALLPRESENT_KEY is not 32 bytes in base64; make one with"):
        key_from_environment()
    with pytest.raises(intake.IntakeError, match="ALLPRESENT_KEY is not 32 bytes"):
        post(tmp_path)


# Deliveries


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


HELD = PLAIN | {"sub/attendance.csv": MARKS + "0501,100,2026-09-01,1,=ZZ,,,,,day,,\nx\nx\nx\n"}
del HELD["attendance.csv"]


@pytest.mark.usefixtures("key")
def test_the_kept_files_are_sealed_and_known_again(tmp_path: Path) -> None:
    posted = post(tmp_path)
    kept = tmp_path / "home" / "deliveries" / posted.delivery_id / "raw"
    assert sorted(path.name for path in kept.iterdir()) == sorted(f"{name}.sealed" for name in PLAIN)
    assert CANARY not in bytes_below(tmp_path / "home" / "deliveries")
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o400}
    assert post(tmp_path).outcome == "unchanged"
    assert intake.open_and_sealed(tmp_path / "home") == ([], [posted.delivery_id])


@pytest.mark.usefixtures("key")
def test_a_held_delivery_is_read_again_from_its_sealed_files(tmp_path: Path) -> None:
    held = post(tmp_path, HELD)
    assert held.outcome == "held"
    done = intake.accept_held(tmp_path / "home", held.delivery_id, "they are right", "D. Ray", TODAY, NOW)
    assert done.outcome == "posted"
    assert CANARY not in bytes_below(tmp_path / "home" / "deliveries")
    assert not list((tmp_path / "home" / "deliveries").glob(".incoming*"))


def test_a_held_delivery_without_its_key_or_with_swapped_files_stays_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_key(monkeypatch)
    held, home = post(tmp_path, HELD), tmp_path / "home"
    monkeypatch.delenv("ALLPRESENT_KEY")
    with pytest.raises(intake.IntakeError, match="is sealed and no key is set"):
        intake.accept_held(home, held.delivery_id, "they are right", "D. Ray", TODAY, NOW)
    set_key(monkeypatch)
    raw = home / "deliveries" / held.delivery_id / "raw"
    (raw / "schools.csv.sealed").rename(raw / "other")
    (raw / "students.csv.sealed").rename(raw / "schools.csv.sealed")
    with pytest.raises(intake.IntakeError, match="was cut short or changed"):
        intake.accept_held(home, held.delivery_id, "they are right", "D. Ray", TODAY, NOW)
    assert intake.delivery_record(home, held.delivery_id).outcome == "held"


def test_files_kept_before_there_was_a_key_are_read_and_then_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, home = post(tmp_path, HELD), tmp_path / "home"
    assert intake.seal_kept_files(home) == 0
    set_key(monkeypatch)
    assert intake.open_and_sealed(home) == ([held.delivery_id], [])
    assert intake.seal_kept_files(home) == 1
    assert intake.open_and_sealed(home) == ([], [held.delivery_id])
    assert intake.accept_held(home, held.delivery_id, "right", "D. Ray", TODAY, NOW).outcome == "posted"


def test_sealed_files_that_would_not_open_are_found_without_opening_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_key(monkeypatch)
    posted, home = post(tmp_path), tmp_path / "home"
    raw = home / "deliveries" / posted.delivery_id / "raw"
    before = sorted((path.name, path.read_bytes()) for path in raw.iterdir())
    assert list(faults_of_sealed(home)) == []
    assert sorted((path.name, path.read_bytes()) for path in raw.iterdir()) == before
    cut = raw / "students.csv.sealed"
    cut.chmod(0o600)
    cut.write_bytes(cut.read_bytes()[:-1])
    told = "students.csv was cut short or changed after it was sealed; it is refused."
    assert list(faults_of_sealed(home)) == [(posted.delivery_id, told)]
    set_key(monkeypatch, OTHER)
    ((_, told),) = faults_of_sealed(home)
    assert "was sealed with another key" in told


def test_a_sealed_file_that_the_disk_does_not_give_is_told_and_one_forgotten_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_key(monkeypatch)
    posted, home = post(tmp_path), tmp_path / "home"
    refusals: list[OSError] = [
        FileNotFoundError(errno.ENOENT, "No such file"),
        OSError(errno.EIO, "Input/output error"),
    ]

    def refuse(*_what: object) -> None:
        raise refusals[0]

    monkeypatch.setattr(kept, "prove", refuse)
    assert list(faults_of_sealed(home)) == []
    del refusals[0]
    ((delivery_id, told),) = faults_of_sealed(home)
    assert delivery_id == posted.delivery_id
    assert told.endswith(".sealed cannot be read (Input/output error); restore the home from its backup.")


def test_changed_kept_files_are_not_accepted(tmp_path: Path) -> None:
    held, home = post(tmp_path, HELD), tmp_path / "home"
    path = home / "deliveries" / held.delivery_id / "raw" / "students.csv"
    path.chmod(0o600)
    path.write_text(path.read_text() + "0599,,Late,01,,\n")
    with pytest.raises(intake.IntakeError, match="are not those that came; deliver them again"):
        intake.accept_held(home, held.delivery_id, "right", "D. Ray", TODAY, NOW)


def test_half_a_sealed_file_from_a_stopped_machine_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"whole")
    (tmp_path / "a.csv.sealed").write_bytes(sealing.MARK + b"half")
    from allpresent.intake.kept import opened, seal_raw

    assert seal_raw(tmp_path, KEY) == 1
    with pytest.raises(intake.IntakeError, match="no key is set"), opened(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv.sealed"]
