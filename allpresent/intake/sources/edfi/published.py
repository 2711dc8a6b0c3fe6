"""The published client package edfi-api-client as the way to send requests: its session keeps the token.

Our own asking stays around it, because the package does not obey Retry-After and repeats a 401 with the old token.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import requests
from edfi_api_client import EdFiClient

from allpresent.intake.sources.pulling import Access, Answer, PullError


class PublishedTransport:
    """Reads through the package's client."""

    def __init__(self, access: Access, token_url: str, timeout: float) -> None:
        # The mode only shapes addresses, which are known already; naming one saves a request.
        client = EdFiClient(access.url, access.key, access.secret, api_mode="shared_instance")
        self._session = client.session
        self._session.oauth_url = token_url
        self._timeout = timeout

    def send(self, url: str, params: Mapping[str, str], body: Any = None) -> Answer:
        """One GET with the token; this client is only ever asked to read."""
        try:
            if self._session.session is None:
                self._connect()
            response = self._session.get_response(url, params=dict(params))
        except requests.HTTPError as error:
            if error.response is None:
                return Answer(503, {}, b"")
            response = error.response
        except requests.RequestException:
            return Answer(0, {}, b"the connection failed")
        except PullError:
            raise
        except (AttributeError, TypeError, ValueError):
            return Answer(503, {}, b"")  # a token document that the package cannot read
        return Answer(
            response.status_code, {name.lower(): text for name, text in response.headers.items()}, response.content
        )

    def renew(self) -> None:
        """Forget the token: the package gets a new one when it does not know when it got the last."""
        self._session.authenticated_at = None

    def close(self) -> None:
        """End the connections."""
        if self._session.session is not None:
            self._session.session.close()

    def _connect(self) -> None:
        try:
            self._session.connect()
        except requests.HTTPError as error:
            if error.response is not None and error.response.status_code in (400, 401, 403):
                message = "The key was refused when asking for a token; check the key and the secret."
                raise PullError(message) from error
            raise
        inner = self._session.session
        # The package sets neither; a redirect could carry the token elsewhere.
        inner.request, inner.max_redirects = partial(inner.request, timeout=self._timeout), 0
