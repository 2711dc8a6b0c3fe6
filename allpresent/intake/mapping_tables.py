"""The part of a mapping that says where one of our tables comes from, column by column."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator


class Options(BaseModel):
    """A section of a mapping: it takes no key it does not know, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _small_labels(labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(label.strip().casefold() for label in labels)


def _small_texts(value: Any) -> Any:
    """Labels and texts to compare with, in small letters; one text may stand without its list."""
    if not isinstance(value, dict):
        return value
    listed = {label: texts if isinstance(texts, list | tuple) else [texts] for label, texts in value.items()}
    return {
        str(label).strip().casefold(): tuple(str(text).strip().casefold() for text in texts)
        for label, texts in listed.items()
    }


class Condition(Options):
    """Which rows are meant: all that is said here holds of a row.

    Each label of ``when`` holds one of its texts, and no label of ``unless`` one of its; a number is compared as a
    number. ``says_yes``, ``says_no`` and ``above_zero`` are labels whose text is a yes, a no, zero or blank, and a
    number above zero: a text that is none of these, as in a column of flags with ``X``, fits none of them.
    """

    when: dict[str, tuple[str, ...]] = {}
    unless: dict[str, tuple[str, ...]] = {}
    says_yes: tuple[str, ...] = ()
    says_no: tuple[str, ...] = ()
    above_zero: tuple[str, ...] = ()

    @field_validator("when", "unless", mode="before")
    @classmethod
    def _small(cls, value: Any) -> Any:
        return _small_texts(value)

    @field_validator("says_yes", "says_no", "above_zero")
    @classmethod
    def _small_labels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _small_labels(value)

    @property
    def asked(self) -> tuple[str, ...]:
        """Their labels whose text decides."""
        return (*self.when, *self.unless, *self.says_yes, *self.says_no, *self.above_zero)


class PartOptions(Condition):
    """One reading of a row, for files whose row says several things: all-day code and periods, morning and afternoon.

    ``columns`` and ``constants`` are laid over the table's for the rows that fit the condition.
    """

    columns: dict[str, str] = {}
    constants: dict[str, str] = {}

    @field_validator("columns")
    @classmethod
    def _small_letters(cls, value: dict[str, str]) -> dict[str, str]:
        return {ours: theirs.strip().casefold() for ours, theirs in value.items()}


class FoundOptions(Options):
    """A column that another file holds: the ``lookup`` it is in, and the labels here that its key stands under."""

    lookup: str
    by: tuple[str, ...]

    @field_validator("by")
    @classmethod
    def _small_letters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _small_labels(value)


class LookupOptions(Options):
    """A file that only translates a system's inner key: ``match`` are its key's labels, ``give`` the label wanted."""

    file: tuple[str, ...]
    match: tuple[str, ...]
    give: str

    @field_validator("file", "match", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("match")
    @classmethod
    def _small_letters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _small_labels(value)

    @field_validator("give")
    @classmethod
    def _small_letter(cls, value: str) -> str:
        return value.strip().casefold()


class TableOptions(Options):
    """Where one table comes from.

    ``columns`` are ours: theirs, ``constants`` ours: text, ``values`` ours: {theirs: ours}, ``joined`` ours: their
    labels whose texts are set together with a blank, ``lines`` ours: lists of their labels, each list a line of an
    address, ``found`` ours: where another file translates the key. An attendance row that fits none of ``parts``
    makes the day unknown, unless it fits a condition of ``nothing``.
    """

    file: tuple[str, ...]
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    keep: str | None = None
    distinct: bool = False  # rows that agree in every mapped column are one
    joined: dict[str, tuple[str, ...]] = {}
    lines: dict[str, tuple[tuple[str, ...], ...]] = {}
    found: dict[str, FoundOptions] = {}
    parts: tuple[PartOptions, ...] = ()  # laid over the rest; a row makes one of ours for each part it fits
    nothing: tuple[Condition, ...] = ()  # rows that say nothing, where no part fits
    optional: tuple[str, ...] = ()  # their labels that a file may lack: blank there

    @model_validator(mode="after")
    def _nothing_is_told(self) -> Self:
        if self.nothing and not self.parts:
            raise ValueError("nothing is for rows that no part fits, and there are no parts")
        if not all(condition.asked for condition in self.nothing):
            raise ValueError("each line of nothing has to name the labels that say so")
        return self

    @field_validator("optional")
    @classmethod
    def _small_optional(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _small_labels(value)

    @field_validator("joined")
    @classmethod
    def _small_labels(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {ours: _small_labels(several) for ours, several in value.items()}

    @field_validator("lines")
    @classmethod
    def _small_labels_of_lines(
        cls, value: dict[str, tuple[tuple[str, ...], ...]]
    ) -> dict[str, tuple[tuple[str, ...], ...]]:
        return {ours: tuple(_small_labels(line) for line in several) for ours, several in value.items()}

    @property
    def given(self) -> set[str]:
        """Our columns that every row gets a value for."""
        always = {*self.columns, *self.constants, *self.joined, *self.lines, *self.found}
        of_parts = [{*part.columns, *part.constants} for part in self.parts]
        return always | (set.intersection(*of_parts) if of_parts else set())

    @property
    def named(self) -> set[str]:
        """Our columns that are spoken of at all."""
        return {*self.given, *self.values, *(name for part in self.parts for name in (*part.columns, *part.constants))}

    @property
    def labels_of_lines(self) -> list[str]:
        """Their labels that addresses are made of."""
        return [label for several in self.lines.values() for line in several for label in line]

    @property
    def labels(self) -> list[str]:
        """Their labels that are read."""
        parts = [*(label for part in self.parts for label in part.columns.values()), *self.asked]
        joined = [label for several in self.joined.values() for label in several]
        joined += self.labels_of_lines
        found = [label for one in self.found.values() for label in one.by]
        return list(dict.fromkeys([*self.columns.values(), *joined, *found, *parts]))

    @property
    def asked(self) -> list[str]:
        """Their labels that decide which part speaks for a row."""
        return [label for condition in (*self.parts, *self.nothing) for label in condition.asked]

    @property
    def must(self) -> list[str]:
        """Their labels that the file has to have; what keys stand under cannot be lacking."""
        keys = {label for one in self.found.values() for label in one.by}
        return [label for label in self.labels if label in keys or label not in self.optional]

    @field_validator("file", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("columns")
    @classmethod
    def _small_letters(cls, value: dict[str, str]) -> dict[str, str]:
        return {ours: theirs.strip().casefold() for ours, theirs in value.items()}
