"""What a protocol file is told when it cannot be followed."""

from collections.abc import Mapping

from allpresent.policy import PolicyError


class ProtocolError(PolicyError):
    """A protocol file, or a question put to a protocol, cannot be followed. One sentence for the person who can act."""


def check_one_of(name: str, value: str, allowed: Mapping[str, object] | tuple[str, ...]) -> None:
    """Raises ProtocolError for a value that is not among those allowed."""
    if value not in allowed:
        raise ProtocolError(f"{name} is {value!r}; it has to be one of {', '.join(allowed)}.")
