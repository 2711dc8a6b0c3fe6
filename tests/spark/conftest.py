"""One Spark application for all tests here: two executors in processes of their own, on this machine alone."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="session")
def spark() -> Iterator[object]:
    """The session that ``measure_many`` finds running."""
    from pyspark.sql import SparkSession

    os.environ |= {
        "SPARK_LOCAL_IP": LOOPBACK,
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
    }
    builder = SparkSession.builder.master("local-cluster[2,1,800]").appName("allpresent tests")
    for name, value in {
        "spark.driver.host": LOOPBACK,
        "spark.driver.bindAddress": LOOPBACK,
        "spark.executor.memory": "800m",
        "spark.executorEnv.PYTHONPATH": str(ROOT),
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.default.parallelism": "4",
        "spark.network.timeout": "600s",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
