"""Back a home up, or restore one: the work that the kill tests kill."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":
    home, verb, backup = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    os.environ["DJANGO_SETTINGS_MODULE"] = "allpresent.config.settings"
    os.environ["ALLPRESENT_INSECURE_LOOPBACK"] = "1"
    os.environ.pop("DATABASE_URL", None)
    if verb == "backup":
        import django

        django.setup()
        from allpresent.safekeeping.backup import make_backup

        print("ready", flush=True)
        make_backup(home, backup, datetime(2026, 11, 6, 9, 30, tzinfo=UTC), lambda _line: None)
    else:
        from allpresent import cli

        print("ready", flush=True)
        cli.main(["restore", str(backup), "--into", str(home)])
