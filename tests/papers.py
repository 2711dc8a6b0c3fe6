"""What a PDF says, as a person copies it out."""

import html
import re
import subprocess


def text_of(paper: bytes, *, as_laid_out: bool = False) -> str:
    """The text of a PDF in reading order, or line by line as it lies on the page; blanks as they come are one."""
    command = ["pdftotext", *(["-layout"] if as_laid_out else []), "-", "-"]
    done = subprocess.run(command, input=paper, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def places_of(paper: bytes) -> list[tuple[str, float, float, float, float]]:
    """The words of a PDF with top, bottom, left and right, in points from the upper left corner of their page."""
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=paper, capture_output=True, check=True)
    number = r'"([\d.]+)"'
    pattern = f"<word xMin={number} yMin={number} xMax={number} yMax={number}>(.*?)</word>"
    found = re.findall(pattern, done.stdout.decode())
    return [
        (html.unescape(word), float(top), float(low), float(left), float(right))
        for left, top, right, low, word in found
    ]
