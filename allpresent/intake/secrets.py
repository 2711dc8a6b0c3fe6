"""Columns that must not enter: passwords, identity documents and the like are dropped before anything is stored."""

import re
from collections.abc import Iterable

MASK = "[hidden]"
# What the pattern below finds, in words.
SECRETS = (
    "password, passcode, PIN, SSN or social security number, token, secret, driver licence, passport, Medicaid number "
    "or alien number"
)
# Whole words of a label, so that `spinal` is no pin and `pinyin_name` no secret.
_SECRET = re.compile(
    r"(?:^|[\s_\-.])(?:password|passwd|pwd|passcode|pin|ssn|social[\s_\-]?security\w*|token|secret|"
    r"drivers?[\s_\-]?licen[cs]e\w*|passport\w*|medicaid\w*|alien[\s_\-]?(?:id|number))(?:$|[\s_\-.\d])|password|socialsecurity"
)
# Labels of a postal address; that of an e-mail address is none.
_ADDRESS = re.compile(
    r"(?:^|[\s_\-.])(?:(?<!mail[\s_\-.])address(?:es)?(?:[\s_\-]?\d)?|street\w*|line[\s_]?(?:two|2)|(?:post(?:al)?|zip)[\s_]?(?:code)?)"
    r"(?:$|[\s_\-.])"
)
_SOCIAL_SECURITY = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")


def secret_columns(columns: Iterable[str]) -> list[str]:
    """Which labels (in small letters) name a secret of a person."""
    return [column for column in columns if _SECRET.search(column)]


def address_columns(columns: Iterable[str]) -> list[str]:
    """Which labels (in small letters) name a postal address, which may be a protected one."""
    return [column for column in columns if _ADDRESS.search(column)]


def masked(text: str) -> str:
    """A text for a list of findings, without numbers shaped like a social security number."""
    return _SOCIAL_SECURITY.sub(MASK, text)
