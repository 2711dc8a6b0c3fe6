"""The causes are Hartford's: four families, 24 causes, in the order of figure 2."""

from allpresent.policy import load_causes

FIGURE_2 = {
    "Barriers": 8,
    "Negative school experiences": 6,
    "Lack of engagement": 6,
    "Misconceptions": 4,
}


def test_the_four_families_hold_the_24_causes_of_the_source():
    assert {family.label(): len(family.causes) for family in load_causes()} == FIGURE_2
    assert [family.label() for family in load_causes()] == list(FIGURE_2)


def test_every_cause_has_a_key_of_its_own_and_words_in_both_languages():
    causes = [cause for family in load_causes() for cause in family.causes]
    assert len({cause.key for cause in causes}) == 24
    assert len({cause.label("en") for cause in causes}) == 24
    assert len({cause.label("es") for cause in causes}) == 24
    assert all(cause.family == family.key for family in load_causes() for cause in family.causes)


def test_a_language_nobody_wrote_falls_back_to_english():
    cause = load_causes()[0].causes[0]
    assert cause.label("pt") == "Illness, both chronic and acute"
    assert cause.label("es") == "Enfermedad, crónica o aguda"
