"""What was done about a student's absence: by whom, for which student, with which evidence, on which day.

It never counts a day of attendance (that is measures), never decides who may see whom (that is access), and never
writes a report. The pages, the nightly job and the command line may call it, through the names below.
"""

from importlib import import_module
from typing import Any

# Django imports this package before its models can be loaded, so a name is fetched when it is first asked for.
_HOMES = {
    "CaseworkError": "errors",
    "add_note": "notes",
    "close_step": "steps",
    "exempt_step": "steps",
    "log_contact": "contacts",
    "open_steps": "opening",
    "reassign_steps": "steps",
    "share_contact": "contacts",
    "take_up_step": "taking_up",
    "undo_contact": "contacts",
    "verify_attendance": "steps",
    "withdraw_unfounded": "letters",
}
_MODULES = ("models", "queries")

__all__ = [
    "CaseworkError",
    "add_note",
    "close_step",
    "exempt_step",
    "log_contact",
    "open_steps",
    "reassign_steps",
    "share_contact",
    "take_up_step",
    "undo_contact",
    "verify_attendance",
    "withdraw_unfounded",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"allpresent.casework has no {name}")
