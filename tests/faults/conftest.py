"""What the fault tests share: the line that says how many faults were survived."""

from collections.abc import Callable

import pytest


@pytest.fixture
def survived(record_property: Callable[[str, object], None]) -> Callable[[int, str], None]:
    """Say how many faults of a kind were survived; the lines stand at the end of the run."""

    def say(number: int, what: str) -> None:
        record_property("survived", f"{number:,} {what}")

    return say
