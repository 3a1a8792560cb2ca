# Jiayuan 家园. The two commands: `make run` starts the platform, `make test` runs every check and test.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.installed
MEASURED := var/measured

BUS     ?= local
PORT    ?= 8000
SIZE    ?= 1
SPEED   ?= 0
WORKERS ?= auto
CASES   ?= 10000
STEPS   ?= 10000
RUNS    ?= 20000
SEED    ?= 20261127
ROUNDS  ?= 3
SECONDS ?= 5
ROWS    ?= 1000000

# Compiled files make every start a second quicker, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test chaos bench fuzz check format contracts lock migration clean help

help:
	@sed -n 's/^## //p' Makefile

## make run [BUS=kafka] [PORT=8000]  start the whole platform on this machine
run: $(READY)
	@exec $(BIN)/jiayuan up --bus $(BUS) --port $(PORT)

## make demo [SIZE=1] [SPEED=0]      play a working day against the platform that runs
demo: $(READY)
	@$(BIN)/python -m services.demo --size $(SIZE) --speed $(SPEED) --url http://127.0.0.1:$(PORT)

## make test                         make check, then every test, Kafka included
test: check
	@rm -rf $(MEASURED)
	JIAYUAN_MEASURED=$(MEASURED) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --ignore=tests/gate tests libs
	$(BIN)/python -m tests.gate.coverage $(MEASURED)

## make chaos [BUS=kafka] [ONLY=kills] [SEED=1]  kill the platform under load, at full size; var/chaos.json
chaos: $(READY)
	@BUS=$(BUS) $(BIN)/python -m tests.chaos

## make bench [ONLY=intake_32,locate] [ROUNDS=3] [SECONDS=5] [ROWS=1000000] [DISK=1]  figures in var/bench.json
bench: $(READY)
	$(BIN)/python -m tests.bench --only "$(ONLY)" --rounds $(ROUNDS) --seconds $(SECONDS) --cases $(ROWS) $(if $(DISK),--disk)

## make fuzz [CASES=10000] [STEPS=10000] [RUNS=20000] [SEED=1]  generated requests, life cycles and parsers
fuzz: $(READY)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --require-hashes -r requirements-fuzz.lock
	FUZZ_CASES=$(CASES) FUZZ_STEPS=$(STEPS) SEED=$(SEED) $(BIN)/python -m pytest -p no:randomly --timeout=0 -v tests/fuzz
	@$(BIN)/python -m tests.fuzz.coverage_guided $(RUNS) $(SEED)

## make check                        style, types, imports, budgets, schema, contracts
check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m libs.common.events.contracts check
	$(BIN)/python -m pytest -q -n 2 -p no:randomly tests/gate

## make format                       put the code into shape
format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## make contracts                    write JSON Schemas, AsyncAPI and OpenAPI anew
contracts: $(READY)
	$(BIN)/python -m libs.common.events.contracts write

## make migration SERVICE=grid NAME="..."  write the next migration from the models
migration: $(READY)
	$(BIN)/jiayuan revise $(SERVICE) "$(NAME)"
	$(BIN)/ruff format -q .

## make lock                         pin every package anew (needs uv)
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --extra embedded --extra dev \
		--no-annotate --no-header pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --group fuzz \
		--no-annotate --no-header -o requirements-fuzz.lock

$(READY): requirements.lock pyproject.toml
	@echo "Preparing $(VENV): about two minutes the first time, from then on at once. 首次准备约两分钟。"
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
# The lock is complete, so nothing is resolved: a newer release of an extra's package cannot get in the way.
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar on --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $(READY)

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
