"""Requests to an interface: one fresh token when the old one is refused, patience when it is busy, then a sentence."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from allpresent.intake.rules import IntakeError

TRIES = 6  # of one request, while the other side is busy or fails
LONGEST_WAIT = 300.0  # seconds that a Retry-After is obeyed for
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BUSY = (408, 425, 429, 500, 502, 503, 504)


class PullError(IntakeError):
    """Why nothing could be pulled, in one sentence for the person who keeps the connection."""


class NotThereError(PullError):
    """What was asked for is not offered, or not to this key."""


@dataclass(frozen=True)
class Access:
    """Where the interface is and the key to it. The secret is in no representation of it."""

    url: str
    key: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise PullError("url has to be a plain address, as in https://api.example.org; the key stands elsewhere.")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise PullError(f"{self.url} would send the key unprotected; write https.")

    def refuse_elsewhere(self, url: str) -> str:
        """An address the interface names, on its own host: the secret goes nowhere else. Raises PullError."""
        ours, theirs = urlsplit(self.url), urlsplit(url)
        if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
            raise PullError(f"{self.url} names an address on another host, {theirs.netloc}; ask its keeper why.")
        return url


@dataclass(frozen=True)
class Answer:
    """What came back: status 0 when nothing did, and then why in ``body``."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes


class Transport(Protocol):
    """A way to send one request with a valid token."""

    def send(self, url: str, params: Mapping[str, str], body: Any = None) -> Answer:
        """GET, or POST of a JSON body; never raises for a status or a broken line."""

    def renew(self) -> None:
        """Forget the token, so that the next request gets a fresh one."""

    def close(self) -> None:
        """End the connection."""


class Asker:
    """Asks through a transport until there is an answer to use, or a sentence why not."""

    def __init__(self, transport: Transport, sleep: Callable[[float], None] = time.sleep) -> None:
        self.transport, self._sleep = transport, sleep
        self.waited = 0.0  # seconds

    def ask(self, url: str, params: Mapping[str, str] | None = None, body: Any = None) -> tuple[Any, Mapping[str, str]]:
        """The JSON of an answer and its headers. Raises NotThereError for 403 and 404, PullError for the rest."""
        is_renewed, why = False, ""
        for attempt in range(TRIES):
            answer = self.transport.send(url, params or {}, body)
            if answer.status == 401 and not is_renewed:
                is_renewed = True
                self.transport.renew()
                continue
            if answer.status and answer.status not in _BUSY:
                _refuse(url, answer)
                try:
                    return json.loads(answer.body), answer.headers
                except (ValueError, RecursionError):
                    why = "its answer is no JSON, or was cut short"
            else:
                why = f"status {answer.status}" if answer.status else answer.body.decode(errors="replace")
            if attempt < TRIES - 1:
                self._wait(_seconds_to_wait(answer, attempt))
        raise PullError(f"{_place(url)} gave no usable answer in {TRIES} tries ({why}); try again later.")

    def _wait(self, seconds: float) -> None:
        self.waited += seconds
        self._sleep(seconds)


def _refuse(url: str, answer: Answer) -> None:
    """A status that no further try will change."""
    place, status = _place(url), answer.status
    if status == 401:
        raise PullError(f"{place} refuses the key, with a fresh token too; check the key and the secret.")
    if status == 403:
        raise NotThereError(f"{place} is not open to this key ({_told(answer)}); have its keeper grant reading it.")
    if status == 404:
        raise NotThereError(f"{place} is not there; check the address, the version and the year.")
    if status == 400:
        raise PullError(f"{place} does not understand what is asked for ({_told(answer)}); check names and fields.")
    if not 200 <= status < 300:
        raise PullError(f"{place} answers with status {status}; check the address.")


def _told(answer: Answer) -> str:
    """The other side's own words, short and on one line."""
    return " ".join(answer.body[:200].decode(errors="replace").split()) or "no reason given"


def _place(url: str) -> str:
    """An address without what was asked of it."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def _seconds_to_wait(answer: Answer, attempt: int) -> float:
    """What Retry-After says, in seconds or as a date held against the answer's own date; else 1, 2, 4, ..."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isdecimal():
        return min(float(told), LONGEST_WAIT)
    try:
        later = parsedate_to_datetime(told) - parsedate_to_datetime(answer.headers.get("date", ""))
        return min(max(later.total_seconds(), 0.0), LONGEST_WAIT)
    except (ValueError, TypeError):
        return float(2**attempt)
