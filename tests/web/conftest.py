"""What the pages' tests share: the cast's day on the clock, and the night's steps opened."""

from dataclasses import replace

import pytest

from allpresent.casework.models import CaseStep
from tests.cast import TODAY, District, open_cases


@pytest.fixture
def cast_day(settings: object) -> None:
    """The clock of the pages stands on the cast's day."""
    settings.DISTRICT = replace(  # type: ignore[attr-defined]
        settings.DISTRICT,  # type: ignore[attr-defined]
        name="Elm Harbor Public Schools",
        is_demo=True,
        today=TODAY,
    )


@pytest.fixture
def desk_day(district: District, cast_day: None) -> District:
    """The cast on its day, with the steps the night opened."""
    open_cases(district.home)
    assert CaseStep.objects.exists()
    return district
