# `make` lists the targets. Nothing here needs root; `make test` uses root, where it has it, for Debian's mosquitto.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test simulate chaos bench damage overload check format system lock clean FORCE

VENV := .venv
BIN := $(VENV)/bin
# Twice quiet: errors are shown, warnings about the index that this machine is set up with are not.
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
# `hotline` with its shebang and the editable install both hold this folder's path: a copied or moved folder starts anew,
# and so does one whose Python was removed.
STALE := $(if $(wildcard $(VENV)),$(shell [ -x $(BIN)/python ] && [ "$$(cat $(VENV)/.place 2>/dev/null)" = "$(CURDIR)" ] || echo FORCE))
# mypy refuses a folder without Python files.
TYPED := hotline tests $(sort $(wildcard protocol/*.py protocol/*/*.py examples/*.py examples/*/*.py))

help:  ## this list
	@echo "Hotline. First use builds .venv from the hashed lock; no other step is needed."
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.user  ## the events of November 2024 as they should have been, both sides, proven (KEEP=1 keeps the evidence)
	@$(BIN)/python examples/acceptance.py $(if $(KEEP),--keep)

test: system $(VENV)/.test  ## all tests (ARGS="-k tree" to choose)
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

chaos: system $(VENV)/.test  ## real processes killed, cut off, short of disk, set back, 500 times (ARGS="--trials N --seed S")
	@$(BIN)/python -m tests.chaos $(ARGS)

simulate: $(VENV)/.test  ## two stations under every fault, 1,000 seeds (SEEDS=0-9999 for more, SEED=n plays one step by step)
	@$(BIN)/python -m tests.simulation $(or $(SEED),$(SEEDS),0-999) $(ARGS)

bench: $(VENV)/.test  ## time the commands on a store of 100,000 notices, some ten minutes (ARGS="--folder F" keeps it)
	@$(BIN)/python -m tests.benchmarks.speed $(ARGS)

damage: $(VENV)/.test  ## every step of two stations failed, every byte of a home turned and cut, half a day (ARGS="-k step")
	@DAMAGE=every $(BIN)/python -m pytest -n 2 --dist worksteal -o faulthandler_timeout=0 tests/faults $(ARGS)

overload: system $(VENV)/.test  ## garbage, flooding and mute peers, 100,000 queued: what they cost, some ten minutes (ARGS="garbage")
	@$(BIN)/python -m tests.benchmarks.overload $(ARGS)

check: $(VENV)/.test  ## lint, format and strict types
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Some files are not formatted. Run: make format"; exit 1; }
	@$(BIN)/mypy --no-error-summary $(TYPED)
	@echo "check: ruff, format and mypy --strict are clean"

format: $(VENV)/.test  ## put the code in form
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

# Debian starts what it installs; for this one call policy-rc.d says no, and the broker is taken off the boot list,
# so that no mosquitto of the system answers on a port that a test believes its own.
system:  ## the Debian package that tests need beside Python: mosquitto
	@if PATH="$$PATH:/usr/sbin:/sbin" command -v mosquitto >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "mosquitto is not installed, and installing it needs root on a Debian machine. Run as root: apt-get install mosquitto"; \
	    [ "$${CI:-}" = true ] && exit 1; \
	    echo "Going on: the tests against mosquitto will be skipped."; exit 0; \
	fi; \
	set -eu; \
	echo "Installing Debian's mosquitto, which the relay tests start as a process of their own."; \
	if [ ! -e /usr/sbin/policy-rc.d ]; then \
	    trap 'rm -f /usr/sbin/policy-rc.d' EXIT; trap 'exit 1' HUP INT TERM; \
	    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 0755 /usr/sbin/policy-rc.d; \
	fi; \
	apt-get -qq update; \
	DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends mosquitto >/dev/null; \
	systemctl --quiet disable mosquitto >/dev/null 2>&1 || true

# Prefers the pins that are there; UPGRADE=1 takes the newest. The test lock is held to the user lock's versions,
# so that what is tested is what is used.
COMPILE = uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) pyproject.toml
lock:  ## write both hashed locks anew from pyproject.toml (UPGRADE=1 for the newest versions)
	@command -v uv >/dev/null || { echo "uv is not on the path. It is needed for this target alone: pip install uv"; exit 1; }
	@$(COMPILE) --extra build --output-file requirements.txt
	@$(COMPILE) --extra build --extra test --constraints requirements.txt --output-file requirements-test.txt

clean:  ## remove whatever these targets made
	@rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.* htmlcov
	@find $(wildcard hotline protocol tests examples) -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment -------------------------------------------------------------------------------------------------

$(VENV)/.user: requirements.txt pyproject.toml $(STALE)
	@$(call install,requirements.txt)
	@touch $@

# The test lock holds all of the user lock.
$(VENV)/.test: requirements-test.txt pyproject.toml $(STALE)
	@$(call install,requirements-test.txt)
	@touch $(VENV)/.user $@

# hatchling is in the lock, so building our own package fetches nothing (`--no-index` holds it to that).
define install
set -eu; \
$(if $(STALE),echo "$(VENV) belongs to another folder or its Python is gone: building it anew."; rm -rf $(VENV);) \
if [ -e $(VENV)/.place ]; then echo "Bringing $(VENV) up to $(1), each package checked against its hash."; \
else \
    $(find_python); \
    echo "First use: installing $$(grep -c '^[a-z].*==' $(1)) packages into $(VENV), each checked against its hash in $(1)."; \
    echo "They are downloaded once, 25 to 60 MB; that takes half a minute or so. Nothing outside this folder is changed."; \
    rm -rf $(VENV); "$$python" -m venv $(VENV); \
fi; \
$(PIP) install --progress-bar off --require-hashes --requirement $(1) \
    || { echo "The packages in $(1) could not be installed; what pip said is above. Once it is mended, run the same command again."; exit 1; }; \
$(PIP) install --no-index --no-deps --no-build-isolation --editable .; \
printf '%s' "$(CURDIR)" > $(VENV)/.place
endef

# A candidate is run, not only found: a version manager's shim is on the path of every version, whether there or not.
define find_python
python=; novenv=; \
for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
    "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
    if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; else novenv=$$candidate; fi; \
done; \
if [ -z "$$python" ] && [ -n "$$novenv" ]; then \
    echo "$$novenv has no venv module. On Debian and Ubuntu it is a package: apt-get install python3-venv"; exit 1; \
elif [ -z "$$python" ]; then \
    echo "Hotline needs Python 3.11 or newer, and none of $(or $(PYTHON),python3 python3.13 python3.12 python3.11) is one. Name one: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3"; exit 1; \
fi
endef
