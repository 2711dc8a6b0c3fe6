"""Spark as a peer of the benchmarks: by the SQL the others are given, it answers as we do."""

from pathlib import Path

import pytest

from benchmarks.measuring import Contender, side_by_side
from benchmarks.storing import days_asked, stored
from benchmarks.suite.peers import OURS, available

pytest.importorskip("pyspark", reason="`make test-spark` installs Spark")


@pytest.mark.parametrize("method", ["one_day", "thirteen"])
def test_spark_as_a_peer_gives_our_answers(tmp_path: Path, method: str) -> None:
    folder = stored("tiny", tmp_path)
    one, thirteen = days_asked(folder)
    asked = (one,) if method == "one_day" else (thirteen,)
    paths = [OURS, *available(["spark_sql:SparkSQL"])]
    lines, answers = side_by_side([Contender(path, method, asked) for path in paths], folder, 1)
    assert [line.engine for line in lines] == ["All Present (strips)", "Spark, shared SQL"]
    assert answers["Spark, shared SQL"]["groups"].num_rows > 100
