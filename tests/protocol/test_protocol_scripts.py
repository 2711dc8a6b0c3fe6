"""Scripts are filled with a name and dates in words, and with nothing else."""

from datetime import date

import pytest

from allpresent.protocol import ProtocolError, fill_script, load_protocol
from allpresent.protocol.document import Script
from allpresent.protocol.scripts import date_words, languages_of

NEW_HAVEN = load_protocol("new_haven")
TUE, WED = date(2026, 10, 27), date(2026, 10, 28)


def script(text: str, *placeholders: str, language: str = "en") -> Script:
    return Script("L2", language, text, "needs district approval", placeholders)


@pytest.mark.parametrize(
    ("days", "english", "spanish"),
    [
        ([], "", ""),
        ([TUE], "Tue 27 October", "martes 27 de octubre"),
        ([WED, TUE, TUE], "Tue 27 and Wed 28 October", "martes 27 y miércoles 28 de octubre"),
        (
            [date(2026, 9, 30), date(2026, 10, 1), TUE],
            "Wed 30 September, Thu 1 and Tue 27 October",
            "miércoles 30 de septiembre, jueves 1 y martes 27 de octubre",
        ),
        (
            [date(2026, 12, 18), date(2027, 1, 4)],
            "Fri 18 December and Mon 4 January",
            "viernes 18 de diciembre y lunes 4 de enero",
        ),
    ],
)
def test_dates_are_said_as_one_says_them(days, english, spanish):
    assert date_words(days, "en") == english
    assert date_words(days, "es") == spanish


def test_the_toolkits_first_script_is_filled():
    said = fill_script(NEW_HAVEN.script("L2", "en"), "Zoë", [TUE, WED])
    assert said.startswith("Hello parent, we noticed that Zoë was out of school for Tue 27 and Wed 28 October. We are")
    assert "{" not in said
    assert "Zoë no vino a clases estos días: martes 27 y miércoles 28 de octubre." in fill_script(
        NEW_HAVEN.script("L2", "es"), "Zoë", [TUE, WED]
    )


def test_every_shipped_script_can_be_filled():
    for name in ("new_haven", "attendance_works", "starter"):
        for one in load_protocol(name).scripts:
            said = fill_script(one, "Ana", [TUE, WED], 7)
            assert "Ana" in said
            assert not set("{}") & set(said)


def test_a_name_with_braces_is_printed_and_not_read():
    assert fill_script(script("Hello {student}, {days_absent}.", "student", "days_absent"), "{days}", [], 3) == (
        "Hello {days}, 3."
    )


@pytest.mark.parametrize(
    ("asked", "name", "days", "number", "said"),
    [
        ("student", "  ", [TUE], 1, "asks for {student}, and a first name was not given"),
        ("days", "Ana", [], 1, "asks for {days}, and dates was not given"),
        ("days_absent", "Ana", [TUE], None, "asks for {days_absent}, and a number of days was not given"),
    ],
)
def test_a_placeholder_left_empty_is_refused(asked, name, days, number, said):
    with pytest.raises(ProtocolError) as refused:
        fill_script(script(f"Hello {{{asked}}}", asked), name, days, number)
    assert said in str(refused.value)


def test_a_placeholder_nobody_knows_is_refused():
    with pytest.raises(ProtocolError, match="placeholders is 'phone'"):
        script("Call {phone}", "phone")
    with pytest.raises(ProtocolError, match=r"\{phone\} is used and not listed"):
        script("Call {phone}")


def test_a_script_without_words_is_refused():
    with pytest.raises(ProtocolError, match="no words"):
        script(" ")


def test_the_languages_of_a_template_are_known():
    assert languages_of(NEW_HAVEN, "L4") == ("en", "es")
    assert languages_of(NEW_HAVEN, "superintendent_letter") == ()
