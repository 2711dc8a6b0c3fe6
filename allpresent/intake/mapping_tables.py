"""The part of a mapping that says where one of our tables comes from, column by column."""

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator


class Options(BaseModel):
    """A section of a mapping: it takes no key it does not know, and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _small_texts(value: Any) -> Any:
    """Labels and texts to compare with, in small letters; one text may stand without its list."""
    if not isinstance(value, dict):
        return value
    listed = {label: texts if isinstance(texts, list | tuple) else [texts] for label, texts in value.items()}
    return {
        str(label).strip().casefold(): tuple(str(text).strip().casefold() for text in texts)
        for label, texts in listed.items()
    }


class PartOptions(Options):
    """One reading of a row, for files whose row says several things: all-day code and periods, morning and afternoon.

    It speaks for the rows where each label of ``when`` holds one of its texts and no label of ``unless`` one of its.
    """

    when: dict[str, tuple[str, ...]] = {}
    unless: dict[str, tuple[str, ...]] = {}
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}

    @field_validator("when", "unless", mode="before")
    @classmethod
    def _small(cls, value: Any) -> Any:
        return _small_texts(value)

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
        return tuple(label.strip().casefold() for label in value)


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
        return tuple(label.strip().casefold() for label in value)

    @field_validator("give")
    @classmethod
    def _small_letter(cls, value: str) -> str:
        return value.strip().casefold()


class TableOptions(Options):
    """Where one table comes from.

    ``columns`` are ours: theirs, ``constants`` ours: text, ``values`` ours: {theirs: ours}, ``joined`` ours: their
    labels whose texts are set together with a blank, ``lines`` ours: lists of their labels, each list a line of an
    address, ``found`` ours: where another file translates the key.
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

    @field_validator("joined")
    @classmethod
    def _small_labels(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {ours: tuple(label.strip().casefold() for label in several) for ours, several in value.items()}

    @field_validator("lines")
    @classmethod
    def _small_labels_of_lines(
        cls, value: dict[str, tuple[tuple[str, ...], ...]]
    ) -> dict[str, tuple[tuple[str, ...], ...]]:
        return {
            ours: tuple(tuple(label.strip().casefold() for label in line) for line in several)
            for ours, several in value.items()
        }

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
        """Their labels that the file has to have."""
        parts = [label for part in self.parts for label in (*part.columns.values(), *part.when, *part.unless)]
        joined = [label for several in self.joined.values() for label in several]
        joined += self.labels_of_lines
        found = [label for one in self.found.values() for label in one.by]
        return list(dict.fromkeys([*self.columns.values(), *joined, *found, *parts]))

    @field_validator("file", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("columns")
    @classmethod
    def _small_letters(cls, value: dict[str, str]) -> dict[str, str]:
        return {ours: theirs.strip().casefold() for ours, theirs in value.items()}
