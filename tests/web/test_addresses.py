"""Ids of other systems in addresses: whatever stands in one, its page is found again."""

from urllib.parse import unquote

import pytest
from django.urls import resolve, reverse
from hypothesis import given
from hypothesis import strategies as st

from allpresent.web.addresses import SystemId

IDS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12)


@pytest.mark.parametrize("one", ["0042", "A/7", "A~7", "A~2F7", "100%", "á é", "..", "a?b#c"])
def test_a_page_of_any_id_is_found_again(one: str) -> None:
    address = reverse("web:student_days", args=[one])
    assert address.count("/") == 4
    assert "/../" not in address
    assert resolve(unquote(address)).kwargs["student_id"] == one


@given(IDS)
def test_an_id_survives_its_way_through_an_address(one: str) -> None:
    there = SystemId().to_url(one)
    assert "/" not in there
    assert SystemId().to_python(there) == one
