"""What a district's analyst writes: a row a student and school day, marks merged on, then a group-by a date."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.engines.engine import Engine
from benchmarks.questions import BANDS, FIGURES, GROUPINGS, LEVEL_BOUNDS


class PandasScript(Engine):
    """pandas."""

    name = "pandas, an analyst's script"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.students, self.spans, self.marks, self.calendar, self.taken = (
            self.table(name).to_pandas() for name in ("students", "spans", "marks", "calendar", "taken")
        )
        for table, names in ((self.marks, ["date"]), (self.calendar, ["date"]), (self.taken, ["date"])):
            table[names] = table[names].apply(pd.to_datetime)
        for table, names in ((self.spans, ["entry_date", "last_member_date"]), (self.students, ["birth_date"])):
            table[names] = table[names].apply(pd.to_datetime)

    def one_day(self, as_of: date) -> dict[str, pa.Table]:
        """Standings and groups."""
        standing = self._standings(self._days(), as_of)
        groups = self._groups(standing, as_of)
        return {"standings": pa.Table.from_pandas(standing), "groups": pa.Table.from_pandas(groups)}

    def thirteen(self, days: list[date]) -> dict[str, pa.Table]:
        """Groups; the long table is made once."""
        long = self._days()
        made = [self._groups(self._standings(long, day), day) for day in days]
        return {"groups": pa.Table.from_pandas(pd.concat(made, ignore_index=True))}

    def _days(self) -> pd.DataFrame:
        """One row a student and school day, with what was missed."""
        long = self.spans.merge(self.calendar, on="school_id")
        last = long["last_member_date"].fillna(pd.Timestamp.max)
        long = long[(long["date"] >= long["entry_date"]) & (long["date"] <= last)]
        long = long.merge(self.taken.assign(reported=1), on=["school_id", "date"], how="left")
        marks = self.marks[self.marks["category"] != "tardy"]
        marks = marks[2 * marks["portion_num"] > marks["portion_den"]]
        marks = marks.assign(absent=1)[["student_id", "date", "absent", "excused", "disciplinary"]]
        long = long.merge(marks, on=["student_id", "date"], how="left")
        numbers = ["reported", "absent", "excused", "disciplinary"]
        long[numbers] = long[numbers].fillna(0).astype(int)
        long["unexcused"] = ((long["absent"] == 1) & (long["excused"] == 0) & (long["disciplinary"] == 0)).astype(int)
        return long

    def _standings(self, long: pd.DataFrame, as_of: date) -> pd.DataFrame:
        asked = pd.Timestamp(as_of)
        so_far = long[long["date"] <= asked]
        sums = so_far.groupby("student_id")[["reported", "absent", "excused", "unexcused", "disciplinary"]].sum()
        sums["days_enrolled"] = so_far.groupby("student_id").size()
        spans = self.spans[self.spans["entry_date"] <= asked].sort_values("entry_date")
        place = spans.groupby("student_id").last(skipna=False)
        place["is_enrolled"] = (place["last_member_date"].isna() | (place["last_member_date"] >= asked)).astype(int)
        table = sums.join(place[["school_id", "is_enrolled"]]).join(self.students.set_index("student_id"))
        table["days_unreported"] = table["days_enrolled"] - table["reported"]
        table = table.rename(
            columns={name: f"days_{name}" for name in ("absent", "excused", "unexcused", "disciplinary")}
        )
        absent, reported = table["days_absent"], table["reported"]
        table["level"] = pd.cut(
            absent, [-1, *(b - 1 for b in LEVEL_BOUNDS), 999], labels=[f"L{n}" for n in range(1, 7)]
        )
        conditions = [reported == 0, 5 * absent >= reported, 10 * absent >= reported, 20 * absent >= reported]
        table["band"] = np.select(conditions, ["", *BANDS[:0:-1]], BANDS[0])
        table["is_chronic"] = ((reported >= 10) & (10 * absent >= reported)).astype(int)
        table["is_truant"] = self._truant(so_far, asked).reindex(table.index, fill_value=0)
        return table.reset_index().assign(level=lambda t: t["level"].astype(str))

    def _truant(self, so_far: pd.DataFrame, asked: pd.Timestamp) -> pd.Series:
        missed = so_far[so_far["unexcused"] == 1].sort_values(["student_id", "date"])
        by_student = missed.groupby("student_id")["date"]
        in_month = missed["date"] - by_student.shift(3) <= pd.Timedelta(days=29)
        reached = missed[in_month | (by_student.cumcount() >= 9)]["student_id"].unique()
        born = self.students.set_index("student_id").loc[reached, "birth_date"]
        had_birthday = (born.dt.month * 100 + born.dt.day) <= asked.month * 100 + asked.day
        age = asked.year - born.dt.year - (~had_birthday).astype(int)
        return age.between(5, 18).astype(int)

    def _groups(self, standing: pd.DataFrame, as_of: date) -> pd.DataFrame:
        enrolled = standing[standing["is_enrolled"] == 1].assign(students=1)
        enrolled = enrolled.rename(columns={"is_chronic": "chronic", "is_truant": "truant"})
        parts = []
        for by in GROUPINGS:
            part = enrolled.groupby(list(by))[list(FIGURES)].sum().reset_index()
            key = part[by[0]] if len(by) == 1 else part[by[0]] + "|" + part[by[1]]
            parts.append(part.assign(as_of=as_of, grouping="+".join(by), key=key))
        return pd.concat(parts, ignore_index=True)
