"""The ``keep`` filter of a mapping: a small language over mapped columns, made into SQL.

``mode == 'ATT_ModeDaily'``, ``school_id in ['100', '200']``, ``code != ''``, joined by ``and``, ``or`` and ``not``.
A blank compares as ''.
"""

import ast
from collections.abc import Collection

from allpresent.intake.rules import IntakeError

_COMPARE: dict[type[ast.cmpop], str] = {ast.Eq: "=", ast.NotEq: "<>", ast.In: "IN", ast.NotIn: "NOT IN"}


def keep_condition(text: str, columns: Collection[str]) -> str:
    """The SQL condition of a ``keep`` filter. Raises IntakeError for anything beyond the small language."""
    try:
        return _condition(ast.parse(text, mode="eval").body, columns)
    except (SyntaxError, _BeyondError) as error:
        raise IntakeError(
            f"The keep filter {text!r} cannot be read; write it like mode == 'ATT_ModeDaily' and use only the columns "
            f"{', '.join(sorted(columns))}."
        ) from error


class _BeyondError(Exception):
    """Something the small language does not have."""


def _condition(node: ast.expr, columns: Collection[str]) -> str:
    if isinstance(node, ast.BoolOp):
        word = " AND " if isinstance(node.op, ast.And) else " OR "
        return "(" + word.join(_condition(part, columns) for part in node.values) + ")"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return f"(NOT {_condition(node.operand, columns)})"
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARE:
        return f"{_operand(node.left, columns)} {_COMPARE[type(node.ops[0])]} {_operand(node.comparators[0], columns)}"
    raise _BeyondError


def _operand(node: ast.expr, columns: Collection[str]) -> str:
    if isinstance(node, ast.Name) and node.id in columns:
        return f"coalesce(trim({quoted(node.id)}), '')"
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return literal(str(node.value))
    if isinstance(node, ast.List | ast.Tuple) and node.elts:
        return "(" + ", ".join(_operand(part, columns) for part in node.elts) + ")"
    raise _BeyondError


def quoted(name: str) -> str:
    """A column name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
