"""Django settings of one district's server, read from the environment and from the district's home.

Environment: ``ALLPRESENT_HOME``, ``DATABASE_URL``, ``ALLPRESENT_SECRET_KEY``, ``ALLPRESENT_KEY``,
``ALLPRESENT_REVOKED``, ``ALLPRESENT_HOSTS`` (names served, comma between), ``ALLPRESENT_PROXIES`` (how many trusted
proxies stand in front), ``ALLPRESENT_SMTP`` (``smtp://user:password@host:port``, ``smtps://`` for TLS from the start),
``ALLPRESENT_MAIL_FROM``, ``ALLPRESENT_LOOK_SECONDS`` (how long a page waits for the records) and
``ALLPRESENT_INSECURE_LOOPBACK`` (plain http on this machine alone). The unsafe values a server must not start with are
judged in ``allpresent.access.startup``.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from allpresent.policy import load_district
from allpresent.sealing import SealError, key_from_environment

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
SEND_SECONDS = 20  # how long what somebody sends waits for another's writing, so that nothing typed is lost
# Fifty writers at once lose nothing on SQLite only with WAL, IMMEDIATE and the long timeout. FULL syncs every commit:
# what was told as saved outlasts a power cut.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": SEND_SECONDS,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
SERVER_SCHEMES = {"postgresql", "postgres"}


def _has_plain_port(parts: SplitResult) -> bool:
    """Whether the port of an address is a number a port can have, or is left out."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def _look_seconds(text: str) -> float:
    """How long a look waits for the records, in seconds."""
    try:
        seconds = float(text or 1.5)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 60:
        raise ImproperlyConfigured(
            f"ALLPRESENT_LOOK_SECONDS is '{text}'; write how many seconds a page waits for the records, 0.1 to 60, as "
            "in 1.5."
        )
    return seconds


def _proxies(text: str) -> int:
    """How many trusted proxies stand in front."""
    if text and not (text.isascii() and text.isdigit()):
        raise ImproperlyConfigured(
            f"ALLPRESENT_PROXIES is '{text}'; write how many trusted proxies stand in front of the pages, as in 1."
        )
    return int(text or 0)


def _database(url: str, home: Path) -> dict[str, Any]:
    """The ``default`` database: PostgreSQL by URL, else SQLite in the home."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": home / "records.sqlite3",
            "OPTIONS": SQLITE_OPTIONS,
        }
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in SERVER_SCHEMES or not name or not _has_plain_port(parts):
        raise ImproperlyConfigured(
            "DATABASE_URL is not an address of a PostgreSQL database: "
            "write it as postgresql://user:password@host:5432/name, or leave it out to use SQLite in the home."
        )
    asked = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    # What the address asks for comes after our own, and the last word counts.
    told = f"-c lock_timeout={SEND_SECONDS}s {asked.pop('options', '')}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": asked.pop("host", None) or parts.hostname or "",
        "PORT": asked.pop("port", None) or str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A server that does not answer is told within a breath.
        "OPTIONS": {"connect_timeout": "2", "options": told} | asked,
    }


def _secret_key(home: Path) -> str:
    """The key of this home, made once and readable by its owner alone; several workers may start at the same time."""
    kept = home / "secret-key"
    if not kept.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f".secret-key.{os.getpid()}.{secrets.token_hex(4)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(50))
        try:
            # A link fails if another worker was first: whoever wins, all read the same key.
            os.link(draft, kept)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return kept.read_text().strip()


def _sealing_key_fault() -> str:
    """Why delivered files and backups cannot be sealed, as a sentence; blank when they can."""
    try:
        if key_from_environment() is not None:
            return ""
    except SealError as error:
        return str(error)
    return (
        "No key for files at rest is set: set ALLPRESENT_KEY to what `openssl rand -base64 32` prints, and keep a copy "
        "away from this machine."
    )


def _mail(address: str) -> dict[str, Any]:
    """Where letters to staff (a forgotten password) leave: the SMTP server named, else files in the home."""
    if not address:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": HOME / "mail"}
    parts = urlsplit(address)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not _has_plain_port(parts):
        raise ImproperlyConfigured(
            "ALLPRESENT_SMTP is not an address of a mail server: write it as smtp://user:password@host:587, or with "
            "smtps:// for TLS from the start."
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "",
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and parts.hostname not in LOOPBACK,
        "EMAIL_TIMEOUT": 10,
    }


def _is_on(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


# The home of one district: its settings, its facts, its records.
HOME = Path(os.environ.get("ALLPRESENT_HOME") or "var").resolve()
DISTRICT = load_district(HOME)
IS_DEMO = DISTRICT.is_demo
REVOKED = os.environ.get("ALLPRESENT_REVOKED", "")  # where what was taken from people is listed; blank: in the home
HOSTS = [name.strip() for name in os.environ.get("ALLPRESENT_HOSTS", "").split(",") if name.strip()]
# Plain http is for this machine alone: no other name is answered then.
IS_LOOPBACK_ONLY = not HOSTS and (IS_DEMO or _is_on("ALLPRESENT_INSECURE_LOOPBACK"))
IS_SECURE = not IS_LOOPBACK_ONLY

SECRET_KEY = os.environ.get("ALLPRESENT_SECRET_KEY") or _secret_key(HOME)
SEALING_KEY_FAULT = _sealing_key_fault()  # of the key delivered files and backups are sealed with
DEBUG = False
ALLOWED_HOSTS = LOOPBACK if IS_LOOPBACK_ONLY else HOSTS
CSRF_TRUSTED_ORIGINS = [f"https://{name}" for name in HOSTS]
ROOT_URLCONF = "allpresent.config.urls"
WSGI_APPLICATION = "allpresent.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOOK_SECONDS = _look_seconds(os.environ.get("ALLPRESENT_LOOK_SECONDS", ""))
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", ""), HOME)}

INSTALLED_APPS = [
    "allpresent.web",  # first: its templates are found before allauth's
    "allpresent.casework",
    "allpresent.access",
    "allpresent.roster",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_tasks",
    "django_tasks_db",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "allpresent.access.middleware.no_store",
    "allpresent.web.trouble.short_wait",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allpresent.access.middleware.session_limits",
    "allpresent.access.middleware.own_language",
    "allpresent.access.middleware.back_to_the_form",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allpresent.web.trouble.form_address",
    "allpresent.web.trouble.OnceMore",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]
# Messages may name a student: they stay on the server, not in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# One cache table for all workers: a limit on wrong passwords counted per worker would be no limit.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Signing in: by e-mail, for people the district named; nobody signs up.
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},  # NIST SP 800-63B-4: the length of a password that stands alone
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "full_name"]},
    },
]
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "allpresent.access.adapter.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# A school sits behind one address, so the limits by address are wide; the limit by account is not.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "20/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = _proxies(os.environ.get("ALLPRESENT_PROXIES", ""))

SESSION_COOKIE_AGE = 12 * 60 * 60  # from sign-in, whatever is done meanwhile
SESSION_IDLE_SECONDS = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_SECURE else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
_NAMES = {"en": "English", "es": "Español"}
LANGUAGES = [(code, _NAMES[code]) for code in DISTRICT.languages]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "web" / "locale"]
LANGUAGE_COOKIE_SECURE = IS_SECURE
USE_TZ = True
TIME_ZONE = DISTRICT.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a missing folder at every start
# Collected files carry their hash in the name; before `collectstatic` they are served from the rooms themselves.
_IS_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = not _IS_COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DEFAULT_FROM_EMAIL = os.environ.get("ALLPRESENT_MAIL_FROM") or "attendance@localhost"
globals().update(_mail(os.environ.get("ALLPRESENT_SMTP", "")))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "allpresent.access.logs.AllowListFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "allpresent": {"level": "INFO"},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
