"""What a log may say: which part, how bad, where in the code; never what a person sent or what a record holds."""

import logging
from pathlib import Path

OUR_LOGGERS = "allpresent"


class AllowListFormatter(logging.Formatter):
    """Prints an allow-list of parts of a record.

    Messages of our own rooms are printed as written. Of a request only method, path and status are told, without
    query string or body. Of an error only its class and the lines of code it passed: its text may quote a record.
    """

    def format(self, record: logging.LogRecord) -> str:
        parts = [self.formatTime(record), record.levelname, record.name]
        request = getattr(record, "request", None)
        if request is not None:
            parts.append(f"{getattr(request, 'method', '')} {getattr(request, 'path', '')}")
            parts.append(str(getattr(record, "status_code", "")))
        elif record.name.split(".")[0] == OUR_LOGGERS:
            parts.append(record.getMessage())
        else:
            parts.append(f"{record.module}:{record.lineno}")
        if record.exc_info and record.exc_info[0]:
            parts.append(record.exc_info[0].__name__)
            parts.append(" < ".join(_frames(record.exc_info[2])))
        return " ".join(part for part in parts if part)


def _frames(trace: object) -> list[str]:
    """Where an error went through, innermost first."""
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code  # type: ignore[attr-defined]
        frames.append(f"{Path(code.co_filename).name}:{trace.tb_lineno}")  # type: ignore[attr-defined]
        trace = trace.tb_next  # type: ignore[attr-defined]
    return frames[::-1]
