"""Make sure a Chromium is there for the browser tests; install the system's package where that is possible.

It says what it does, and ends with a sentence and exit code 1 when there is no browser and none can be installed:
a browser test is never skipped silently.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of a browser the tests can drive, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def install() -> None:
    """Install the packages the tests need: the browser, and what turns a PDF into pages."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    print("Installing Chromium from the system's packages", flush=True)
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False, stdout=subprocess.DEVNULL)
    command = [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    """Exit code 0 with a browser, 1 without."""
    if find_chromium():
        return 0
    if shutil.which("apt-get"):
        install()
    if find_chromium():
        return 0
    print("The browser tests need Chromium: install the package `chromium`, then run again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
