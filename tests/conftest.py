"""What every test may use: the cast's district, clients that are signed in, and a real browser."""

import gc
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from allpresent.access import guards
from allpresent.access.models import User
from tests import settings as test_settings
from tests.cast import District, enter_people, post_facts

if settings.SETTINGS_MODULE == "allpresent.config.settings":
    # Started with the server's settings: put the tests' own over them before any database is made.
    for name in dir(test_settings):
        if name.isupper() and name != "DATABASES":
            setattr(settings, name, getattr(test_settings, name))
    settings.DATABASES["default"]["TEST"] |= test_settings.DATABASES["default"].get("TEST", {})

# The gate draws the same examples every time; a campaign with ALLPRESENT_EXAMPLES draws new ones.
hypothesis.settings.register_profile("gate", derandomize=True, deadline=None)
if "ALLPRESENT_EXAMPLES" not in os.environ:
    hypothesis.settings.load_profile("gate")

# To look for garbage after every 700 new objects, as Python does by default, takes a tenth of the time of the tests of
# pages: what they have loaded is looked through again and again.
gc.set_threshold(50_000, 20, 50)

# Files whose tests share what takes seconds to make: one process makes it, and not each.
TOGETHER = {
    "tests/demo/test_files.py": "written districts",
    "tests/demo/test_later.py": "written districts",
    "tests/demo/test_levels.py": "written districts",
    "tests/faults/test_disk_full.py": "evening",
    "tests/faults/test_killed.py": "evening",
    "tests/functional/test_demo.py": "demonstration",
    "tests/functional/test_fortnight.py": "demonstration",
    "tests/functional/test_kill.py": "killed district",
    "tests/functional/test_kill_backup.py": "killed district",
    "tests/intake/test_demo_district.py": "posted district",
}

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
]
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


class Groups(LoadScopeScheduling):
    """Gives the tests of files that go together to one process, the largest group first, and all others one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups | None:
    """For ``--dist loadgroup``: the marks of xdist itself are lost on the pytest that is pinned."""
    assert not [name for name in TOGETHER if not (config.rootpath / name).exists()], "a file of TOGETHER is gone"
    return Groups(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Let the test database be emptied between tests, which the guards of the audit entries refuse.

    Every connection of this kind, for a browser's test has one of its own.
    """
    operations = type(connection.ops)
    empty = operations.execute_sql_flush

    def empty_with_guards_off(self: BaseDatabaseOperations, statements: list[str]) -> None:
        guards.remove(self.connection)
        empty(self, statements)
        guards.install(self.connection)

    operations.execute_sql_flush = empty_with_guards_off  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the cast's facts posted; read only, shared by all tests."""
    path = tmp_path_factory.mktemp("cast")
    post_facts(path)
    return path


@pytest.fixture
def district(db: None, home: Path, settings: object) -> District:
    """The cast's whole district: facts posted, roster projected, people and grants entered; it is settings.HOME."""
    settings.HOME = home  # type: ignore[attr-defined]
    return enter_people(home)


@pytest.fixture
def own_home(tmp_path: Path, home: Path, settings: object) -> Path:
    """A copy of the cast's home that a test may write to."""
    copy = tmp_path / "home"
    shutil.copytree(home, copy)
    settings.HOME = copy  # type: ignore[attr-defined]
    return copy


@pytest.fixture
def signed_in(district: District) -> Callable[[str], Client]:
    """A client signed in as a person of the cast, by first name."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(district.users[name])
        return client

    return sign_in


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One Chromium for all tests: the system's where there is one, else Playwright's own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
        running = playwright.chromium.launch(args=CHROMIUM_FLAGS, **found)
        yield running
        running.close()


def _page(browser: object, size: dict[str, object]) -> Iterator[object]:
    context = browser.new_context(locale="en-US", timezone_id="America/New_York", **size)  # type: ignore[attr-defined]
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(browser: object) -> Iterator[object]:
    """A fresh page of a desktop's size."""
    yield from _page(browser, DESKTOP)


@pytest.fixture
def phone(browser: object) -> Iterator[object]:
    """A fresh page of a phone's size."""
    yield from _page(browser, PHONE)


@pytest.fixture
def enter(live_server: object) -> Callable[[object, User], None]:
    """Sign a browser page in as a user, without the sign-in form."""

    def enter_as(page: object, user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(  # type: ignore[attr-defined]
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]  # type: ignore[attr-defined]
        )

    return enter_as


@pytest.fixture
def survived(record_property: Callable[[str, object], None]) -> Callable[[int, str], None]:
    """Say how many faults of a kind were survived; the lines stand at the end of the run.

    Numbers of one kind are added up, so that each case of a table may say its own.
    """

    def say(number: int, what: str) -> None:
        record_property("survived", [number, what])

    return say


def pytest_report_header() -> str:
    return f"database: {connection.vendor}, asked for: {os.environ.get('ALLPRESENT_TEST_DATABASE', 'sqlite')}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many faults of each kind the run survived."""
    passed = terminalreporter.stats.get("passed", [])
    counts: Counter[str] = Counter()
    for told in (value for report in passed for name, value in report.user_properties if name == "survived"):
        number, what = told
        counts[what] += number
    if counts:
        terminalreporter.section("faults survived")
    for what, number in counts.items():
        terminalreporter.line(f"{number:,} {what}")
