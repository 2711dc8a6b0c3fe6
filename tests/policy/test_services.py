"""The lists of services: dated, sourced, in both languages, and every promise they keep is one of the protocol."""

from pathlib import Path

import pytest

from allpresent.policy import PolicyError
from allpresent.policy.services import OTHER, find_service, load_services
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
