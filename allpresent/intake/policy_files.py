"""Mappings and layouts: policy files read into their models, each complaint with the file and the key."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from allpresent.intake.rules import IntakeError
from allpresent.policy import PolicyError, read_policy


def read_plain(path: Path) -> dict[str, Any]:
    """A policy file's content as plain dicts and lists. Raises PolicyError."""
    return {str(key): _plain(value) for key, value in read_policy(path).items()}


@contextmanager
def complaints_of(path: Path, what: str) -> Iterator[None]:
    """Raise what is wrong with a file that is read and checked within as IntakeError; ``what`` a person calls it."""
    try:
        yield
    except PolicyError as error:
        raise IntakeError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        is_unknown = first["type"] == "extra_forbidden"
        told = "nothing reads such a key" if is_unknown else first["msg"].removeprefix("Value error, ")
        raise IntakeError(f"{path}: the key {key}: {told[:1].lower()}{told[1:]}; correct it in the {what}.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value
