"""The contact log as people fill it in on the call sheet."""

from django import forms
from django.utils.translation import gettext_lazy as _

from allpresent.casework.models.contacts import NextAct, Result
from allpresent.policy import load_causes

# The needs the sheet offers, in its order; the blank one ("not asked") is what stands when nothing was chosen.
NEEDS = ("nothing", "ask_team", "two_one_one", "other")
NOTE_LENGTH = 2000


def cause_choices() -> list[tuple[str, str]]:
    """The keys of all 24 causes; the words come from the policy file."""
    return [(cause.key, cause.key) for family in load_causes() for cause in family.causes]


class Students(forms.MultipleChoiceField):
    """Students by id, as the sheet offered them; who may be named is for the records to say."""

    def valid_value(self, value: str) -> bool:
        return True


class ContactForm(forms.Form):
    """One call: whom, with which result, and what the family said."""

    form_key = forms.CharField(required=False)
    language = forms.CharField(required=False, max_length=12)
    contact = forms.CharField(required=False, max_length=200)
    result = forms.ChoiceField(
        choices=Result.choices,
        error_messages={"required": _("Choose how the call went."), "invalid_choice": _("Choose how the call went.")},
    )
    causes = forms.MultipleChoiceField(
        required=False,
        choices=cause_choices,
        error_messages={"invalid_choice": _("One of the reasons is not in the list. Choose again.")},
    )
    also = Students(required=False)
    same_reason = forms.BooleanField(required=False)
    need = forms.ChoiceField(required=False, choices=[("", ""), *((need, need) for need in NEEDS)])
    next_act = forms.ChoiceField(required=False, choices=NextAct.choices)
    next_on = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the day as year-month-day, like 2026-11-05.")},
    )
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("The note is longer than 2,000 characters. Shorten it.")},
    )

    def clean_causes(self) -> list[str]:
        """Each cause once: the sheet shows the frequent ones twice."""
        return list(dict.fromkeys(self.cleaned_data["causes"]))
