"""Our own way to send requests: a client-credentials token and plain reading, over httpx."""

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

from allpresent.intake.sources.pulling.asking import Access, Answer, PullError

TIMEOUT = 60.0  # seconds without a byte
MOST_BYTES = 200_000_000  # of one answer


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates are believed; reading them takes longer than most requests."""
    return httpx.create_ssl_context()


class OwnTransport:
    """Reads with a bearer token that it gets when needed and never writes down; without a token address, openly."""

    def __init__(self, access: Access, token_url: str | None, timeout: float = TIMEOUT) -> None:
        self._access, self._token_url = access, token_url
        # No redirect is followed: the token must not go where an answer points.
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, verify=_trusted())
        self._token: str | None = None

    def send(self, url: str, params: Mapping[str, str], body: Any = None) -> Answer:
        """One request with the token, getting one first where there is none."""
        try:
            headers = {"Accept": "application/json"}
            if self._token_url is not None:
                refused = self._get_token(self._token_url) if self._token is None else None
                if refused is not None:
                    return refused
                headers["Authorization"] = f"Bearer {self._token}"
            method = "GET" if body is None else "POST"
            return self._read(method, url, params=dict(params), json=body, headers=headers)
        # An address or a token that cannot be sent is as good as no answer.
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return Answer(0, {}, _why(error).encode())

    def renew(self) -> None:
        """Forget the token."""
        self._token = None

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _get_token(self, url: str) -> Answer | None:
        """Get a token; the answer when none was given."""
        answer = self._read(
            "POST",
            url,
            auth=httpx.BasicAuth(self._access.key, self._access.secret),
            data={"grant_type": "client_credentials"},
        )
        if answer.status in (400, 401, 403):
            raise PullError("The key was refused when asking for a token; check the key and the secret.")
        if answer.status != 200:
            return answer if answer.status >= 400 else Answer(503, {}, b"")
        try:
            self._token = str(httpx.Response(200, content=answer.body).json()["access_token"])
        except (ValueError, KeyError, TypeError):
            return Answer(503, {}, b"")
        return None

    def _read(self, method: str, url: str, **options: Any) -> Answer:
        """Send and read, up to the most bytes an answer may have."""
        with self._client.stream(method, url, **options) as response:
            pieces, size = [], 0
            for piece in response.iter_bytes():
                pieces.append(piece)
                size += len(piece)
                if size > MOST_BYTES:
                    raise PullError(f"An answer is larger than {MOST_BYTES:,} bytes; ask for smaller pages.")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, b"".join(pieces))


def _why(error: Exception) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "it did not answer in time"
    return "the connection failed"
