"""Settings read from the environment, as separate programs read them."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = "from allpresent.config import settings as s; print(repr({expression}))"


def show(expression: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    plain = {
        key: value for key, value in os.environ.items() if not key.startswith(("ALLPRESENT", "DATABASE", "DJANGO"))
    }
    return subprocess.run(
        [sys.executable, "-c", SHOW.format(expression=expression)],
        env=plain | {"ALLPRESENT_HOME": str(home)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_homes_make_their_own_key_once_and_keep_it_to_themselves(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SHOW.format(expression="s.SECRET_KEY")],
            env=os.environ | {"ALLPRESENT_HOME": str(tmp_path), "ALLPRESENT_SECRET_KEY": ""},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    keys = {process.communicate()[0].strip() for process in running}
    kept = tmp_path / "secret-key"
    assert keys == {repr(kept.read_text())}
    assert len(kept.read_text()) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret-key", "static"]


def test_a_key_in_the_environment_is_used_and_not_kept(tmp_path: Path) -> None:
    assert "kkk" in show("s.SECRET_KEY", tmp_path, ALLPRESENT_SECRET_KEY="k" * 50).stdout
    assert not (tmp_path / "secret-key").exists()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", ("django.db.backends.sqlite3", "records.sqlite3", None, None, None)),
        (
            "postgresql://ap:s%40cret@db.example:5433/attendance?sslmode=require",
            ("django.db.backends.postgresql", "attendance", "ap", "db.example", "5433"),
        ),
        (
            "postgresql://postgres:@/postgres?host=/run/a%20socket",
            ("django.db.backends.postgresql", "postgres", "postgres", "/run/a socket", ""),
        ),
        ("postgres://u@localhost/name", ("django.db.backends.postgresql", "name", "u", "localhost", "")),
    ],
)
def test_databases_by_address(tmp_path: Path, url: str, expected: tuple[str | None, ...]) -> None:
    names = "('ENGINE', 'NAME', 'USER', 'HOST', 'PORT')"
    shown = show(
        f"tuple(getattr(d.get(k), 'name', d.get(k)) for d in [s.DATABASES['default']] for k in {names})",
        tmp_path,
        DATABASE_URL=url,
    )
    assert shown.stdout.strip() == repr(expected)


def test_options_and_passwords_of_an_address_are_read(tmp_path: Path) -> None:
    """What the address asks of the server comes after our own, and wins."""
    shown = show(
        "(s.DATABASES['default']['PASSWORD'], s.DATABASES['default']['OPTIONS'], s.LOOK_SECONDS)",
        tmp_path,
        DATABASE_URL="postgresql://ap:s%40cret@db.example/attendance?sslmode=require&options=-c%20lock_timeout%3D5s",
        ALLPRESENT_LOOK_SECONDS="4",
    )
    told = {"connect_timeout": "2", "options": "-c lock_timeout=20s -c lock_timeout=5s", "sslmode": "require"}
    assert shown.stdout.strip() == repr(("s@cret", told, 4.0))


def test_a_district_on_sqlite_syncs_every_commit(tmp_path: Path) -> None:
    """What was told as saved outlasts a power cut (FULL is 2)."""
    cursor = "__import__('django.db').db.connection.cursor()"
    shown = show(
        f"{cursor}.execute('PRAGMA synchronous').fetchone()",
        tmp_path,
        DJANGO_SETTINGS_MODULE="allpresent.config.settings",
    )
    assert shown.stdout.strip() == "(2,)", shown.stderr


@pytest.mark.parametrize("url", ["mysql://x/y", "attendance", "postgresql://host/", "postgresql://host:port/a"])
def test_addresses_of_no_postgresql_are_refused_in_a_sentence(tmp_path: Path, url: str) -> None:
    refused = show("0", tmp_path, DATABASE_URL=url)
    assert refused.returncode != 0
    assert "DATABASE_URL is not an address of a PostgreSQL database" in refused.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ALLPRESENT_PROXIES", "one", "ALLPRESENT_PROXIES is 'one'; write how many trusted proxies"),
        ("ALLPRESENT_LOOK_SECONDS", "nan", "ALLPRESENT_LOOK_SECONDS is 'nan'; write how many seconds"),
        ("ALLPRESENT_SMTP", "mail.example.org", "ALLPRESENT_SMTP is not an address of a mail server"),
    ],
)
def test_other_settings_that_cannot_be_read_are_refused_in_a_sentence(
    tmp_path: Path, name: str, value: str, words: str
) -> None:
    assert words in show("0", tmp_path, **{name: value}).stderr


TRANSPORT = "(s.IS_SECURE, s.ALLOWED_HOSTS, s.SESSION_COOKIE_NAME, s.SECURE_SSL_REDIRECT)"
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


@pytest.mark.parametrize(
    ("environment", "yaml", "expected"),
    [
        ({}, "", (True, [], "__Host-session", True)),
        ({"ALLPRESENT_HOSTS": "a.example, b.example"}, "", (True, ["a.example", "b.example"], "__Host-session", True)),
        ({"ALLPRESENT_INSECURE_LOOPBACK": "1"}, "", (False, LOOPBACK, "session", False)),
        ({}, "is_demo: true\n", (False, LOOPBACK, "session", False)),
        # A name to serve always wins over the plain loopback.
        (
            {"ALLPRESENT_INSECURE_LOOPBACK": "1", "ALLPRESENT_HOSTS": "a.example"},
            "is_demo: true\n",
            (True, ["a.example"], "__Host-session", True),
        ),
    ],
)
def test_plain_http_only_without_a_name_to_serve(
    tmp_path: Path, environment: dict[str, str], yaml: str, expected: tuple[object, ...]
) -> None:
    if yaml:
        (tmp_path / "district.yaml").write_text(yaml)
    assert show(TRANSPORT, tmp_path, **environment).stdout.strip() == repr(expected)


def test_the_server_does_not_start_unsafe(tmp_path: Path) -> None:
    """The WSGI door refuses by itself, whatever starts it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ALLPRESENT", "DJANGO"))}
    started = subprocess.run(
        [sys.executable, "-c", "import allpresent.config.wsgi"],
        env=environment | {"ALLPRESENT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    assert "All Present does not start: No host name is set" in started.stderr
