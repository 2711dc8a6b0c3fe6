"""An Ed-Fi ODS API of our own on the loopback: the documented shapes, and whatever goes wrong on the way."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY, SECRET = "district-key", "district-secret"

Row = dict[str, Any]


@dataclass
class Fault:
    """What one request gets instead of its answer."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    seconds: float = 0.0


@dataclass
class Api:
    """What the interface holds and what was asked of it."""

    model: str = "5.1.0"
    resources: dict[str, list[Row]] = field(default_factory=dict)
    deleted: dict[str, list[Row]] = field(default_factory=dict)
    changed_keys: dict[str, list[Row]] = field(default_factory=dict)
    has_changes: bool = True
    newest: int = 0
    asked: list[str] = field(default_factory=list)  # every path with its query
    methods: set[str] = field(default_factory=set)
    tokens: int = 0
    faults: list[tuple[str, Fault]] = field(default_factory=list)  # (part of the path, what it gets), used once each
    before_page: Callable[["Api", str], None] = lambda api, path: None
    url: str = ""
    token_path: str = "oauth/token"

    def put(self, resource: str, *rows: Row) -> None:
        """Add rows, each with a change version of its own, or change those of the same id."""
        held = self.resources.setdefault(resource, [])
        for row in rows:
            self.newest += 1
            number = f"{len(held) + 1:04}-{resource}"
            made = {"id": number} | row | {"_version": self.newest}
            at = next((at for at, old in enumerate(held) if old["id"] == made["id"]), None)
            if at is None:
                held.append(made)
            else:
                held[at] = made

    def delete(self, resource: str, at: int) -> None:
        """Take a row out."""
        row = self.resources[resource].pop(at)
        self.newest += 1
        self.deleted.setdefault(resource, []).append({"id": row["id"], "changeVersion": self.newest})

    def change_key(self, resource: str, at: int, **changed: Any) -> None:
        """Change a row's key."""
        row = self.resources[resource][at]
        self.put(resource, row | changed)
        told = {"id": row["id"], "changeVersion": self.newest}
        self.changed_keys.setdefault(resource, []).append(told)

    def answer(self, path: str, query: dict[str, str], _body: bytes) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON for a path with its query."""
        if path == "changeQueries/v1/availableChangeVersions":
            return (
                (200, {}, {"oldestChangeVersion": 0, "newestChangeVersion": self.newest}) if self.has_changes else _GONE
            )
        parts = path.removeprefix("data/v3/ed-fi/").split("/")
        held = {"deletes": self.deleted, "keyChanges": self.changed_keys}.get(parts[-1], self.resources)
        if parts[0] not in self.resources:
            return _GONE
        low, high = int(query.get("minChangeVersion", 0)), int(query.get("maxChangeVersion", 1 << 60))
        rows = [row for row in held.get(parts[0], []) if low <= row.get("_version", row.get("changeVersion")) <= high]
        total = {"Total-Count": str(len(rows))} if query.get("totalCount") == "true" else {}
        limit, offset = int(query.get("limit", 25)), int(query.get("offset", 0))
        if limit:
            self.before_page(self, path)
        page = rows[offset : offset + limit]
        return 200, total, [{name: value for name, value in row.items() if name != "_version"} for row in page]


_GONE: tuple[int, dict[str, str], Any] = (404, {}, {"message": "not found"})


def _handler(api: Api) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            parts = urlsplit(self.path)
            path, query = parts.path.strip("/"), {name: some[0] for name, some in parse_qs(parts.query).items()}
            api.asked.append(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fault = next((one for one in api.faults if one[0] in self.path), None)
            if fault is not None:
                api.faults.remove(fault)
                time.sleep(fault[1].seconds)
                return self._send(fault[1].status, fault[1].headers, fault[1].body)
            if not path:
                return self._json(200, {}, _root(api))
            if path == api.token_path:
                return self._token(content)
            api.methods.add(method)
            if self.headers.get("Authorization") != f"Bearer token-{api.tokens}":
                return self._json(401, {}, {"message": "expired"})
            return self._json(*api.answer(path, query, content))

        def _token(self, content: bytes) -> None:
            told = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {told}" or b"client_credentials" not in content:
                return self._json(401, {}, {"error": "invalid_client"})
            api.tokens += 1
            return self._json(200, {}, {"access_token": f"token-{api.tokens}", "expires_in": 1800})

        def _json(self, status: int, headers: dict[str, str], content: Any) -> None:
            self._send(status, headers, json.dumps(content).encode())

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)  # without a Date of its own
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _root(api: Api) -> dict[str, Any]:
    return {
        "version": "7.1",
        "apiMode": "Shared Instance",
        "dataModels": [{"name": "Ed-Fi", "version": api.model}],
        "urls": {
            "oauth": f"{api.url}/oauth/token",
            "dataManagementApi": f"{api.url}/data/v3/",
            "dependencies": f"{api.url}/metadata/data/v3/{{year}}/dependencies",
        },
    }


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """The interface, answering on the loopback until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def small() -> Api:
    """Two schools' worth of rows in every needed resource."""
    api = Api()
    for resource in ("schools", "calendarDates", "students", "studentSchoolAssociations"):
        api.put(resource, {"n": 1})
    api.put("studentSchoolAttendanceEvents", *({"n": number} for number in range(1, 8)))
    return api
