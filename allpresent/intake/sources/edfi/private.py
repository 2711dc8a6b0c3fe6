"""What of a row is left at the door: documents of identity, and numbers that identify a person elsewhere (rule S01)."""

from typing import Any

from allpresent.intake.secrets import secret_columns

_DOCUMENTS = ("identificationdocuments", "personalidentificationdocuments", "visas", "credentials")
# Kinds of an identification code that are kept; a social security or a Medicaid number is not one of them.
KEPT_CODES = ("state", "district", "school", "local", "lea", "state migrant", "other", "sis")


def without_private(row: dict[str, Any]) -> dict[str, Any]:
    """The row without what must not be stored."""
    return {name: _kept(name, value) for name, value in row.items() if not _is_private(name)}


def _is_private(name: str) -> bool:
    told = name.casefold()
    return told in _DOCUMENTS or bool(secret_columns([told]))


def _kept(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return without_private(value)
    if not isinstance(value, list):
        return value
    parts = [without_private(part) if isinstance(part, dict) else part for part in value]
    if name.casefold().endswith("identificationcodes"):
        return [part for part in parts if not isinstance(part, dict) or _is_kept_code(part)]
    return parts


def _is_kept_code(part: dict[str, Any]) -> bool:
    kinds = [str(text) for name, text in part.items() if name.casefold().endswith("identificationsystemdescriptor")]
    return all(kind.rpartition("#")[2].strip().casefold() in KEPT_CODES for kind in kinds)
