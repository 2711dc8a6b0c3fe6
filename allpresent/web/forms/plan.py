"""A success plan as people fill it in."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from allpresent.casework.plan_contents import FIELDS, TEXT_MAX, Contents
from allpresent.policy.strategies import load_strategies
from allpresent.web.forms.contact import cause_choices

LABELS = {
    "goal": _("The goal in plain words"),
    "goal_days": _("At most this many more days missed"),
    "weeks": _("In how many weeks"),
    "causes": _("What keeps the student from coming"),
    "strategies": _("What will be done"),
    "champion": _("Champion at school"),
    "help_family": _("Family who help"),
    "help_everyday": _("Helpers every day"),
    "help_occasional": _("Helpers now and then"),
    "help_potential": _("Who else could be asked"),
    "backup": _("If the first way fails"),
    "own_words": _("In the student's own words"),
    "language": _("Language of the family's copy"),
    "review_every": _("Look at it again every … school days"),
}
LINES = ("help_family", "help_everyday", "help_occasional", "help_potential")


def _lines(name: str) -> forms.CharField:
    rows = 2 if name in LINES else 3
    widget = forms.Textarea(attrs={"rows": rows, "maxlength": TEXT_MAX})
    return forms.CharField(required=False, max_length=TEXT_MAX, label=LABELS[name], widget=widget)


def _number(name: str, low: int, high: int) -> forms.IntegerField:
    words = _("{question}: write a whole number from {low} to {high}.")
    wrong = format_lazy(words, question=LABELS[name], low=low, high=high)
    messages = dict.fromkeys(("invalid", "required", "min_value", "max_value"), wrong)
    return forms.IntegerField(min_value=low, max_value=high, label=LABELS[name], error_messages=messages)


class PlanForm(forms.Form):
    """The plan's contents; ``plan`` and ``version`` are what the person had before them, blank for a new plan."""

    form_key = forms.CharField(required=False)
    plan = forms.IntegerField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    goal = _lines("goal")
    goal_days = _number("goal_days", 0, 60)
    weeks = _number("weeks", 1, 20)
    causes = forms.MultipleChoiceField(required=False, choices=cause_choices, label=LABELS["causes"])
    strategies = forms.MultipleChoiceField(
        required=False,
        choices=lambda: [(one.key, one.key) for one in load_strategies()],
        label=LABELS["strategies"],
    )
    champion = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=LABELS["champion"])
    help_family = _lines("help_family")
    help_everyday = _lines("help_everyday")
    help_occasional = _lines("help_occasional")
    help_potential = _lines("help_potential")
    backup = _lines("backup")
    own_words = _lines("own_words")
    language = forms.ChoiceField(choices=[("en", "English"), ("es", "Español")], label=LABELS["language"])
    review_every = _number("review_every", 5, 30)

    def __init__(self, data: Mapping[str, Any] | None, people: Iterable[tuple[int, str]], contents: Contents) -> None:
        super().__init__(data, initial=contents.plain())
        self.fields["champion"].choices = [("", _("Nobody yet")), *people]  # type: ignore[attr-defined]

    def contents(self, saved: Contents | None) -> Contents:
        """What was sent; of a field to be taken from the saved version (``take_goal=theirs``), the saved one."""
        sent = {name: self.cleaned_data[name] for name in FIELDS}
        for name in FIELDS:
            if saved is not None and self.data.get(f"take_{name}") == "theirs":
                sent[name] = getattr(saved, name)
        words = {name: value.strip() for name, value in sent.items() if isinstance(value, str)}
        return Contents(**sent | words | {"causes": tuple(sent["causes"]), "strategies": tuple(sent["strategies"])})
