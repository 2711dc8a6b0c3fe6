"""How the records point at the roster, whose students and schools stay when it is rebuilt from the ledger."""

from typing import Any

from django.db import models

LEVEL_KEY: dict[str, Any] = {"max_length": 12}


def student_link(related_name: str) -> Any:
    """A key to a student: nothing a person wrote goes away with a row of the roster."""
    return models.ForeignKey("roster.Student", on_delete=models.PROTECT, related_name=related_name)


def school_link(related_name: str) -> Any:
    """A key to the school whose promise it was; a student who moves later takes it along on the lists, not here."""
    return models.ForeignKey(
        "roster.School", on_delete=models.PROTECT, related_name=related_name, null=True, blank=True
    )
