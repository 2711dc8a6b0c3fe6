"""Run a district's night: the work that the kill tests kill."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "allpresent.config.settings"
    os.environ["ALLPRESENT_HOME"] = sys.argv[1]
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from allpresent.demo import DEMO_TODAY
    from allpresent.nightly import run_nightly

    print("ready", flush=True)
    run_nightly(Path(sys.argv[1]), DEMO_TODAY, datetime(2026, 11, 6, 9, 30, tzinfo=UTC))
