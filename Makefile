# Two commands: `make demo` serves the synthetic district, `make test` proves everything.
# Python re-compiles every module at each start where the environment forbids bytecode; that costs seconds a command.
export PYTHONDONTWRITEBYTECODE=
PYTHON ?= python3
PY = .venv/bin/python

.PHONY: demo test test-long test-spark bench bench-state check fix lock clean

demo: .venv/.run ## Make the synthetic district, load it and serve it on 127.0.0.1
	@ALLPRESENT_HOME=$${ALLPRESENT_HOME:-var/demo} $(PY) -m allpresent demo

# tests/house has run in check.
test: .venv/.dev check ## Everything: on SQLite and on PostgreSQL, with a real browser
	@$(PY) tools/ensure_programs.py
	@echo "Tests on SQLite, browser included"
	@$(PY) -m pytest -q -n 2 --dist loadgroup --ignore=tests/house --ignore=tests/spark
	@echo "Tests of the records and pages on PostgreSQL"
	@$(PY) tools/with_postgres.py $(PY) -m pytest -q -n 2 --dist loadgroup -m "not browser" tests/roster tests/access tests/casework tests/nightly tests/web

test-long: .venv/.dev ## The long campaigns: thousands of drawn districts, hundreds of kills
	@$(PY) tools/ensure_programs.py
	@ALLPRESENT_EXAMPLES=2000 ALLPRESENT_KILLS=200 $(PY) -m pytest -q -n 2 -s tests/measures/test_twin.py tests/casework tests/functional/test_kill.py tests/functional/test_kill_backup.py tests/ledger/test_integrity.py tests/intake/test_attendance_facts.py tests/faults tests/faults/long_upgrades.py \
		tests/intake/conformance tests/intake/test_edfi_broken.py tests/intake/test_delta.py tests/intake/test_unpacking.py

test-spark: .venv-spark/.made ## Posting and measures by Spark, two executors on this machine; takes minutes
	@.venv-spark/bin/python tools/ensure_java.py
	@SPARK_LOCAL_IP=127.0.0.1 .venv-spark/bin/python -m pytest -q -p no:xdist tests/spark

bench: .venv-bench/.made ## Ratios to other engines at a district's size: minutes
	@.venv-bench/bin/python -W ignore -m benchmarks --size district

bench-state: .venv-bench/.made ## The same at a state's size: an hour, 16 GB of memory
	@.venv-bench/bin/python -W ignore -m benchmarks --size state

check: .venv/.dev ## Lint, types, imports, migrations, docs drift
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy allpresent
	@.venv/bin/lint-imports --no-cache
	@$(PY) manage.py makemigrations --check --dry-run -v 0
	@$(PY) -m pytest -q tests/house

fix: .venv/.dev ## Put the code in order
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

lock: .venv/.boot ## Pin the dependencies anew, with hashes and without addresses
	@.venv/bin/uv pip compile -q --universal --no-header --generate-hashes pyproject.toml -o requirements.lock
	@.venv/bin/uv pip compile -q --universal --no-header --generate-hashes --extra edfi --group dev pyproject.toml -o requirements-dev.lock
	@.venv/bin/uv pip compile -q --universal --no-header --generate-hashes --group bench pyproject.toml -o requirements-bench.lock
	@.venv/bin/uv pip compile -q --universal --no-header --generate-hashes --group spark --group dev pyproject.toml -o requirements-spark.lock

clean: ## Remove the environment and the demo
	rm -rf .venv .venv-bench .venv-spark var

# What make keeps: the first environment serves, the second also tests. Installing the smaller set never takes away.
.venv/.boot:
	@echo "Making a virtual environment"
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install -q uv==0.13.9
	@touch $@

.venv/.run: .venv/.boot requirements.lock
	@echo "Installing the dependencies of requirements.lock"
	@.venv/bin/uv pip install -q --require-hashes --python $(PY) -r requirements.lock
	@touch $@

.venv/.dev: .venv/.boot requirements-dev.lock
	@echo "Installing the dependencies of requirements-dev.lock"
	@.venv/bin/uv pip install -q --require-hashes --python $(PY) -r requirements-dev.lock
	@touch $@ .venv/.run

# Environments of their own: nothing of them is needed to run or to test.
.venv-bench/.made: .venv/.boot requirements-bench.lock
	@echo "Installing the dependencies of requirements-bench.lock"
	@$(PYTHON) -m venv .venv-bench
	@.venv/bin/uv pip install -q --require-hashes --python .venv-bench/bin/python -r requirements-bench.lock
	@touch $@

.venv-spark/.made: .venv/.boot requirements-spark.lock
	@echo "Installing the dependencies of requirements-spark.lock, Spark among them"
	@$(PYTHON) -m venv .venv-spark
	@.venv/bin/uv pip install -q --require-hashes --python .venv-spark/bin/python -r requirements-spark.lock
	@touch $@
