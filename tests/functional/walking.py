"""Walking through the demonstration's district as its people: by the sign-in page, on a desk and on a phone."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client

from allpresent.access import issue_key
from allpresent.access.models import User
from allpresent.casework.models import CaseStep
from allpresent.demo import DEMO_TODAY
from allpresent.nightly.demonstration import load_demonstration
from allpresent.policy import load_district
from tests.functional.demonstrating import STUDENTS

SEED = 2026


def address(name: str) -> str:
    return f"{name}@elmharbor.example"


def user(name: str) -> User:
    return User.objects.get(email=address(name))


@dataclass
class Walk:
    """The demonstration's home, the desk's and the phone's browser, and what day it is."""

    home: Path
    desk: Any
    phone: Any
    settings: Any
    url: str
    today: date = DEMO_TODAY
    clients: dict[str, Client] = field(default_factory=dict)
    seen: dict[tuple[str, bool], Any] = field(default_factory=dict)

    def begin(self, made: Path) -> None:
        """A copy of the demonstration that was made, files and records, on its own morning."""
        shutil.copytree(made, self.home)
        with closing(sqlite3.connect(self.home / "records.sqlite3")) as records:
            connection.ensure_connection()
            records.backup(connection.connection)
        self.settings.HOME, self.settings.IS_DEMO = self.home, True
        self.settings.DISTRICT = load_district(self.home)

    def night(self, day: date) -> None:
        """The night before a morning, with the files of the school days since the last one."""
        self.turn_to(day)
        load_demonstration(self.home, STUDENTS, SEED, lambda line: None, today=day)

    def turn_to(self, day: date) -> None:
        self.today = day
        self.settings.DISTRICT = replace(self.settings.DISTRICT, today=day)

    def sign_in(self, browser: Any, name: str, path: str = "") -> Any:
        """One click on the person's card; who was here before on this machine is still signed in."""
        context, here = browser.context, (name, browser is self.phone)
        context.clear_cookies()
        if here in self.seen:
            context.add_cookies(self.seen[here])
        else:
            browser.goto(f"{self.url}/accounts/login/")
            browser.locator(f"button[name=person][value='{address(name)}']").click()
            browser.wait_for_url(lambda at: "/accounts/" not in at)
            self.seen[here] = context.cookies()
        if path:
            browser.goto(self.url + path)
        return browser

    def send(self, name: str, path: str, **values: object) -> None:
        """What the page's form would send; a form that was refused shows the page again and is no redirect."""
        client = self.clients.setdefault(name, Client())
        client.force_login(user(name))
        answer = client.post(path, {"form_key": issue_key()} | values)
        assert answer.status_code == 302, (path, values, answer.content.decode()[:3000])

    def get(self, name: str, path: str) -> bytes:
        client = self.clients.setdefault(name, Client())
        client.force_login(user(name))
        answer = client.get(path)
        assert answer.status_code == 200, path
        return b"".join(answer.streaming_content) if answer.streaming else answer.content


def done(page: Any) -> None:
    """The page says that it was kept."""
    page.get_by_role("status").wait_for()


def sign(page: Any) -> None:
    """A line drawn on the glass."""
    glass = page.locator("#glass")
    glass.scroll_into_view_if_needed()
    box = glass.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for place in range(1, 8):
        page.mouse.move(box["x"] + 30 + 25 * place, box["y"] + 60 + 15 * (place % 3))
    page.mouse.up()


def explain(step: CaseStep, on: date) -> str:
    """What became of a promise, in a word; blank for one nobody can account for."""
    if step.state == "done":
        return "done" if step.done_by_id and step.evidence_reference else ""
    if step.state in ("withdrawn", "exempt"):
        return step.state if step.why else ""
    return "on the way" if step.due_on and step.due_on >= on and step.owner_role else ""
