"""Writes docs/reference from the code's own declarations: the same code gives the same pages, byte for byte.

Run it after a change of the command line, a setting, a table, a rule, a protocol, a state pack, a role or a cause.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.reference import command_line, decisions, facts, settings, sources  # noqa: E402 - the checkout is put on the path first

REFERENCE = ROOT / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "command-line.md": command_line.command_line,
    "settings.md": settings.settings,
    "tables.md": facts.tables,
    "deliveries.md": facts.deliveries,
    "sources.md": sources.sources,
    "protocols.md": decisions.protocols,
    "state-ct.md": decisions.state,
    "roles.md": decisions.roles,
    "causes.md": decisions.causes,
}


def written(name: str) -> str:
    """The text of one page, in English whatever the machine speaks."""
    from django.utils import translation

    with translation.override(None):
        return PAGES[name]()


def main() -> None:
    """Write every page that differs, and say which."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["ALLPRESENT_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "allpresent.config.settings"
        import django

        django.setup()
        REFERENCE.mkdir(parents=True, exist_ok=True)
        for name in PAGES:
            path, text = REFERENCE / name, written(name)
            if not path.exists() or path.read_text("utf-8") != text:
                path.write_text(text, encoding="utf-8")
                print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
