"""What the flows in a real browser share: axe, narrow phones, and walking by the Tab key alone."""

from collections.abc import Iterable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"]}
DESK = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}  # 1280 at 400% zoom is 320 too
PHONES = ({"width": 390, "height": 844}, NARROW)

_JUDGE = """async rules => (await axe.run(rules)).violations.map(
    one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]
)"""
_FOCUSED = """() => {
    const at = document.activeElement;
    const label = at.labels && at.labels.length ? at.labels[0].innerText : at.innerText || at.value || "";
    return [label.trim(), getComputedStyle(at).outlineStyle !== "none"];
}"""


def violations(page: Any) -> list[tuple[str, list[str]]]:
    """What axe finds wrong, each with the first elements."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)  # half a megabyte: once a page, however often it is judged
    return [(rule, elements) for rule, elements in page.evaluate(_JUDGE, RULES)]


def faults(page: Any, phones: Iterable[dict[str, int]] = PHONES) -> list[object]:
    """All that is wrong with a page at a desk and on phones: axe, and scrolling sideways."""
    wrong: list[object] = list(violations(page))
    for size in phones:
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size["width"]:
            wrong.append(f"{wide} px wide on {size['width']}")
        wrong += violations(page)
    page.set_viewport_size(DESK)
    return wrong


def tab_to(page: Any, name: str, most: int = 80) -> None:
    """Press Tab until the focus is on the control of that name; every stop has a visible focus."""
    for _step in range(most):
        page.keyboard.press("Tab")
        label, is_shown = page.evaluate(_FOCUSED)
        assert is_shown, f"no visible focus on {label!r}"
        if name in label:
            return
    pytest.fail(f"Tab never reached {name!r}")
