"""What a PDF says, as a person copies it out."""

import subprocess


def text_of(paper: bytes, *, as_laid_out: bool = False) -> str:
    """The text of a PDF in reading order, or line by line as it lies on the page; blanks as they come are one."""
    command = ["pdftotext", *(["-layout"] if as_laid_out else []), "-", "-"]
    done = subprocess.run(command, input=paper, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())
