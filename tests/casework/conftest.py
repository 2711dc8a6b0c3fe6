"""Open cases of the cast: the night of its one delivery has been."""

import pytest

from allpresent.casework import open_steps
from allpresent.measures import open_facts


@pytest.fixture
def open_cases(district):
    """The cast's district with its steps open: Maya L2, Dante L3, Mateo L4, Zoe L6."""
    facts = open_facts(district.home)
    open_steps(district.home, facts, district.last_school_day, district.today, district.now)
    return district
