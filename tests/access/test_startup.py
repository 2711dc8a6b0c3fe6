"""A server does not start with unsafe settings, and says in a sentence which one it was."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from allpresent.access import startup

NAMES = [name for name in dir(settings) if name.isupper()]


def conf(**changes: Any) -> SimpleNamespace:
    """Settings of a server on the network that is safe to start, but for the changes."""
    safe = {
        "SECRET_KEY": "k" * 50,
        "SEALING_KEY_FAULT": "",
        "ALLOWED_HOSTS": ["attendance.elmharbor.example"],
        "IS_LOOPBACK_ONLY": False,
        "IS_DEMO": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
    }
    return SimpleNamespace(**({name: getattr(settings, name) for name in NAMES} | safe | changes))


def test_safe_settings_start() -> None:
    assert startup.faults(conf()) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "The secret key is too short"),
        ("SECRET_KEY", "django-insecure-" + "k" * 50, "The secret key is too short"),
        ("SEALING_KEY_FAULT", "No key for files at rest is set: set it.", "No key for files at rest is set"),
        ("DEBUG", True, "DEBUG is on"),
        ("ALLOWED_HOSTS", [], "No host name is set"),
        ("ALLOWED_HOSTS", ["*"], "name each host"),
        ("SESSION_COOKIE_SECURE", False, "SESSION_COOKIE_SECURE is off"),
        ("CSRF_COOKIE_SECURE", False, "CSRF_COOKIE_SECURE is off"),
        ("SECURE_SSL_REDIRECT", False, "SECURE_SSL_REDIRECT is off"),
        ("SECURE_HSTS_SECONDS", 0, "SECURE_HSTS_SECONDS is 0"),
        ("SESSION_COOKIE_AGE", 14 * 24 * 3600, "SESSION_COOKIE_AGE is over 12 hours"),
        ("PASSWORD_RESET_TIMEOUT", 3 * 24 * 3600, "PASSWORD_RESET_TIMEOUT is over a day"),
        ("AUTH_PASSWORD_VALIDATORS", [], "accept passwords under 15 characters"),
        ("AUTH_PASSWORD_VALIDATORS", [{"OPTIONS": {"min_length": 8}}], "accept passwords under 15 characters"),
        (
            "CACHES",
            {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
            "The cache is not shared",
        ),
        ("CONTENT_SECURITY_POLICY", None, "CONTENT_SECURITY_POLICY is missing"),
        ("CONTENT_SECURITY_POLICY", {"DIRECTIVES": {"script-src": ["'unsafe-inline'"]}}, "lets inline code run"),
        ("MIDDLEWARE", [startup.CSP], "LoginRequiredMiddleware is not in MIDDLEWARE"),
        ("MIDDLEWARE", [startup.LOGIN_REQUIRED], "CONTENT_SECURITY_POLICY is missing"),
        ("DATA_UPLOAD_MAX_NUMBER_FIELDS", 1000, "DATA_UPLOAD_MAX_NUMBER_FIELDS"),
        ("DATA_UPLOAD_MAX_NUMBER_FIELDS", None, "DATA_UPLOAD_MAX_NUMBER_FIELDS"),
        ("IS_DEMO", True, "The home is a demo"),
    ],
)
def test_each_unsafe_value_is_named(name: str, value: object, sentence: str) -> None:
    (found,) = startup.faults(conf(**{name: value}))
    assert sentence in found


def test_plain_http_is_for_this_machine_alone() -> None:
    plain = {"SESSION_COOKIE_SECURE": False, "CSRF_COOKIE_SECURE": False, "SECURE_SSL_REDIRECT": False}
    plain |= {"SECURE_HSTS_SECONDS": 0, "IS_LOOPBACK_ONLY": True}
    assert startup.faults(conf(ALLOWED_HOSTS=["127.0.0.1", "localhost"], **plain)) == []
    assert len(startup.faults(conf(ALLOWED_HOSTS=["127.0.0.1", "attendance.elmharbor.example"], **plain))) == 4


@pytest.mark.parametrize("where", ["IS_DEMO", "IS_LOOPBACK_ONLY"])
def test_a_demonstration_and_a_trial_on_this_machine_need_no_key_at_rest(where: str) -> None:
    trial = {where: True, "ALLOWED_HOSTS": ["127.0.0.1"], "SEALING_KEY_FAULT": "No key."}
    assert startup.faults(conf(**trial)) == []


@pytest.mark.django_db
def test_the_door_stays_shut(settings: Any) -> None:
    settings.ALLOWED_HOSTS = []
    with pytest.raises(ImproperlyConfigured, match="All Present does not start: No host name is set"):
        startup.check_startup()
    with pytest.raises(SystemCheckError, match="No host name is set"):
        call_command("check", deploy=True, tags=["security"])


@pytest.mark.django_db
def test_the_tests_own_server_starts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    settings.DEBUG = False
    startup.check_startup()
