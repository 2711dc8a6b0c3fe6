"""The lists of services: dated, sourced, in both languages, and every promise they keep is one of the protocol."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from allpresent.policy import PolicyError
from allpresent.policy.services import OTHER, find_service, load_services, rhythm_of
from allpresent.protocol import load_protocol


def test_new_haven_names_its_services_in_both_languages_with_their_source() -> None:
    services = load_services("new_haven")
    assert len({one.key for one in services}) == len(services) == 10
    assert services[-1] == OTHER
    assert all(one.label("en") != one.label("es") for one in services)
    assert all(one.source.startswith("Toolkit, level") for one in services[:-1])


def test_every_promised_referral_is_kept_by_a_service_and_none_is_made_up() -> None:
    asked = {
        step.key.partition(".")[2]
        for step in load_protocol("new_haven").steps()
        if step.evidence == "accepted_referral"
    }
    assert {key for one in load_services("new_haven") for key in one.keeps} == asked


def test_what_needs_a_legal_basis_in_the_protocol_needs_one_here() -> None:
    legal = {step.key.partition(".")[2] for step in load_protocol("new_haven").steps() if step.needs_legal_basis}
    assert {key for one in load_services("new_haven") if one.needs_legal_basis for key in one.keeps} == legal


def test_a_protocol_without_a_list_may_refer_to_anybody_in_words() -> None:
    assert load_services("starter") == (OTHER,)


def test_a_key_a_record_keeps_is_found_in_any_list() -> None:
    found = find_service("youth_connect")
    assert found is not None
    assert found.label("es") == "Consejo YouthConnect de organizaciones comunitarias"
    assert find_service("nobody") is None


def test_a_list_with_a_hole_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("key: x\nversion: 2026-07-01\nsource: x\nservices:\n  - {key: a}\n", "utf-8")
    with pytest.raises(PolicyError, match="line 5"):
        load_services("x", tmp_path)


def test_updates_come_as_often_as_the_protocol_watches_for_them() -> None:
    """What the toolkit calls bi-weekly of partners is one number in both files."""
    items = load_protocol("new_haven").items()
    watched = [item for item in items if "update" in item.says.lower() and "plan" not in item.says.lower()]
    rhythms = {one.rhythm for one in load_services("new_haven")[:-1]}
    assert len(watched) == 5
    assert {item.cadence_days for item in watched} == {14} == {one.every_days for one in rhythms}
    (rhythm,) = rhythms
    assert "bi-weekly" in rhythm.source


def test_an_update_is_asked_for_then_past_due_then_the_districts() -> None:
    heard, rhythm = date(2026, 11, 5), rhythm_of("youth_connect")
    days = [heard + timedelta(days=count) for count in (11, 12, 14, 15, 20, 21)]
    assert [rhythm.is_to_ask(heard, on) for on in days] == [False, True, True, True, True, True]
    assert [rhythm.is_past_due(heard, on) for on in days] == [False, False, False, True, True, True]
    assert [rhythm.is_the_districts(heard, on) for on in days] == [False] * 5 + [True]
    assert rhythm_of("nobody") == OTHER.rhythm


def test_a_rhythm_out_of_order_names_its_line(tmp_path: Path) -> None:
    said = "key: y\nversion: 2026-07-01\nsource: y\nupdates:\n  every_days: 7\n  ask_after_days: 9\nservices: []\n"
    (tmp_path / "y.yaml").write_text(said, "utf-8")
    with pytest.raises(PolicyError, match="asked for first"):
        load_services("y", tmp_path)
