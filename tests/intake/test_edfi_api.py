"""Pulling an Ed-Fi API: whole or said to be partial, patient, read only, and nothing secret on disk."""

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from allpresent.intake.sources.edfi.api import pull
from allpresent.intake.sources.pulling import Access, PullError, landing, read_manifest
from allpresent.intake.sources.pulling.landing import Manifest
from tests.intake.edfi_server import KEY, SECRET, Api, Fault, serving, small

TODAY = date(2026, 11, 4)
EVENTS = "studentSchoolAttendanceEvents"


@pytest.fixture
def api() -> Iterator[Api]:
    with serving(small()) as served:
        yield served


@pytest.fixture(params=["own", "edfi-api-client"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Waits(list[float]):
    """Waits that are noted and not waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def bring(api: Api, folder: Path, **options: object) -> Manifest:
    told: dict[str, object] = {"today": TODAY, "page_size": 3, "sleep": Waits(), **options}
    return pull(folder, Access(api.url, KEY, str(told.pop("secret", SECRET))), **told)  # type: ignore[arg-type]


def numbers(folder: Path, resource: str = EVENTS) -> list[int]:
    return [json.loads(line)["n"] for line in (folder / f"{resource}.jsonl").read_text("utf-8").splitlines()]


def test_every_page_lands_as_files_with_their_counts(api: Api, tmp_path: Path, engine: str) -> None:
    manifest = bring(api, tmp_path / "drop", engine=engine)
    assert numbers(tmp_path / "drop") == [1, 2, 3, 4, 5, 6, 7]
    events = next(one for one in manifest.files if one.asked == EVENTS)
    assert (events.rows, events.before, events.after, manifest.why_partial) == (7, 7, 7, [])
    assert (manifest.newest, manifest.version, manifest.full_on) == (11, "5.1.0", "2026-11-04")
    assert read_manifest(tmp_path / "drop") == manifest
    assert api.methods == {"GET"}
    pages = [asked for asked in api.asked if EVENTS in asked and "offset" in asked]
    assert pages == [
        f"/data/v3/ed-fi/{EVENTS}?minChangeVersion=0&maxChangeVersion=11&offset={offset}&limit=3"
        for offset in (0, 3, 6)
    ]
    assert [line.split(":")[0] for line in manifest.left_out][:2] == [
        "studentEducationOrganizationAssociations",
        "studentSpecialEducationProgramAssociations",
    ]


def test_a_token_that_expires_midway_is_renewed_once_a_request(api: Api, tmp_path: Path, engine: str) -> None:
    def expire(served: Api, path: str) -> None:
        if path.endswith(EVENTS) and served.tokens == 1:
            served.tokens += 1  # the token that was given out is not the newest any more

    api.before_page = expire
    assert bring(api, tmp_path / "drop", engine=engine).why_partial == []
    assert (numbers(tmp_path / "drop"), api.tokens) == ([1, 2, 3, 4, 5, 6, 7], 3)


def test_too_many_requests_are_waited_for_as_long_as_told(api: Api, tmp_path: Path, engine: str) -> None:
    told = {"Date": "Wed, 04 Nov 2026 05:00:00 GMT", "Retry-After": "Wed, 04 Nov 2026 05:00:09 GMT"}
    api.faults += [("schools", Fault(429, {"Retry-After": "17"})), ("schools", Fault(429, told))]
    api.faults += [("schools", Fault(503)), ("schools", Fault(500)), ("schools", Fault(429, {"Retry-After": "9999"}))]
    waits = Waits()
    # keyChanges are not asked for in a first pull, so all five stand before the count of the schools.
    assert bring(api, tmp_path / "drop", engine=engine, sleep=waits).why_partial == []
    assert waits == [17.0, 9.0, 4.0, 8.0, 300.0]


def test_an_interface_that_stays_busy_ends_in_a_sentence_and_leaves_the_folder(
    api: Api, tmp_path: Path, engine: str
) -> None:
    bring(api, tmp_path / "drop", engine=engine)
    kept = (tmp_path / "drop" / "pull.json").read_bytes()
    api.put(EVENTS, {"n": 8})
    api.faults += [(EVENTS, Fault(503))] * 6
    with pytest.raises(PullError, match="gave no usable answer in 6 tries \\(status 503\\)"):
        bring(api, tmp_path / "drop", engine=engine)
    assert (tmp_path / "drop" / "pull.json").read_bytes() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == [".drop.lock", "drop"]


def test_broken_and_slow_answers_are_asked_for_again(api: Api, tmp_path: Path, engine: str) -> None:
    api.faults += [("offset=3", Fault(body=b'[{"id": "00')), ("offset=6", Fault(seconds=4))]
    waits = Waits()
    assert bring(api, tmp_path / "drop", engine=engine, sleep=waits, timeout=2).why_partial == []
    assert (numbers(tmp_path / "drop"), waits) == ([1, 2, 3, 4, 5, 6, 7], [1.0, 1.0])


def test_rows_that_slip_make_the_pull_partial(api: Api, tmp_path: Path, engine: str) -> None:
    def change(served: Api, path: str) -> None:
        if path.endswith(EVENTS) and served.newest == 11:
            served.put(EVENTS, served.resources[EVENTS][0] | {"n": 100})

    api.before_page = change
    manifest = bring(api, tmp_path / "drop", engine=engine)
    assert len(manifest.why_partial) == 1
    assert "and 7 were counted before the pull and 6 after it" in manifest.why_partial[0]


def test_the_next_pull_brings_what_changed_and_takes_out_what_was_deleted(
    api: Api, tmp_path: Path, engine: str
) -> None:
    folder = tmp_path / "drop"
    bring(api, folder, engine=engine)
    api.put(EVENTS, {"n": 8}, api.resources[EVENTS][1] | {"n": 20})
    api.delete(EVENTS, 0)
    api.asked.clear()
    manifest = bring(api, folder, engine=engine, today=date(2026, 11, 10))
    assert sorted(numbers(folder)) == [3, 4, 5, 6, 7, 8, 20]
    assert (manifest.why_partial, manifest.newest, manifest.full_on) == ([], 14, "2026-11-04")
    assert not [asked for asked in api.asked if "minChangeVersion=0&" in asked and "offset" in asked]


def test_nothing_new_gives_the_same_bytes(api: Api, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    bring(api, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    bring(api, folder, today=date(2026, 11, 5))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("why", ["key", "no keys", "week", "file", "count", "deletes"])
def test_all_is_asked_for_again_when_changes_alone_are_not_sure(
    api: Api, tmp_path: Path, engine: str, why: str
) -> None:
    folder = tmp_path / "drop"
    bring(api, folder, engine=engine)
    if why == "key":
        api.change_key(EVENTS, 0, n=1)
    elif why == "file":
        (folder / f"{EVENTS}.jsonl").write_text('{"id":"made up","n":0}\n')
    elif why == "count":
        api.resources[EVENTS].pop()  # gone without a trace
    elif why == "no keys":
        api.faults.append((f"{EVENTS}/keyChanges", Fault(404)))
    elif why == "deletes":
        api.faults.append((f"{EVENTS}/deletes", Fault(404)))
    api.asked.clear()
    manifest = bring(api, folder, engine=engine, today=date(2026, 11, 11) if why == "week" else TODAY)
    assert manifest.why_partial == []
    assert sorted(numbers(folder)) == [*range(1, 7), *([] if why == "count" else [7])]
    assert [asked for asked in api.asked if EVENTS in asked and "minChangeVersion=0&" in asked and "offset" in asked]


def test_without_the_extra_a_sentence_says_what_to_do(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "allpresent.intake.sources.edfi.published", None)
    with pytest.raises(PullError, match="is not installed; install allpresent with the extra edfi, or use own"):
        bring(api, tmp_path / "drop", engine="edfi-api-client")
    assert bring(api, tmp_path / "drop", engine="own").why_partial == []


def test_an_interface_without_change_versions_is_counted_all_the_same(api: Api, tmp_path: Path, engine: str) -> None:
    api.has_changes = False
    manifest = bring(api, tmp_path / "drop", engine=engine)
    assert (manifest.newest, manifest.why_partial, numbers(tmp_path / "drop")) == (None, [], [1, 2, 3, 4, 5, 6, 7])


def test_parents_until_standard_four_and_contacts_from_five(api: Api, tmp_path: Path) -> None:
    api.model = "3.3.0-a"
    for name in ("parents", "studentParentAssociations", "contacts"):
        api.put(name, {"n": 1})
    named = {one.asked for one in bring(api, tmp_path / "drop").files}
    assert {"parents", "studentParentAssociations"} < named
    assert "contacts" not in named


def test_what_identifies_a_person_elsewhere_never_reaches_the_disk(api: Api, tmp_path: Path) -> None:
    codes = [
        {"studentIdentificationSystemDescriptor": "uri://ed-fi.org/X#SSN", "identificationCode": "123-45-6789"},
        {"studentIdentificationSystemDescriptor": "uri://ed-fi.org/X#State", "identificationCode": "0012"},
    ]
    api.put("students", {"n": 2, "visas": ["B1"], "studentIdentificationCodes": codes, "ssn": "987-65-4321"})
    bring(api, tmp_path / "drop")
    written = b"".join(path.read_bytes() for path in (tmp_path / "drop").iterdir())
    assert b"0012" in written
    for secret in (b"123-45-6789", b"B1", b"987-65-4321", KEY.encode(), SECRET.encode(), b"token-"):
        assert secret not in written


def test_a_wrong_secret_is_a_sentence_without_it(api: Api, tmp_path: Path, engine: str) -> None:
    with pytest.raises(PullError) as told:
        bring(api, tmp_path / "drop", engine=engine, secret="hunter2")
    assert str(told.value) == "The key was refused when asking for a token; check the key and the secret."
    assert "hunter2" not in repr(Access(api.url, KEY, "hunter2"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://api.example.org", "write https"),
        ("https://me:secret@api.example.org", "plain address"),
        ("ftp://api.example.org", "plain address"),
    ],
)
def test_an_address_that_would_give_the_key_away_is_refused(url: str, words: str) -> None:
    with pytest.raises(PullError, match=words):
        Access(url, KEY, SECRET)


def test_the_secret_goes_to_no_other_host_and_follows_no_redirect(api: Api, tmp_path: Path, engine: str) -> None:
    root = {"urls": {"oauth": "http://elsewhere.example.org/oauth/token"}}
    api.faults.append(("/", Fault(body=json.dumps(root).encode())))
    with pytest.raises(PullError, match=r"names an address on another host, elsewhere\.example\.org"):
        bring(api, tmp_path / "drop", engine=engine)
    api.faults += [("availableChange", Fault(302, {"Location": "http://elsewhere.example.org/"}))] * 6
    with pytest.raises(PullError):
        bring(api, tmp_path / "drop", engine=engine)


def test_a_folder_with_files_of_its_own_is_left_alone(api: Api, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "attendance.csv").write_text("x")
    with pytest.raises(PullError, match="holds files that were not pulled"):
        bring(api, tmp_path / "mine")
    assert (tmp_path / "mine" / "attendance.csv").read_text() == "x"


class Killed(BaseException):
    """The process is gone."""


def test_killed_before_any_rename_the_folder_is_the_old_one_or_the_new_one(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "drop"
    bring(api, folder)
    real, left = landing.os.replace, 0

    def stop(source: Path, target: Path) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        real(source, target)

    def nothing(self: landing.Landing) -> None:
        self._lock.close()  # as the end of a process does

    for killed_at in range(20):
        api.put(EVENTS, {"n": 100 + killed_at})
        before = numbers(folder)
        left = killed_at
        with monkeypatch.context() as patched:
            patched.setattr(landing.os, "replace", stop)
            patched.setattr(landing.Landing, "abandon", nothing)
            try:
                bring(api, folder)
            except Killed:
                pass
            else:
                break
        if folder.exists():
            assert numbers(folder) == before
        manifest = bring(api, folder)
        assert (manifest.why_partial, numbers(folder)) == ([], [*before, 100 + killed_at])
        assert all(landing.is_as_pulled(folder, one) for one in manifest.files)
        assert sorted(path.name for path in tmp_path.iterdir()) == [".drop.lock", "drop"]
    assert killed_at == 9  # five resources, the control totals, the manifest, the two of the folder


def test_a_kill_between_the_two_renames_loses_nothing(api: Api, tmp_path: Path) -> None:
    bring(api, tmp_path / "drop")
    (tmp_path / "drop").rename(tmp_path / ".drop.before")
    api.asked.clear()
    bring(api, tmp_path / "drop")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".drop.lock", "drop"]
    assert [asked for asked in api.asked if "keyChanges" in asked]


def test_two_pulls_into_one_folder_do_not_meet(api: Api, tmp_path: Path) -> None:
    def again(served: Api, path: str) -> None:
        served.before_page = lambda *_: None
        with pytest.raises(PullError, match="is under way"):
            bring(api, tmp_path / "drop")

    api.before_page = again
    bring(api, tmp_path / "drop")
    assert bring(api, tmp_path / "drop").why_partial == []


@pytest.mark.parametrize(
    "token", [b"[]", b'{"access_token": "\\u00e9", "expires_in": 1}', b'{"expires_in": "x"}', b"<html>"]
)
def test_a_token_document_that_cannot_be_read_is_a_sentence(
    api: Api, tmp_path: Path, engine: str, token: bytes
) -> None:
    api.faults += [("oauth/token", Fault(body=token))] * 20
    with pytest.raises(PullError, match=r"gave no usable answer in 6 tries|refuses the key"):
        bring(api, tmp_path / "drop", engine=engine)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "does not understand what is asked for"),
        (401, "refuses the key, with a fresh token too"),
        (403, "is not open to this key \\({}\\); have its keeper grant"),
        (404, "is not there"),
        (418, "answers with status 418"),
    ],
)
def test_each_refusal_is_a_sentence_of_its_own(api: Api, tmp_path: Path, engine: str, status: int, words: str) -> None:
    api.faults += [("/schools", Fault(status))] * 2
    with pytest.raises(PullError, match=words):
        bring(api, tmp_path / "drop", engine=engine)
