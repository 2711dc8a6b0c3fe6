"""A PowerSchool REST interface of our own on the loopback: schema tables, counts and PowerQueries."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.intake.edfi_server import Api, Row

_ABSENT: tuple[int, dict[str, str], Any] = (404, {}, {"message": "Not Found"})


@dataclass
class PowerSchool(Api):
    """Tables by name, in ``resources``; PowerQueries by name."""

    queries: dict[str, list[Row]] = field(default_factory=dict)
    counts_queries: bool = True
    closed: set[str] = field(default_factory=set)  # tables the plugin may not read
    filters: dict[str, str] = field(default_factory=dict)  # table: the filter it was asked with
    token_path: str = "oauth/access_token"

    def answer(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        """Tables below ws/schema/table, PowerQueries below ws/schema/query."""
        *start, kind, name = path.removesuffix("/count").split("/")
        is_count = path.endswith("/count")
        if kind == "query":
            rows = self.queries.get(name)
            if rows is None or (is_count and not self.counts_queries):
                return _ABSENT
            assert json.loads(body) == {"yearid": 36}
            return 200, {}, {"count": len(rows)} if is_count else {"name": name, "record": rows, "@extensions": ""}
        if start != ["ws", "schema"] or name not in self.resources:
            return _ABSENT
        if name in self.closed:
            return 403, {}, {"message": f"No access to {name}"}
        self.filters[name] = query.get("q", "")
        if not is_count:
            self.before_page(self, path)
        rows = self.resources[name]
        return 200, {}, {"count": len(rows)} if is_count else self._page(name, rows, query)

    def _page(self, name: str, rows: list[Row], query: dict[str, str]) -> dict[str, Any]:
        size, page = int(query["pagesize"]), int(query["page"])
        wanted = query["projection"].split(",")
        some = [
            {"id": row["_at"], "name": name, "tables": {name: {key: row[key] for key in wanted if key in row}}}
            for row in rows[(page - 1) * size : page * size]
        ]
        # One record comes as itself, and none as no record at all.
        record: dict[str, Any] = {"record": some[0] if len(some) == 1 else some} if some else {}
        return {"name": name, "@extensions": "", **record}


def from_export(files: dict[str, str]) -> PowerSchool:
    """The interface over the rows of a drawn export."""
    api = PowerSchool()
    for name, text in files.items():
        header, *lines = (line.split("\t") for line in text.splitlines())
        labels = [label.rpartition(".")[2].casefold() for label in header]
        rows = [dict(zip(labels, line, strict=True)) | {"_at": at} for at, line in enumerate(lines, start=1)]
        api.resources[name.removesuffix(".txt")] = rows
    return api
