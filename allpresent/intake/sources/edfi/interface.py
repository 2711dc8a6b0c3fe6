"""Where an Ed-Fi ODS API keeps what: its root document, its addresses and its change versions."""

from collections.abc import Callable, Mapping
from typing import Any

from allpresent.intake.sources.pulling import Access, Asker, NotThereError, PullError
from allpresent.intake.sources.pulling.asking import Transport
from allpresent.intake.sources.pulling.own import TIMEOUT, OwnTransport

ENGINES = ("own", "edfi-api-client")


class Interface:
    """An ODS API. ``year`` stands in its addresses where one serves several: 2027, or 255901/2027."""

    def __init__(
        self,
        access: Access,
        *,
        year: str = "",
        engine: str = "own",
        sleep: Callable[[float], None],
        timeout: float = TIMEOUT,
    ) -> None:
        self.access = access
        base = access.url.rstrip("/")
        openly = OwnTransport(access, None, timeout)
        try:
            root = Asker(openly, sleep).ask(base + "/")[0]
        finally:
            openly.close()
        if not isinstance(root, dict):
            raise PullError(f"{base} does not say that it is an Ed-Fi API; check the address.")
        urls = {name: access.refuse_elsewhere(url) for name, url in _urls(root).items()}
        self.data_model = _data_model(root)
        self.data = _joined(urls.get("dataManagementApi", f"{base}/data/v3"), year, "ed-fi")
        self.changes = _joined(urls.get("changeQueries", f"{base}/changeQueries/v1"), year, "availableChangeVersions")
        token_url = urls.get("oauth", f"{base}/oauth/token")
        self.asker = Asker(_transport(engine, access, token_url, timeout), sleep)

    def newest(self) -> int | None:
        """The newest change version; None where the API keeps none."""
        try:
            told = self.asker.ask(self.changes)[0]
        except NotThereError:
            return None
        found = {str(name).casefold(): value for name, value in told.items()} if isinstance(told, dict) else {}
        newest = found.get("newestchangeversion")
        return newest if isinstance(newest, int) else None

    def count(self, path: str, window: Mapping[str, str]) -> int:
        """How many rows a resource has in a window, counted by the API."""
        _rows, headers = self.asker.ask(f"{self.data}/{path}", {**window, "limit": "0", "totalCount": "true"})
        total = headers.get("total-count", "")
        if not total.isdecimal():
            raise PullError(f"The API counts no rows of {path}, so nobody could tell whether all came.")
        return int(total)

    def page(self, path: str, window: Mapping[str, str], offset: int, limit: int) -> list[dict[str, Any]]:
        """One page of rows."""
        asked = {**window, "offset": str(offset), "limit": str(limit)}
        rows = self.asker.ask(f"{self.data}/{path}", asked)[0]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise PullError(f"The API answers for {path} with something that is no list of rows; check the address.")
        return rows


def _transport(engine: str, access: Access, token_url: str, timeout: float) -> Transport:
    if engine == "own":
        return OwnTransport(access, token_url, timeout)
    if engine != "edfi-api-client":
        raise PullError(f"The engine {engine!r} is not known; use one of {', '.join(ENGINES)}.")
    try:
        from allpresent.intake.sources.edfi.published import PublishedTransport
    except ImportError as error:
        message = "The engine edfi-api-client is not installed; install allpresent with the extra edfi, or use own."
        raise PullError(message) from error
    return PublishedTransport(access, token_url, timeout)


def _urls(root: Mapping[str, Any]) -> dict[str, str]:
    """The addresses a root document names, those with a place for a year in them left aside."""
    urls = root.get("urls")
    told = urls if isinstance(urls, dict) else {}
    return {name: url for name, url in told.items() if isinstance(url, str) and "{" not in url}


def _data_model(root: Mapping[str, Any]) -> str:
    models = root.get("dataModels")
    for model in models if isinstance(models, list) else []:
        if isinstance(model, dict) and model.get("name") == "Ed-Fi":
            return str(model.get("version", ""))
    return ""


def _joined(*parts: str) -> str:
    return "/".join(part.strip("/") for part in parts if part)
