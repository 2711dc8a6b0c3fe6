"""A result as a table of text."""

from benchmarks.measuring import Goal, Line, Result

_HEAD = ("engine", "median s", "spread s", "CPU s", "ratio", "memory MB", "rows")


def told(result: Result) -> str:
    """The table of a result, its goals and notes, in Markdown."""
    rows = [_HEAD, tuple("---" for _ in _HEAD), *(_row(line) for line in result.lines)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    title = f"## {result.benchmark}, {result.size}: {result.title}"
    said = [f"Ratios are to {result.baseline}; medians of {result.runs}, in turn."]
    said += [_goal(goal) for goal in result.goals]
    return "\n\n".join([title, table, "\n".join([*said, *result.notes])]) + "\n"


def _row(line: Line) -> tuple[str, ...]:
    spread = f"{line.fastest:.3f} to {line.slowest:.3f}"
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    cpu = "" if line.cpu is None else f"{line.cpu:.3f}"
    memory = "" if line.peak_mb is None else f"{line.peak_mb:,}"
    return (line.engine, f"{line.median:.3f}", spread, cpu, ratio, memory, f"{line.rows:,}")


def _goal(goal: Goal) -> str:
    if goal.is_met is None:
        return f"Goal: {goal.text}: not measured here."
    return f"Goal: {goal.text}: {goal.value:.2f}, {'met' if goal.is_met else 'not met'}."
