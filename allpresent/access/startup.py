"""What a server must not start with (the unsafe defaults of a framework, and a demo shown to the world)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import register as register_check
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
LEAST_PASSWORD = 15  # characters, NIST SP 800-63B-4, where the password stands alone
LONGEST_SESSION = 12 * 60 * 60
LONGEST_RESET = 24 * 60 * 60
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
CSP = "csp.middleware.CSPMiddleware"


def faults(conf: Any = settings) -> list[str]:
    """Every reason not to serve with these settings, as sentences; empty when it is safe to start."""
    return [*_key_and_hosts(conf), *_transport(conf), *_sessions_and_passwords(conf), *_pages(conf)]


def check_startup() -> None:
    """Refuse to serve. Raises ImproperlyConfigured with one sentence a fault."""
    found = faults() + database_faults()
    if found:
        raise ImproperlyConfigured("All Present does not start: " + " ".join(found))


def database_faults() -> list[str]:
    """Acknowledged records must survive a power cut: PostgreSQL with fsync switched off is refused."""
    if connection.vendor != "postgresql":
        return []
    found = []
    try:
        with connection.cursor() as cursor:
            for name in ("fsync", "full_page_writes"):
                cursor.execute(f"SHOW {name}")
                if cursor.fetchone()[0] != "on":
                    found.append(f"PostgreSQL runs with {name} off and could lose saved records: switch it on.")
    except DatabaseError:
        return []  # not reachable now: the pages say so themselves
    return found


def register() -> None:
    """Show the same sentences in `manage.py check --deploy`."""

    def check(app_configs: object = None, **_: object) -> list[CheckMessage]:
        return [Error(sentence, id="access.startup") for sentence in faults()]

    register_check(check, "security", deploy=True)


def _key_and_hosts(conf: Any) -> list[str]:
    found = []
    if len(conf.SECRET_KEY) < 40 or conf.SECRET_KEY.startswith("django-insecure"):
        found.append("The secret key is too short: set ALLPRESENT_SECRET_KEY to 40 random characters or more.")
    if conf.DEBUG:
        found.append("DEBUG is on and would show records in error pages: switch it off.")
    if not conf.ALLOWED_HOSTS:
        found.append(
            "No host name is set: set ALLPRESENT_HOSTS to the name people type, "
            "or ALLPRESENT_INSECURE_LOOPBACK=1 to try it on this machine alone."
        )
    if "*" in conf.ALLOWED_HOSTS:
        found.append("ALLPRESENT_HOSTS holds '*': name each host.")
    if conf.SEALING_KEY_FAULT and not (conf.IS_DEMO or conf.IS_LOOPBACK_ONLY):
        found.append(conf.SEALING_KEY_FAULT)
    if conf.IS_DEMO and not set(conf.ALLOWED_HOSTS) <= LOOPBACK:
        found.append("The home is a demo, which anybody may sign in to: take ALLPRESENT_HOSTS away.")
    return found


def _transport(conf: Any) -> list[str]:
    """Plain http is accepted only where no other machine is answered."""
    if conf.IS_LOOPBACK_ONLY and set(conf.ALLOWED_HOSTS) <= LOOPBACK:
        return []
    found = [
        f"{name} is off: people's sessions would travel unprotected; switch it on."
        for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT")
        if not getattr(conf, name)
    ]
    if not conf.SECURE_HSTS_SECONDS:
        found.append("SECURE_HSTS_SECONDS is 0: browsers would accept plain http; set a year.")
    return found


def _sessions_and_passwords(conf: Any) -> list[str]:
    found = []
    if conf.SESSION_COOKIE_AGE > LONGEST_SESSION:
        found.append("SESSION_COOKIE_AGE is over 12 hours: shorten it.")
    if conf.PASSWORD_RESET_TIMEOUT > LONGEST_RESET:
        found.append("PASSWORD_RESET_TIMEOUT is over a day: shorten it.")
    lengths = [entry.get("OPTIONS", {}).get("min_length", 0) for entry in conf.AUTH_PASSWORD_VALIDATORS]
    if max(lengths, default=0) < LEAST_PASSWORD:
        found.append(f"AUTH_PASSWORD_VALIDATORS accept passwords under {LEAST_PASSWORD} characters: ask for more.")
    if conf.CACHES["default"]["BACKEND"].rpartition(".")[2] in {"LocMemCache", "DummyCache"}:
        found.append("The cache is not shared by the workers, so wrong passwords are not counted: use the table.")
    return found


def _pages(conf: Any) -> list[str]:
    found = []
    directives = (getattr(conf, "CONTENT_SECURITY_POLICY", None) or {}).get("DIRECTIVES", {})
    allowed = {word for words in directives.values() for word in words}
    if CSP not in conf.MIDDLEWARE or not directives or any("unsafe" in str(word) for word in allowed):
        found.append("CONTENT_SECURITY_POLICY is missing or lets inline code run: restore it.")
    if LOGIN_REQUIRED not in conf.MIDDLEWARE:
        found.append("LoginRequiredMiddleware is not in MIDDLEWARE: pages would be open to anybody; restore it.")
    if not 0 < (conf.DATA_UPLOAD_MAX_NUMBER_FIELDS or 0) < 1000:
        found.append("DATA_UPLOAD_MAX_NUMBER_FIELDS is not between 1 and 999: set 500.")
    return found
