"""Post a folder of canonical files: the work that the kill tests kill."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from allpresent import intake

if __name__ == "__main__":
    home, folder = Path(sys.argv[1]), Path(sys.argv[2])
    print("ready", flush=True)
    now = datetime(2026, 11, 5, 6, tzinfo=UTC)
    intake.post_delivery(home, "powerschool", folder, today=date(2026, 11, 6), now=now, progress=lambda _line: None)
