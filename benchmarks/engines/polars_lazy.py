"""Polars, lazy: the set-based way, marks put between two asked days by one grouping and added up."""

from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa

from benchmarks.engines.engine import Engine
from benchmarks.questions import BANDS, FIGURES, GROUPINGS, LEVEL_BOUNDS

_KINDS = ("absent", "excused", "unexcused", "disciplinary")


class PolarsLazy(Engine):
    """Polars."""

    name = "Polars, lazy"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tables = {
            name: pl.from_arrow(self.table(name)) for name in ("students", "spans", "marks", "calendar", "taken")
        }

    def one_day(self, as_of: date) -> dict[str, pa.Table]:
        """Standings and groups."""
        standing = self._standings([as_of])
        return {"standings": standing.to_arrow(), "groups": self._groups(standing).to_arrow()}

    def thirteen(self, days: list[date]) -> dict[str, pa.Table]:
        """Groups."""
        return {"groups": self._groups(self._standings(days)).to_arrow()}

    def _standings(self, days: list[date]) -> pl.DataFrame:
        asked = pl.DataFrame({"as_of": days}, schema={"as_of": pl.Date}).lazy()
        places = self._places(asked)
        missed = self._missed(asked)
        truants = self._truants()
        table = (
            places.join(missed, on=["student_id", "as_of"], how="left")
            .with_columns(pl.col(_KINDS).fill_null(0))
            .sort("student_id", "as_of")
            .with_columns(pl.col(_KINDS).cum_sum().over("student_id"))
            .join(self.tables["students"].lazy(), on="student_id")
            .join(truants, on="student_id", how="left")
        )
        return self._judged(table).collect()

    def _judged(self, table: pl.LazyFrame) -> pl.LazyFrame:
        absent, reported = pl.col("absent"), pl.col("reported")
        born, asked = pl.col("birth_date"), pl.col("as_of")
        had_birthday = (
            born.dt.month().cast(pl.Int32) * 100 + born.dt.day()
            <= asked.dt.month().cast(pl.Int32) * 100 + asked.dt.day()
        )
        age = asked.dt.year() - born.dt.year() - (~had_birthday).cast(pl.Int32)
        level = pl.lit("L1")
        for number, bound in enumerate(LEVEL_BOUNDS, start=2):
            level = pl.when(absent >= bound).then(pl.lit(f"L{number}")).otherwise(level)
        band = pl.when(20 * absent >= reported).then(pl.lit(BANDS[1])).otherwise(pl.lit(BANDS[0]))
        for times, name in ((10, BANDS[2]), (5, BANDS[3])):
            band = pl.when(times * absent >= reported).then(pl.lit(name)).otherwise(band)
        return table.select(
            "student_id",
            "as_of",
            "school_id",
            "grade",
            "is_enrolled",
            "race",
            "sex",
            "frl",
            days_enrolled="enrolled",
            days_unreported=pl.col("enrolled") - reported,
            days_absent="absent",
            days_excused="excused",
            days_unexcused="unexcused",
            days_disciplinary="disciplinary",
            level=level,
            band=pl.when(reported == 0).then(pl.lit("")).otherwise(band),
            is_chronic=((reported >= 10) & (10 * absent >= reported)).cast(pl.Int64),
            is_truant=((pl.col("truant_on") <= asked) & age.is_between(5, 18)).fill_null(False).cast(pl.Int64),
        )

    def _places(self, asked: pl.LazyFrame) -> pl.LazyFrame:
        """School, and days enrolled and reported, of each student and asked day, from prefix sums of the calendars."""
        opened = self.tables["calendar"].lazy().with_columns(opened=1)
        taken = self.tables["taken"].lazy().with_columns(taken=1)
        every = opened.select("school_id").unique().join(opened.select("date").unique(), how="cross")
        sums = (
            every.join(opened, on=["school_id", "date"], how="left")
            .join(taken, on=["school_id", "date"], how="left")
            .sort("school_id", "date")
            .with_columns(pl.col("opened", "taken").fill_null(0).cum_sum().over("school_id"))
            .sort("date")
        )
        spans = self.tables["spans"].lazy().join(asked, how="cross").filter(pl.col("entry_date") <= pl.col("as_of"))
        spans = spans.with_columns(
            until=pl.min_horizontal("as_of", pl.col("last_member_date").fill_null(pl.col("as_of"))),
            before=pl.col("entry_date").dt.offset_by("-1d"),
            is_enrolled=(pl.col("last_member_date").fill_null(pl.col("as_of")) >= pl.col("as_of")).cast(pl.Int64),
        )
        spans = spans.sort("until").join_asof(sums, left_on="until", right_on="date", by="school_id").drop("date")
        spans = spans.sort("before").join_asof(
            sums, left_on="before", right_on="date", by="school_id", suffix="_before"
        )
        counted = spans.with_columns(
            enrolled=pl.col("opened") - pl.col("opened_before").fill_null(0),
            reported=pl.col("taken") - pl.col("taken_before").fill_null(0),
        )
        return (
            counted.group_by("student_id", "as_of")
            .agg(
                pl.col("enrolled").sum(),
                pl.col("reported").sum(),
                pl.col("school_id").get(pl.col("entry_date").arg_max()),
                pl.col("is_enrolled").get(pl.col("entry_date").arg_max()),
            )
            .filter(pl.col("enrolled") > 0)
        )

    def _absences(self) -> pl.LazyFrame:
        marks = self.tables["marks"].lazy()
        marks = marks.filter((pl.col("category") != "tardy") & (2 * pl.col("portion_num") > pl.col("portion_den")))
        is_disciplinary, is_excused = pl.col("disciplinary") == 1, pl.col("excused") == 1
        return marks.select(
            "student_id",
            "date",
            absent=pl.lit(1, pl.Int64),
            excused=(is_excused & ~is_disciplinary).cast(pl.Int64),
            unexcused=(~is_excused & ~is_disciplinary).cast(pl.Int64),
            disciplinary=is_disciplinary.cast(pl.Int64),
        )

    def _missed(self, asked: pl.LazyFrame) -> pl.LazyFrame:
        marks = self._absences().sort("date")
        marks = marks.join_asof(asked.sort("as_of"), left_on="date", right_on="as_of", strategy="forward")
        return marks.drop_nulls("as_of").group_by("student_id", "as_of").agg(pl.col(_KINDS).sum())

    def _truants(self) -> pl.LazyFrame:
        missed = self._absences().filter(pl.col("unexcused") == 1).sort("student_id", "date")
        fourth, number = pl.col("date").shift(3).over("student_id"), pl.int_range(pl.len()).over("student_id")
        reached = missed.filter(((pl.col("date") - fourth) <= pl.duration(days=29)) | (number >= 9))
        return reached.group_by("student_id").agg(truant_on=pl.col("date").min())

    def _groups(self, standing: pl.DataFrame) -> pl.DataFrame:
        enrolled = standing.lazy().filter(pl.col("is_enrolled") == 1)
        figures = [
            pl.len().alias("students"),
            pl.col("is_chronic").sum().alias("chronic"),
            pl.col("is_truant").sum().alias("truant"),
        ]
        figures += [pl.col(name).sum() for name in FIGURES[3:]]
        parts = []
        for by in GROUPINGS:
            made = enrolled.group_by("as_of", *by).agg(figures)
            key = pl.concat_str(list(by), separator="|").alias("key")
            parts.append(made.select("as_of", pl.lit("+".join(by)).alias("grouping"), key, *FIGURES))
        return pl.concat(pl.collect_all(parts))
