"""The first command a newcomer runs: it makes a district, loads it, serves it, and a principal is looking at a page."""

import http.cookiejar
import re
import shutil
import sqlite3
import urllib.parse
import urllib.request
from pathlib import Path

from tests.functional.demonstrating import Made, demonstration


def sign_in(address: str, email: str) -> urllib.request.OpenerDirector:
    """One click on the demonstration's card, as a browser without scripts would send it."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = browser.open(f"{address}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {"csrfmiddlewaretoken": token[1], "person": email}
    browser.addheaders = [("Referer", f"{address}/accounts/login/"), ("Origin", address)]
    browser.open(f"{address}/demo/sign-in/", urllib.parse.urlencode(form).encode())
    return browser


# What a person signs in to do: the page each lands on, and a text that is only there when something waits.
WAITING = {
    "team": ("/today/", "to verify"),
    "second.team": ("/today/", "to verify"),
    "high.team": ("/today/", "to verify"),
    "teacher": ("/calls/", "Start with the first"),
    "principal": ("/school/", "chronically absent"),
    "district.team": ("/district/", "chronically absent"),
    "executive": ("/district/", "chronically absent"),
    "steward": ("/deliveries/", "Posted"),
    "dropout": ("/today/", "to call"),
    "coordinator": ("/today/", "to call"),
    "visitor": ("/visits/", "Day sheet"),
    "mentor": ("/mentees/", "this week"),
    "peer": ("/mentees/", "this week"),
}
# What nine weeks of work leave behind, by table and column.
LIVED = {
    ("homevisit", "state"): {"proposed", "scheduled", "done", "not_found", "follow_up"},
    ("successplan", "state"): {"draft", "agreed", "under_review", "ended"},
    ("letter", "state"): {"verified", "mailed", "returned", "pulled_back"},
    ("meetingdecision", "state"): {"open", "done", "noted"},
    ("referral", "state"): {"open", "accepted", "closed"},
    ("referralupdate", "work"): {"begun", "under_way", "served"},
    ("handover", "state"): {"offered", "accepted", "declined", "withdrawn"},
    ("schoolpromise", "state"): {"recorded", "ended", "withdrawn"},
    ("checkin", "how"): {"talked", "greeted", "not_there"},
}


def check_people(address: str) -> None:
    """Every person of the demonstration lands on a page with something to do."""
    for person, (path, words) in WAITING.items():
        landed = sign_in(address, f"{person}@elmharbor.example").open(f"{address}/")
        assert landed.url == address + path, person
        assert words in landed.read().decode(), person


def check_history(home: Path) -> None:
    """The work of nine weeks stands in the records, and every one-time act in the audit."""
    records = sqlite3.connect(home / "records.sqlite3")
    for (table, column), states in LIVED.items():
        found = {row[0] for row in records.execute(f"SELECT DISTINCT {column} FROM casework_{table}")}
        assert states <= found, table
    held = "SELECT COUNT(*) FROM casework_meeting WHERE state = 'ended' GROUP BY school_id"
    assert {count for (count,) in records.execute(held)} == {2}
    told = {row[0] for row in records.execute("SELECT DISTINCT action FROM access_auditentry")}
    assert {"visit.recorded", "plan.agreed", "letters.mailed", "meeting.ended", "mentor.checked_in"} <= told
    records.close()


def test_a_newcomer_is_looking_at_the_principals_page(made: Made, tmp_path: Path) -> None:
    """The second start takes seconds; a morning that is past already changes nothing."""
    home, log = tmp_path / "home", tmp_path / "log"
    shutil.copytree(made.home, home)
    with demonstration(home, log, "--morning", "2026-11-05") as address:
        page = sign_in(address, "principal@elmharbor.example").open(f"{address}/school/").read().decode()
        assert "students are chronically absent to date" in page
        assert "goal" in page
        check_people(address)
        check_history(home)
    again = log.read_text(encoding="utf-8")
    assert "The demonstration is loaded already." in again
    assert f"All Present is at {address}/" in again
    for line in ("reading attendance.txt", "writing the roster", "All Present is at http://127.0.0.1:", "principal@"):
        assert line in made.said
