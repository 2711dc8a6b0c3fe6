"""The lines a report is given about what schools themselves promised."""

from datetime import timedelta

from allpresent.access import issue_key
from allpresent.casework.school_promises import PromiseForm, record_promise
from allpresent.nightly.own_promises import promise_lines
from allpresent.protocol import load_protocol
from tests.cast import HARBOR, LINDEN, NOW, TODAY, District


def test_each_school_is_counted_once_as_it_stood_that_day(district: District, django_assert_num_queries) -> None:
    protocol = load_protocol("new_haven")
    form = PromiseForm(TODAY, "Letter of the state")
    record_promise(district.users["Paula"], LINDEN, protocol, "L3.leap_activated", form, issue_key(), NOW)
    with django_assert_num_queries(1):
        leap, *others = promise_lines(protocol, TODAY, [LINDEN, HARBOR])
    assert (leap.promise, leap.schools) == ("LEAP is active at the school", (1, 0, 0, 1))
    assert [line.schools for line in others] == [(0, 0, 0, 2)] * 3
    assert promise_lines(protocol, TODAY - timedelta(days=1), [LINDEN])[0].schools == (0, 0, 0, 1)
    assert promise_lines(load_protocol("starter"), TODAY, [LINDEN]) == ()
