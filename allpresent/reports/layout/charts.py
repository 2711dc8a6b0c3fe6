"""The two pictures of a report as SVG: where students stand, and where we were, are and are going.

Each has its table beside it in the report, so nothing is told by a picture alone.
"""

from html import escape

from allpresent.reports.document import Line, Report, in_tenths

# Background and text of L1 to L6, from pale green through sand and clay to plum; contrast at least 4.5 to 1.
LEVEL_COLOURS = {
    "L1": ("#d5e6de", "#1b2430"),
    "L2": ("#f3e3b3", "#1b2430"),
    "L3": ("#f1bf80", "#1b2430"),
    "L4": ("#dd8a58", "#1b2430"),
    "L5": ("#b04a4a", "#ffffff"),
    "L6": ("#7a2a4e", "#ffffff"),
}
FONT = "Atkinson Hyperlegible"
INK, FAINT, ACCENT, HAIRLINE = "#1b2430", "#9aa5b1", "#0f5a63", "#dcdad2"


def level_bar(report: Report, width: int = 720, height: int = 34) -> str:
    """One bar of a whole, split by level; a part too narrow for its words goes without."""
    parts, x = [], 0.0
    for key, _label, share in report.levels:
        part = width * share / 1000
        fill, ink = LEVEL_COLOURS.get(key, (HAIRLINE, INK))
        parts.append(f'<rect x="{x:.1f}" y="0" width="{part:.1f}" height="{height}" fill="{fill}"/>')
        if part >= 58:
            middle = f'x="{x + part / 2:.1f}" y="{height / 2 + 4:.1f}" text-anchor="middle"'
            words = f"{key} {in_tenths(share)}%"
            parts.append(f'<text {middle} font-size="12" font-weight="700" fill="{ink}">{words}</text>')
        x += part
    return _svg(width, height, parts, level_words(report))


def level_words(report: Report) -> str:
    """The bar in words."""
    listed = ", ".join(f"{key} {label} {in_tenths(share)} percent" for key, label, share in report.levels)
    return f"Share of students by level: {listed}."


def trend_words(report: Report) -> str:
    """The goal chart in words: each line's first and last point, and the goal."""
    told = [
        f"{line.label}: {in_tenths(line.points[0][1])} percent on school day {line.points[0][0]}, "
        f"{in_tenths(line.points[-1][1])} percent on school day {line.points[-1][0]}"
        for line in report.trend
        if line.points
    ]
    if report.goal:
        told.append(report.goal[0])
    return "Chronic absence by school day. " + "; ".join(told) + "."


def goal_chart(report: Report, width: int = 720, height: int = 210) -> str:
    """This year's and last year's share chronically absent by school day, and the goal as a dashed line."""
    rates = [rate for line in report.trend for _, rate in line.points] + ([report.goal[1]] if report.goal else [])
    last = max((day for line in report.trend for day, _ in line.points), default=180)
    top = max([*rates, 100]) * 1.15
    left, right, bottom = 34, 96, 26

    def place(day: int, rate: int) -> tuple[float, float]:
        across = left + (width - left - right) * day / max(last, 1)
        return across, (height - bottom) * (1 - rate / top)

    parts = [
        f'<line x1="{left}" y1="{height - bottom}" x2="{width - right}" y2="{height - bottom}" stroke="{HAIRLINE}"/>'
    ]
    for rate in range(200, int(top) + 1, 200):
        _, y = place(0, rate)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}" stroke="{HAIRLINE}"/>')
        parts.append(_words(left - 6, y + 4, f"{rate // 10}%", FAINT_TEXT, "end"))
    for day in range(0, last + 1, 20):
        x, _ = place(day, 0)
        parts.append(_words(x, height - 8, f"day {day}" if day == 0 else str(day), FAINT_TEXT, "middle"))
    if report.goal:
        x, y = place(0, report.goal[1])
        parts.append(
            f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{width - right}" y2="{y:.1f}" stroke="{ACCENT}" '
            'stroke-dasharray="6 5"/>'
        )
        parts.append(_words(width - right + 6, y + 4, report.goal[0], ACCENT, "start"))
    for number, line in enumerate(report.trend):
        parts += _line(line, place, FAINT if number else INK, is_now=not number)
    return _svg(width, height, parts, trend_words(report))


FAINT_TEXT = "#5b6672"


def _line(line: Line, place, colour: str, *, is_now: bool) -> list[str]:  # type: ignore[no-untyped-def]
    if not line.points:
        return []
    points = [place(day, rate) for day, rate in line.points]
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts = [f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="{2.4 if is_now else 1.8}"/>']
    x, y = points[-1]
    if is_now:
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>')
    rate = in_tenths(line.points[-1][1])
    ink = INK if is_now else FAINT_TEXT
    parts.append(_words(x + 8, y - 7 if not is_now else y + 16, f"{line.label} {rate}%", ink, "start", bold=is_now))
    return parts


def _words(x: float, y: float, words: str, colour: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="11.5"'
    return f'<text {at} fill="{colour}"{weight}>{escape(words)}</text>'


def _svg(width: int, height: int, parts: list[str], words: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="{FONT}"><title>{escape(words)}</title>{"".join(parts)}</svg>'
    )
