# `make repro` runs the pipeline, `make test` the tests; both install what they need into .venv.
PYTHON ?= python3
VENV := .venv
PIP = $(VENV)/bin/pip --quiet --disable-pip-version-check install
UV = $(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--fork-strategy fewest --no-emit-index-url --custom-compile-command "make requirements"
SUPPORTED = import sys; print(sys.version_info[:2] in [(3, 11), (3, 12), (3, 13)] or sys.version.split()[0])
FOUND = $(shell ($(PYTHON) -c '$(SUPPORTED)') 2>/dev/null)

# An environment that the user has activated, or asked pip to install into, stays out of it.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
unexport PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX

# What `make experiments` hides, by the beginning of a column: files, and scores that say little.
HIDDEN = .*/|requirements|Created|State|Executor|accuracy_|calibration_error|train_accuracy

.PHONY: help repro verify experiments league compare test benchmark requirements clean

help: ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

repro: $(VENV)/installed ## run the pipeline: what changed since the last run, and no more
	@$(VENV)/bin/python -m tools.mend
	$(VENV)/bin/dvc repro

verify: $(VENV)/installed ## run a commit again from nothing, and compare: REV=HEAD
	@$(VENV)/bin/python -m tools.verify $(REV)

experiments: $(VENV)/installed ## list this commit's experiments, the most accurate first
	@$(VENV)/bin/dvc exp show --only-changed --hide-failed --sort-by accuracy --sort-order desc \
		--drop '$(HIDDEN)'

league: $(VENV)/installed ## rank them: mean and standard deviation over the seeds
	@$(VENV)/bin/python -m tools.league

compare: $(VENV)/installed ## compare the best experiment, or EXP=name, with the last commit
	@best="$${EXP:-$$($(VENV)/bin/python -m tools.league --best)}" && [ "$$best" ] && \
	$(VENV)/bin/dvc exp diff HEAD "$$best" && $(VENV)/bin/dvc plots diff HEAD "$$best"

test: $(VENV)/installed-dev ## lint, check the types, run all tests
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/mypy --platform darwin --cache-dir .mypy_cache/darwin stages tools
	$(VENV)/bin/mypy --platform win32 --cache-dir .mypy_cache/win32 stages tools
	$(VENV)/bin/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

benchmark: $(VENV)/installed ## compare pipeline and classifiers with plain scripts: 35 minutes
	$(VENV)/bin/python -m benchmarks.article
	$(VENV)/bin/python -m benchmarks.classifiers

requirements: $(VENV)/installed-dev ## compile requirements*.txt from requirements*.in
	$(UV) requirements.in --output-file requirements.txt
	$(UV) requirements-dev.in --output-file requirements-dev.txt

clean: ## remove the environment; outputs and cache stay
	rm -rf $(VENV)

# A new list of packages gets a new environment, so that nothing of the old one lingers.
$(VENV)/installed: requirements.txt
	$(if $(filter True,$(FOUND)),,$(error $(PYTHON) is $(or $(FOUND),not there); \
	expected Python 3.11, 3.12 or 3.13: make PYTHON=python3.13 $(MAKECMDGOALS)))
	@echo "installing into $(VENV): a download of about 800 MB, some minutes"
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(PIP) -r requirements.txt -r requirements-dev.txt
	@touch $@
