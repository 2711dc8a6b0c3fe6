"""The server's settings for the tests: a home of their own, made before anything reads one, and quick passwords."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="allpresent-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["ALLPRESENT_HOME"] = str(HOME)
os.environ["ALLPRESENT_INSECURE_LOOPBACK"] = "1"
# Playwright runs a loop in the test's thread; the tests' own database calls there are in order all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Read for this home, also where a plugin has read them for another before.
sys.modules.pop("allpresent.config.settings", None)
from allpresent.config.settings import *  # noqa: E402, F403
from allpresent.config.settings import DATABASES  # noqa: E402

HOME = Path(os.environ["ALLPRESENT_HOME"])
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A busy machine keeps the last of fifty who send at one moment waiting longer than any server's people do.
SEND_SECONDS = 60
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the tests of parallel work need several connections, as the server has.
    DATABASES["default"].setdefault("TEST", {})["NAME"] = str(HOME / "test.sqlite3")
    # No test cuts the power under SQLite: what syncs every commit for a district would only take time here.
    options = DATABASES["default"]["OPTIONS"]
    options["timeout"] = SEND_SECONDS
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=NORMAL")
