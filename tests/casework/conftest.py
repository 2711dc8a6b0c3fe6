"""Open cases of the cast: the night of its one delivery has been."""

import pytest

from tests import cast


@pytest.fixture
def open_cases(district):
    """The cast's district with its steps open: Maya L2, Dante L3, Mateo L4, Zoe L6."""
    cast.open_cases(district.home)
    return district
