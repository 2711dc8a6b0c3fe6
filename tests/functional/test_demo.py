"""The first command a newcomer runs: it makes a district, loads it, serves it, and a principal is looking at a page."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 240


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demonstration(home: Path, port: int, log: Path) -> Iterator[None]:
    """``allpresent demo`` with a small district, until it answers; ended by its own process group."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"ALLPRESENT_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "allpresent", "demo", "--students", "200", "--port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            wait_for(port, process)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=30)


def wait_for(port: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise AssertionError("the demonstration did not come up")


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


def test_a_newcomer_is_looking_at_the_principals_page(tmp_path):
    home, port, log = tmp_path / "home", free_port(), tmp_path / "log"
    address = f"http://127.0.0.1:{port}"
    with demonstration(home, port, log):
        page = sign_in(address, "principal@elmharbor.example").open(f"{address}/school/").read().decode()
        assert "students are chronically absent to date" in page
        assert "goal" in page
    said = log.read_text(encoding="utf-8")
    for line in ("reading attendance.txt", "writing the roster", f"All Present is at {address}/", "principal@"):
        assert line in said
    with demonstration(home, port, log):
        pass
    assert "The demonstration is loaded already." in log.read_text(encoding="utf-8")
