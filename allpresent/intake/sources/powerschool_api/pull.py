"""Pulling PowerSchool: every table of a school year, counted by the other side before and after."""

import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from allpresent.intake.secrets import secret_columns
from allpresent.intake.sources.powerschool_api.tables import BY_QUERY, FIRST_YEAR, TABLES, Asked
from allpresent.intake.sources.pulling import Access, Asker, Landed, Landing, NotThereError, PullError
from allpresent.intake.sources.pulling.landing import Manifest
from allpresent.intake.sources.pulling.own import TIMEOUT, OwnTransport

PAGE = 1000
Row = dict[str, str]


def pull(
    target: Path,
    access: Access,
    *,
    today: date,
    school_year: tuple[date, date],
    queries: Mapping[str, str] | None = None,
    page_size: int = PAGE,
    progress: Callable[[str], None] = lambda line: None,
    sleep: Callable[[float], None] = time.sleep,
    timeout: float = TIMEOUT,
) -> Manifest:
    """Bring the folder up to what PowerSchool holds of a school year (its first and last day).

    ``queries`` names a PowerQuery for a table that is not to be read from the schema. Raises PullError, and leaves the
    folder as it was, when a needed table cannot be had.
    """
    named = _known(queries or {})
    base = access.url.rstrip("/")
    asker = Asker(OwnTransport(access, f"{base}/oauth/access_token", timeout), sleep)
    year = str(school_year[0].year - FIRST_YEAR)
    manifest = Manifest("powerschool", base, year, None, today.isoformat())
    landing = Landing(target, manifest)
    try:
        _Pull(asker, landing, base, page_size, progress).run(school_year, named)
        return landing.finish()
    finally:
        landing.abandon()
        asker.transport.close()


def _known(queries: Mapping[str, str]) -> Mapping[str, str]:
    """The PowerQueries, of tables that are read alone. Raises PullError."""
    known = {table.name for table in TABLES} | set(BY_QUERY)
    for name in queries:
        if name not in known:
            raise PullError(f"queries names the table {name!r}; PowerSchool's tables are {', '.join(sorted(known))}.")
    return queries


class _Pull:
    """One pull of all tables."""

    def __init__(
        self, asker: Asker, landing: Landing, base: str, page_size: int, progress: Callable[[str], None]
    ) -> None:
        self.asker, self.landing, self.base, self.page_size, self.progress = asker, landing, base, page_size, progress

    def run(self, school_year: tuple[date, date], queries: Mapping[str, str]) -> None:
        """Every table, by its PowerQuery where one is named."""
        for table in TABLES:
            self._one(table, school_year, queries.get(table.name))
        for name in BY_QUERY:
            if name in queries:
                self._one(Asked(name, ()), school_year, queries[name])

    def _one(self, table: Asked, school_year: tuple[date, date], query: str | None) -> None:
        try:
            landed = self._by_query(table, school_year, query) if query else self._by_schema(table, school_year)
        except NotThereError as error:
            if table.is_needed:
                raise
            self.landing.manifest.left_out.append(f"{table.name}: {error}")
            return
        self.progress(f"{table.name}: {landed.rows:,} rows{'' if landed.is_counted else ', unconfirmed'}")
        self.landing.add(landed)

    def _by_schema(self, table: Asked, school_year: tuple[date, date]) -> Landed:
        url = f"{self.base}/ws/schema/table/{table.name}"
        rows = {"q": told} if (told := table.query(*school_year)) else {}
        landed = Landed(f"{table.name}.csv", table.name, before=self._count(f"{url}/count", rows))
        with self.landing.file(landed.file) as out:
            out.write(_lines([table.fields]))
            for page in self._pages(url, rows | {"projection": ",".join(table.fields)}, table.name):
                out.write(_lines([[row.get(name, "") for name in table.fields] for row in page]))
                landed.rows += len(page)
        landed.after = self._count(f"{url}/count", rows)
        return landed

    def _pages(self, url: str, asked: Mapping[str, str], name: str) -> Iterator[list[Row]]:
        """All rows, each once: one that slips from page to page would come twice, and another not at all."""
        seen: set[str] = set()
        page = 1
        while True:
            told = self.asker.ask(url, {**asked, "page": str(page), "pagesize": str(self.page_size)})[0]
            records = _records(told, name)
            fresh = [one for one in records if str(one.get("id", "")) not in seen or "id" not in one]
            seen.update(str(one["id"]) for one in fresh if "id" in one)
            yield [_row(one) for one in fresh]
            if len(records) < self.page_size:
                return
            page += 1

    def _by_query(self, table: Asked, school_year: tuple[date, date], query: str) -> Landed:
        """A PowerQuery gives all its rows in one answer; where none is counted, nobody confirms that these are all."""
        url = f"{self.base}/ws/schema/query/{query}"
        body = {"yearid": school_year[0].year - FIRST_YEAR}
        landed = Landed(f"{table.name}.csv", query, before=self._count_of_query(url, body))
        told = self.asker.ask(url, {"pagesize": "0"}, body)[0]
        rows = [_row(one) for one in _records(told, query)]
        names = list(dict.fromkeys(name for row in rows for name in row))
        secrets = set(secret_columns(names))
        names = [name for name in names if name not in secrets] or list(table.fields) or ["id"]
        with self.landing.file(landed.file) as out:
            out.write(_lines([names, *([row.get(name, "") for name in names] for row in rows)]))
        landed.rows, landed.after = len(rows), self._count_of_query(url, body)
        if landed.before is None and landed.after is None:
            landed.is_counted = False
            self.landing.manifest.left_out.append(
                f"{table.name}: PowerSchool has no count of {query} to offer, so nobody confirms that the "
                f"{landed.rows:,} rows of its one answer are all there are; compare them with PowerSchool now and then."
            )
        return landed

    def _count_of_query(self, url: str, body: Any) -> int | None:
        """None where the interface counts no PowerQueries."""
        try:
            return self._count(f"{url}/count", {}, body)
        except NotThereError:
            return None

    def _count(self, url: str, asked: Mapping[str, str], body: Any = None) -> int:
        told = self.asker.ask(url, asked, body)[0]
        count = str(told.get("count", "")) if isinstance(told, dict) else ""
        if not count.isdecimal():
            raise PullError(f"{url} gives no count, so nobody could tell whether all rows came.")
        return int(count)


def _records(told: Any, name: str) -> list[dict[str, Any]]:
    """The records of an answer: a list, a lone record that is no list, or nothing."""
    found = told.get("record", []) if isinstance(told, dict) else None
    found = [found] if isinstance(found, dict) else found or []
    if not isinstance(told, dict) or not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise PullError(f"PowerSchool answers for {name} with something that is no list of records; check the address.")
    return found


def _row(record: Mapping[str, Any]) -> Row:
    """The fields of a record, which lie in its tables or, flattened, in itself."""
    tables = record.get("tables")
    parts = tables.values() if isinstance(tables, dict) else [record]
    return {
        str(name).casefold(): "" if value is None else str(value)
        for part in parts
        if isinstance(part, dict)
        for name, value in part.items()
        if not isinstance(value, dict | list) and not str(name).startswith(("@", "_"))
    }


def _lines(rows: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()
