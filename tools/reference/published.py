"""The part of docs/reference/sources.md about published figures: what each layout reads, by its own words."""

from allpresent.intake.published import PUBLISHED_TABLES
from allpresent.intake.published.declaration import IGNORED, RULES
from allpresent.intake.published.layouts import MARKS, Layout, Place, shipped_layouts
from allpresent.intake.rules import RULES as ALL_RULES
from allpresent.intake.sources import PUBLISHED
from tools.reference.markdown import code, table


def published() -> str:
    """The publications whose figures are read, the tables they fill, the rules, and what is ignored."""
    layouts = sorted(shipped_layouts().items())
    rows = [
        (code(name), one.title, one.publisher, ", ".join(map(_labels, one.needs)), code(one.fills), one.status)
        for name, one in layouts
    ]
    columns = [(code(name), ", ".join(map(code, schema.names))) for name, schema in PUBLISHED_TABLES.items()]
    rules = [(code(rule), ALL_RULES[rule].title, told) for rule, told in sorted(RULES.items())]
    return "\n\n".join(
        [
            f"## Source `{PUBLISHED}`: figures others publish",
            "Files of any name, in text, workbooks or XML, recognised by their labels. They are shown beside the "
            "district's own figures and never mixed with them: "
            "[Compare with published figures](../how-to/compare-with-published-figures.md).",
            table(("layout", "what it is", "publisher", "recognised by", "fills", "how sure the labels are"), rows),
            table(("table", "columns"), columns),
            f"In every layout these stand in place of a figure: {_marks(MARKS)}, and ranges such as `<5` and `>=95%`.",
            *(_layout(name, one) for name, one in layouts),
            "### Rules in this source\n\n" + table(("rule", "what it is", "what it means here"), rules),
            "### Ignored on purpose\n\n" + table(("what", "why"), IGNORED.items()),
        ]
    )


def _layout(name: str, one: Layout) -> str:
    rows = [(code(ours), _labels(theirs)) for ours, theirs in one.columns.items()]
    rows += [(f"{code('geo_id')}, {code('geo_name')}", _place(place)) for place in one.places]
    rows += [(code(ours), f"always {code(text)}") for ours, text in one.constants.items()]
    if one.spread is not None:
        figures = ", ".join(f"{code(theirs)} as {code(ours)}" for theirs, ours in one.spread.figures.items())
        rows.append(("a figure a column", f"labels of the form {code(one.spread.match)}: {figures}"))
    if one.year_in:
        rows.append((code("year"), f"{code(one.year_in)} in the lines above the header or in the file's name"))
    told = [f"### Layout `{name}`", table(("column", "read from"), rows)]
    if one.keep:
        told.append(
            "Rows that are kept: " + "; ".join(f"{_labels(a)}: {', '.join(b)}" for a, b in one.keep.items()) + "."
        )
    if one.marks:
        told.append(f"Marks of its own: {_marks(one.marks)}.")
    if one.ranges:
        told.append(f"Ranges of its own: {code(one.ranges)}.")
    return "\n\n".join(told)


def _place(place: Place) -> str:
    named = ", ".join([_labels(place.id) if place.id else "no code", *filter(None, [_name(place)])])
    when = "; ".join(f"{_labels(column)}: {', '.join(texts)}" for column, texts in place.when.items())
    return f"{place.level}: {named}" + (f" (where {when})" if when else "")


def _name(place: Place) -> str:
    return _labels(place.name) if place.name else place.called


def _marks(marks: dict[str, str]) -> str:
    return ", ".join(f"{code(mark)} {told}" for mark, told in marks.items())


def _labels(several: str) -> str:
    return " or ".join(code(label.strip()) for label in several.split("|"))
