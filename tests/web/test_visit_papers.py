"""The papers of a day's visits in the pages: who gets them, in which language, and that each taking is written down."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from django.test import Client

from allpresent.access.models import AuditEntry
from tests.cast import District
from tests.web.test_visits import MATEO, planned

SignIn = Callable[[str], Client]


def test_board_and_sheet_lead_to_the_papers(desk_day: District, signed_in: SignIn) -> None:
    visit = planned(desk_day)
    client = signed_in("Paula")
    assert 'href="/visits/day-sheet.pdf"' in client.get("/visits/").content.decode()
    page = client.get("/visits/day-sheet/").content.decode()
    assert f'href="/visits/{visit.pk}/card.pdf"' in page


def test_day_sheet_is_a_pdf_in_the_readers_language(desk_day: District, signed_in: SignIn) -> None:
    planned(desk_day)
    client = signed_in("Paula")
    answer = client.get("/visits/day-sheet.pdf")
    assert answer["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert str(pdf.Root.Lang) == "en"
    assert AuditEntry.objects.filter(action="visits.day_sheet", student_id=MATEO).exists()


def test_card_is_in_the_familys_language_and_says_nothing_of_the_days(desk_day: District, signed_in: SignIn) -> None:
    visit = planned(desk_day)
    answer = signed_in("Paula").get(f"/visits/{visit.pk}/card.pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as pdf, pdf.open_metadata() as about:
        assert str(pdf.Root.Lang) == "es"
        assert "Saludos" in about["dc:title"] or "Hola" in about["dc:title"]
    assert AuditEntry.objects.filter(action="visit.card_made", student_id=MATEO).count() == 1


@pytest.mark.parametrize("name", ["Alice", "Bob", "Charlie", "Erin", "Ivan", "Pat", "Rita"])
def test_people_who_do_not_visit_have_no_such_papers(desk_day: District, signed_in: SignIn, name: str) -> None:
    visit = planned(desk_day)
    client = signed_in(name)
    assert client.get("/visits/day-sheet.pdf").status_code == 404
    assert client.get(f"/visits/{visit.pk}/card.pdf").status_code == 404
