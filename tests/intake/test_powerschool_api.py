"""PowerSchool over REST: the same facts as from its export, counted, read only, and every refusal a sentence."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from allpresent import cli, intake
from allpresent.intake.sources.powerschool_api import pull
from allpresent.intake.sources.pulling import Access, PullError
from allpresent.intake.sources.pulling.landing import Manifest
from allpresent.policy import load_district
from tests.intake.edfi_server import KEY, SECRET, Fault, serving
from tests.intake.folders import TODAY
from tests.intake.powerschool_files import CODES, FILES, check_powerschool
from tests.intake.powerschool_server import PowerSchool, from_export
from tests.intake.test_edfi_api import Waits

YEAR = (date(2026, 7, 1), date(2027, 6, 30))


@pytest.fixture
def api() -> Iterator[PowerSchool]:
    with serving(from_export(FILES)) as served:
        assert isinstance(served, PowerSchool)
        yield served


def bring(api: PowerSchool, folder: Path, **options: object) -> Manifest:
    told: dict[str, object] = {"today": TODAY, "school_year": YEAR, "page_size": 3, "sleep": Waits(), **options}
    return pull(folder, Access(api.url, KEY, SECRET), **told)  # type: ignore[arg-type]


def test_what_was_pulled_reads_as_the_export_does(api: PowerSchool, tmp_path: Path) -> None:
    """But for what only the export has: categories in a column of the codes, and columns of student groups."""
    manifest = bring(api, tmp_path / "drop")
    assert manifest.why_partial == []
    mapping = tmp_path / "codes.yaml"
    mapping.write_text(
        "source: powerschool\ncodes: {table: [{code: A, category: absent, excused: false},"
        " {code: H, category: absent, excused: true}, {code: T, category: tardy},"
        " {code: S, category: absent, disciplinary: true}]}\n"
    )
    checked = intake.check_delivery(tmp_path / "home", "powerschool", tmp_path / "drop", mapping=mapping, today=TODAY)
    exported = check_powerschool(tmp_path)
    assert (checked.exit_code, checked.why_held) == (0, [])
    for table in ("schools", "students", "enrollments", "calendar_days", "attendance"):
        left, right = (
            one.tables[table].drop_columns(["source_file", "line_no"]).to_pylist() for one in (checked, exported)
        )
        kept = {
            "portion_num",
            "portion_den",
            "category",
            "disciplinary",
            "student_id",
            "date",
            "school_id",
            "full_name",
        }
        assert [{k: v for k, v in row.items() if k in kept} for row in left] == [
            {k: v for k, v in row.items() if k in kept} for row in right
        ]
    assert api.methods == {"GET"}


def test_each_table_is_asked_for_its_year_page_by_page(api: PowerSchool, tmp_path: Path) -> None:
    bring(api, tmp_path / "drop")
    assert api.filters["attendance"] == api.filters["attendance_code"] == "yearid==36"
    assert api.filters["calendar_day"] == "date_value=ge=2026-07-01;date_value=le=2027-06-30"
    assert (api.filters["students"], api.filters["reenrollments"]) == ("", "exitdate=ge=2026-07-01")
    pages = [asked.rpartition("?")[2] for asked in api.asked if "table/attendance?" in asked]
    assert [asked[asked.index("page=") :] for asked in pages] == ["page=1&pagesize=3", "page=2&pagesize=3"]
    lines = list(csv.DictReader((tmp_path / "drop" / "attendance.csv").open()))
    assert [line["id"] for line in lines] == ["9001", "9002", "9003", "9004"]


def test_a_table_that_changes_meanwhile_makes_the_pull_partial(api: PowerSchool, tmp_path: Path) -> None:
    def remove(served: object, path: str) -> None:
        if path.endswith("table/attendance") and len(api.resources["attendance"]) == 4:
            api.resources["attendance"].pop(0)
            api.resources["attendance"].append(api.resources["attendance"][-1] | {"_at": 99})
            api.before_page = twice

    def twice(served: object, path: str) -> None:
        if path.endswith("table/attendance"):
            api.resources["attendance"].insert(0, {"_at": 100})

    api.before_page = remove
    (sentence,) = bring(api, tmp_path / "drop").why_partial
    assert "rows of attendance, and 4 were counted before the pull and 5 after it" in sentence


def test_tables_that_are_closed_are_left_out_and_needed_ones_refuse(api: PowerSchool, tmp_path: Path) -> None:
    api.closed = {"reenrollments"}
    manifest = bring(api, tmp_path / "drop")
    assert [line for line in manifest.left_out if line.startswith("reenrollments")] == [
        f"reenrollments: {api.url[7:]}/ws/schema/table/reenrollments/count is not open to this key "
        '({"message": "No access to reenrollments"}); have its keeper grant reading it.'
    ]
    api.closed = {"attendance"}
    with pytest.raises(PullError, match="is not open to this key"):
        bring(api, tmp_path / "drop")
    api.closed = set()
    api.faults.append(("projection", Fault(400, body=b'{"message": "att_comment is no field"}')))
    with pytest.raises(PullError, match=r"att_comment is no field.*check names and fields"):
        bring(api, tmp_path / "drop")


def test_too_many_requests_are_waited_for_as_long_as_told(api: PowerSchool, tmp_path: Path) -> None:
    api.queries["org.example.absence.contacts"] = [{"studentNumber": "0000501"}]
    busy = Fault(429, {"Retry-After": "17"}, b'{"message": "Too Many Requests"}')
    api.faults += [("table/students/count", busy), ("table/attendance?", Fault(429)), ("absence.contacts?", busy)]
    waits = Waits()
    manifest = bring(api, tmp_path / "drop", sleep=waits, queries={"contacts": "org.example.absence.contacts"})
    assert (manifest.why_partial, waits) == ([], [17.0, 1.0, 17.0])
    kept = (tmp_path / "drop" / "pull.json").read_bytes()
    api.faults += [("table/attendance?", Fault(429))] * 6
    with pytest.raises(PullError, match=r"attendance gave no usable answer in 6 tries \(status 429\)"):
        bring(api, tmp_path / "drop")
    assert (tmp_path / "drop" / "pull.json").read_bytes() == kept


@pytest.mark.parametrize("counts_queries", [True, False])
def test_power_queries_bring_a_table_flattened_or_nested(
    api: PowerSchool, tmp_path: Path, counts_queries: bool
) -> None:
    api.counts_queries = counts_queries
    names = ("id", "schoolid", "yearid", "att_code", "presence_status_cd", "category")
    codes = [line.replace("~", " ").split() for line in CODES.strip().splitlines()[1:]]
    flat = [dict(zip(names, (*code[:4], code[-3], code[-1]), strict=True)) | {"password": "x"} for code in codes]
    api.queries["org.example.absence.codes"] = flat
    contact = {"New Contact Identifier": "1", "First Name": "Lía", "studentNumber": "0000501"}
    api.queries["org.example.absence.contacts"] = [{"id": 1, "name": "contacts", "tables": {"person": contact}}]
    queries = {"attendance_code": "org.example.absence.codes", "contacts": "org.example.absence.contacts"}
    told: list[str] = []
    manifest = bring(api, tmp_path / "drop", queries=queries, progress=told.append)
    assert manifest.why_partial == []
    unconfirmed = [
        f"{name}: PowerSchool has no count of {query} to offer, so nobody confirms that the {rows} rows of its one "
        "answer are all there are; compare them with PowerSchool now and then."
        for name, query, rows in (
            ("attendance_code", "org.example.absence.codes", len(flat)),
            ("contacts", "org.example.absence.contacts", 1),
        )
    ]
    assert [line for line in manifest.left_out if "no count" in line] == ([] if counts_queries else unconfirmed)
    assert [line for line in told if "unconfirmed" in line] == (
        [] if counts_queries else [f"attendance_code: {len(flat)} rows, unconfirmed", "contacts: 1 rows, unconfirmed"]
    )
    control = (tmp_path / "drop" / "control.csv").read_text("utf-8")
    assert (f"contacts.csv,{1 if counts_queries else ''}," in control) is True
    counted = {one.file: (one.before, one.after) for one in manifest.files}
    assert counted["contacts.csv"] == ((1, 1) if counts_queries else (None, None))
    assert (tmp_path / "drop" / "attendance_code.csv").read_text().splitlines()[0] == ",".join(names)
    assert "Lía" in (tmp_path / "drop" / "contacts.csv").read_text("utf-8")
    with pytest.raises(PullError, match="queries names the table 'marks'"):
        bring(api, tmp_path / "drop", queries={"marks": "x"})


def test_a_source_of_the_settings_is_pulled_and_an_expired_token_renewed(api: PowerSchool, tmp_path: Path) -> None:
    api.faults.append(("table/students", Fault(401)))
    home = tmp_path / "home"
    home.mkdir()
    settings = f"sources: [{{name: sis 1, source: powerschool, folder: drop, pull: {{url: '{api.url}'}}}}]\n"
    (home / "district.yaml").write_text(settings)
    keys = {"ALLPRESENT_PULL_KEY_SIS_1": KEY, "ALLPRESENT_PULL_SECRET_SIS_1": SECRET}
    manifest = intake.pull_source(home, load_district(home), "sis 1", keys, today=TODAY)
    assert (manifest.version, api.tokens) == ("36", 2)
    (home / "district.yaml").write_text(settings.replace("powerschool", "csv"))
    with pytest.raises(PullError, match="csv is not pulled; edfi and powerschool are"):
        intake.pull_source(home, load_district(home), "sis 1", keys, today=TODAY)
    sentence = "sis 1: csv is not pulled; edfi and powerschool are."
    assert intake.faults_of_pulls(load_district(home), keys) == [sentence]
    (home / "district.yaml").write_text(settings)
    assert intake.faults_of_pulls(load_district(home), keys) == []
    missing = "sis 1: ALLPRESENT_PULL_KEY_SIS_1 is not set; put it where the server's other secrets are."
    assert intake.faults_of_pulls(load_district(home), {}) == [missing]
    with pytest.raises(PullError, match="No source is called other"):
        intake.pull_source(home, load_district(home), "other", keys, today=TODAY)


def test_the_command_pulls_a_source_and_posts_nothing(
    api: PowerSchool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALLPRESENT_HOME", str(tmp_path))
    (tmp_path / "district.yaml").write_text(
        f"sources: [{{name: sis, source: powerschool, pull: {{url: '{api.url}'}}}}]\n"
    )
    with pytest.raises(SystemExit) as ended:
        cli.main(["intake", "pull", "sis"])
    assert (ended.value.code, "ALLPRESENT_PULL_KEY_SIS is not set" in capsys.readouterr().err) == (1, True)
    monkeypatch.setenv("ALLPRESENT_PULL_KEY_SIS", KEY)
    monkeypatch.setenv("ALLPRESENT_PULL_SECRET_SIS", SECRET)
    with pytest.raises(SystemExit) as ended:
        cli.main(["intake", "pull", "sis", "--today", "2026-09-12"])
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (0, "")
    assert "attendance: 4 rows" in told.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["district.yaml", "drop"]
    assert sorted(path.name for path in (tmp_path / "drop").iterdir()) == [".sis.lock", "sis"]


@pytest.mark.parametrize("body", [b"[]", b'{"record": "no"}', b'{"record": [1]}', b"<html>"])
def test_an_answer_that_is_no_list_of_records_is_a_sentence(api: PowerSchool, tmp_path: Path, body: bytes) -> None:
    api.faults += [("projection", Fault(body=body))] * 6
    with pytest.raises(PullError):
        bring(api, tmp_path / "drop")
    assert not (tmp_path / "drop").exists()
