"""The same homes by Spark, two executors, and in process: packing and measures equal bit for bit."""

from functools import partial
from pathlib import Path

import pytest

from allpresent.measures import MeasureError, measure_many
from tests.measures.many import groups_of, make_homes, standings_of, strips_of

pytest.importorskip("pyspark", reason="`make test-spark` installs Spark")


@pytest.mark.parametrize("question", ["standings", "groups", "strips"])
def test_spark_gives_what_this_process_gives(spark: object, tmp_path: Path, question: str) -> None:
    homes, day = make_homes(tmp_path)
    ask = {"standings": partial(standings_of, day), "groups": partial(groups_of, day), "strips": strips_of}[question]
    by_spark, here = measure_many(homes, ask, engine="spark"), measure_many(homes, ask)
    assert by_spark.schema.equals(here.schema)
    assert by_spark.combine_chunks().equals(here.combine_chunks())
    assert here.num_rows


def test_a_home_that_cannot_be_measured_is_named_by_spark_too(spark: object, tmp_path: Path) -> None:
    homes, day = make_homes(tmp_path)
    with pytest.raises(MeasureError, match="darien: Nothing has been posted yet"):
        measure_many(homes | {"darien": tmp_path / "darien"}, partial(standings_of, day), engine="spark")
