"""Make sure the programs the tests drive are there: a browser, and what reads a PDF's text as a person copies it.

What is missing is installed from the system's packages where that is possible. Otherwise this ends with a sentence and
exit code 1: no test is skipped because a program is missing.
"""

import os
import shutil
import subprocess
import sys

# Package of the system: the names its program goes by.
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "poppler-utils": ("pdftotext",),
}


def missing() -> list[str]:
    """The packages none of whose programs is there."""
    return [package for package, names in PROGRAMS.items() if not any(map(shutil.which, names))]


def install(packages: list[str]) -> None:
    """Install packages of the system, quietly."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    print(f"Installing {' and '.join(packages)} from the system's packages", flush=True)
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False, stdout=subprocess.DEVNULL)
    command = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Exit code 0 when every program is there, 1 otherwise."""
    if missing() and shutil.which("apt-get"):
        install(missing())
    if lacking := missing():
        print(f"The tests need {' and '.join(lacking)}: install the packages, then run again.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
