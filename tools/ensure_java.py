"""Make sure there is a Java that Spark runs on: the one of JAVA_HOME, or else the one on the path.

What is missing is installed from the system's packages where that is possible. Otherwise this ends with a sentence and
exit code 1.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ensure_programs import install

LEAST = 17
PACKAGES = ("openjdk-17-jre-headless", "openjdk-21-jre-headless")


def java() -> str | None:
    """The Java that Spark would start, found as Spark finds it."""
    if home := os.environ.get("JAVA_HOME"):
        return shutil.which("java", path=str(Path(home) / "bin"))
    return shutil.which("java")


def version() -> int:
    """Its version; 0 when there is none, or none that runs."""
    program = java()
    if program is None:
        return 0
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', told)
    return int(found[1]) if found else 0


def main() -> int:
    """Exit code 0 when Java is there and new enough, 1 otherwise."""
    chosen = os.environ.get("JAVA_HOME")  # what somebody chose is not put right behind their back
    for package in PACKAGES:
        if version() < LEAST and not chosen and shutil.which("apt-get"):
            install([package])
    if (found := version()) >= LEAST:
        return 0
    what = f"is Java {found}" if found else "is none"
    where, how = (f"in JAVA_HOME ({chosen})", "point JAVA_HOME at it") if chosen else ("here", "")
    todo = ", ".join(filter(None, (f"install {' or '.join(PACKAGES)}", how, "then run again")))
    print(f"Spark needs Java {LEAST} or newer, and {where} {what}: {todo}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
