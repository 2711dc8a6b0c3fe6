"""A delivery in a zip file: read when it is simple, refused with rule X02 when it is not."""

import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake import Checked, unpacking
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.unpacking import unpack
from tests.intake.folders import NOW, PLAIN, TODAY, found, rows

EXAMPLES = int(os.environ.get("ALLPRESENT_EXAMPLES", "200"))


def check_zip(tmp_path: Path, entries: dict[str, str | bytes], compress: int = zipfile.ZIP_DEFLATED) -> Checked:
    path = tmp_path / "night.zip"
    with zipfile.ZipFile(path, "w", compress) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return intake.check_delivery(tmp_path / "home", "csv", path, today=TODAY)


def refusal(checked: Checked) -> str:
    assert checked.exit_code == 2
    (finding,) = found(checked, "X02")
    assert (finding.file, finding.message) == ("night.zip", checked.why_held[0])
    return finding.message


def test_simple_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    checked = check_zip(tmp_path, {f"export/{name}": text for name, text in PLAIN.items()})
    assert checked.exit_code == 0
    assert rows(checked, "schools", "source_file")[0] == ("export/schools.csv",)
    # Every canonical table, what each day amounts to, and the quarantine.
    assert len(intake.export_canonical(checked, tmp_path / "out")) == len(checked.tables) + 2


def test_zip_is_posted_and_kept_as_it_came(tmp_path: Path) -> None:
    check_zip(tmp_path, dict(PLAIN))
    path = tmp_path / "night.zip"
    posted = intake.post_delivery(tmp_path / "home", "csv", path, today=TODAY, now=NOW)
    assert posted.outcome == "posted"
    kept = tmp_path / "home" / "deliveries" / posted.delivery_id / "raw" / "night.zip"
    assert kept.read_bytes() == path.read_bytes()
    assert intake.post_delivery(tmp_path / "home", "csv", path, today=TODAY, now=NOW).outcome == "unchanged"


@pytest.mark.parametrize(
    "name", ["../schools.csv", "/etc/schools.csv", "a/../../schools.csv", "C:\\schools.csv", "..\\s.csv"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    assert "leads out of the folder" in refusal(check_zip(tmp_path, {name: "x"}))
    assert not (tmp_path.parent / "schools.csv").exists()


def test_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert "grows more than 100 times" in refusal(check_zip(tmp_path, {"schools.csv": b"0" * 10_000_000}))


def test_nested_archive_is_refused(tmp_path: Path) -> None:
    assert "another archive, more.zip" in refusal(check_zip(tmp_path, {"more.zip": "x"}))


def test_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("schools.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "night.zip", "w") as packed:
        packed.writestr(link, "/etc/passwd")
    checked = intake.check_delivery(tmp_path / "home", "csv", tmp_path / "night.zip", today=TODAY)
    assert "schools.csv is a link" in refusal(checked)


def test_too_many_files_and_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "more than 200 files" in refusal(check_zip(tmp_path, {f"{number}.csv": "x" for number in range(201)}))
    monkeypatch.setattr(unpacking, "MOST_BYTES", 10)
    assert "more than 10 bytes" in refusal(check_zip(tmp_path, {"a.csv": "123456", "b.csv": "123456"}))


@pytest.mark.parametrize("cut", [10, 100, 400])
def test_zip_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    check_zip(tmp_path, dict(PLAIN))
    path = tmp_path / "night.zip"
    path.write_bytes(path.read_bytes()[:-cut])
    assert "damaged or cut short" in refusal(intake.check_delivery(tmp_path / "home", "csv", path, today=TODAY))


def test_a_directory_that_names_fewer_files_than_it_says_is_refused(tmp_path: Path) -> None:
    """One changed byte, the length of the words beside a name, hides every file that follows."""
    check_zip(tmp_path, dict(PLAIN))
    path = tmp_path / "night.zip"
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\1\2", 0, data.rindex(b"PK\1\2")) + 33] = 1
    path.write_bytes(data)
    told = refusal(intake.check_delivery(tmp_path / "home", "csv", path, today=TODAY))
    assert "does not name as many files as it says" in told


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_file_packed_in_another_way_is_refused(tmp_path: Path, method: int) -> None:
    assert "packed in a way that is not read" in refusal(check_zip(tmp_path, dict(PLAIN), method))


def test_a_zip_changed_at_any_byte_is_what_it_was_or_refused(
    tmp_path: Path, survived: Callable[[int, str], None]
) -> None:
    check_zip(tmp_path, dict(PLAIN))
    path, chosen = tmp_path / "night.zip", random.Random(20261122)
    whole, directory = path.read_bytes(), path.read_bytes().index(b"PK\1\2")
    refused = 0
    for number in range(EXAMPLES):
        data = bytearray(whole)
        data[chosen.randrange(directory if number % 2 else 0, len(data))] = chosen.randrange(256)
        path.write_bytes(data)
        try:
            with unpack(path) as folder:
                assert {file.name: file.read_bytes().decode() for file in Path(folder).iterdir()} == PLAIN
        except RefusedFileError:
            refused += 1
    assert refused > EXAMPLES // 2
    survived(EXAMPLES, f"zip files with a changed byte: {refused} refused, the others what they were")
