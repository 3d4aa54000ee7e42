# Every target sets up what it needs: a virtual environment in .venv with the project installed in it.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test test-slow test-search test-spark lint docs bench clean setup triton
.DEFAULT_GOAL := help

help:
	@echo "make setup      a virtual environment in .venv with Chorus and its tools"
	@echo "make demo       ingest a synthetic community and answer a question with citations"
	@echo "make test       lint, type check and tests"
	@echo "make test-slow  the tests that take minutes; CHORUS_CASES=N for so many cases of each generated one"
	@echo "make test-search  the property tests with new examples; CHORUS_SEARCH=N for N times as many"
	@echo "make test-spark  the same queries on Apache Spark (some 500 MB, and Java 17)"
	@echo "make docs       the reference manual in docs/reference, made from the sources"
	@echo "make bench      every benchmark; make bench-SUBJECT for one: $(notdir $(patsubst %/run.py,%,$(wildcard bench/*/run.py)))"

setup: $(READY)

# torch first and pinned: a plain resolve would fetch gigabytes of GPU libraries.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

demo: $(READY)
	@rm -rf .demo && mkdir -p .demo
	$(BIN)/chorus demo --messages 4000 --seed 7 --out .demo/export.json
	$(BIN)/chorus --workspace .demo/workspace examples/quickstart.sexp .demo/export.json

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .types/chorus

# Compiled first: tests start hundreds of processes, and where Python is told to write no bytecode each would compile anew.
test: lint
	@$(BIN)/python -m compileall -q __init__.py grammar interpreter kernels runtime stdlib tests
	$(BIN)/pytest -q -m "not slow" -n 2 --dist loadfile --max-worker-restart=0

test-slow: $(READY)
	$(BIN)/pytest -q -m slow

# New examples each time; CHORUS_SEARCH=N for N times as many.
test-search: $(READY)
	CHORUS_SEARCH=$${CHORUS_SEARCH:-10} $(BIN)/pytest -q -m "not slow" -n 2 --dist worksteal

docs: $(READY)
	$(BIN)/chorus doc --folder docs/reference

# The same queries on Apache Spark (some 500 MB, and Java 17).
test-spark: $(READY)
	$(BIN)/python -m pip install -q 'pyspark[connect]>=4'
	$(BIN)/pytest -q tests/test_spark.py

# GPU kernels without a GPU: Triton's interpreter runs them (some 1 GB).
triton: $(READY)
	$(BIN)/python -m pip install -q triton

bench: $(patsubst bench/%/run.py,bench-%,$(wildcard bench/*/run.py))

bench-lora-full: $(READY)
	$(BIN)/python bench/lora/run.py --full

bench-kernels-full: $(READY)
	$(BIN)/python bench/kernels/run.py --full

bench-%: $(READY)
	$(BIN)/python bench/$*/run.py

clean:
	rm -rf .venv .demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
