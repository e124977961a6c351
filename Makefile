# `make repro` runs the pipeline, `make test` the tests; both install what they need into .venv.
VENV := .venv
BIN := $(VENV)/bin
# A Python for .venv, as uv understands it: a range, a version or a path. uv downloads one where
# the machine has none that fits.
PYTHON ?= >=3.11,<3.14
# uv installs Python and packages. Where the machine has no uv, any python3 brings it to .uv.
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
INSTALL = $(UV) pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode
COMPILE = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--fork-strategy fewest --no-emit-index-url --custom-compile-command "make requirements"
PYTEST = $(BIN)/pytest --numprocesses $(or $(JOBS),auto) --dist loadgroup --no-loadscope-reorder

# An environment that the user has activated stays out of it.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
unexport PYTHONHOME PYTHONPATH

# What `make experiments` hides, by the beginning of a column: files, and scores that say little.
HIDDEN = .*/|requirements|params.yaml|Created|State|Executor|accuracy_|calibration_error|train_accuracy

.PHONY: help repro check test nightly verify experiments leaderboard compare draw cluster benchmark \
	requirements clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

repro: $(VENV)/installed ## run the pipeline: only what changed since the last run
	@$(BIN)/python -m tools.repair
	$(BIN)/dvc repro

check: $(VENV)/installed-dev ## format, lint, types and the fast tests: a minute
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(PYTEST) -m "not slow"

test: $(VENV)/installed-dev ## the same with all tests but the nightly ones
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin stages tools
	$(BIN)/mypy --platform win32 stages tools
	$(PYTEST)

nightly: $(VENV)/installed-dev ## kill the pipeline, fill its disk, damage its cache
	$(PYTEST) -m nightly

verify: $(VENV)/installed ## rebuild a commit from scratch, and compare: REV=HEAD
	@$(VENV)/bin/python -m tools.verify $(REV)

experiments: $(VENV)/installed ## list this commit's experiments, the most accurate first
	@$(VENV)/bin/dvc exp show --only-changed --hide-failed --sort-by accuracy --sort-order desc \
		--drop '$(HIDDEN)'

leaderboard: $(VENV)/installed ## rank them: mean and standard deviation over the seeds
	@$(VENV)/bin/python -m tools.leaderboard

compare: $(VENV)/installed ## compare the best experiment, or EXP=name, with the last commit
	@best="$${EXP:-$$($(VENV)/bin/python -m tools.leaderboard --best)}" && [ "$$best" ] && \
	$(VENV)/bin/dvc exp diff HEAD "$$best" && $(VENV)/bin/dvc plots diff HEAD "$$best"

draw: $(VENV)/installed ## write draw.html, where the network reads what you draw
	@$(BIN)/python -m tools.draw

cluster: $(VENV)/installed-cluster ## start Dask workers on this machine, one a core: Ctrl-C ends
	@$(BIN)/python -m tools.cluster

benchmark: $(VENV)/installed-dev ## compare pipeline and classifiers with plain scripts: 35 minutes
	$(BIN)/python -m benchmarks.classifiers

requirements: $(VENV)/installed-dev ## compile requirements*.txt from requirements*.in
	$(COMPILE) requirements.in --output-file requirements.txt
	$(COMPILE) requirements-cluster.in --output-file requirements-cluster.txt
	$(COMPILE) requirements-dev.in --output-file requirements-dev.txt

clean: ## remove the environment; outputs and DVC's cache stay
	rm -rf $(VENV) .uv

# A new list of packages gets a new environment, so that nothing of the old one is left.
$(VENV)/installed: requirements.txt | $(UV)
	@found=$$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo missing); \
	case "$$found" in 3.11|3.12|3.13) ;; *) \
	echo "python3 is $$found; uv looks for Python $(PYTHON), or downloads it";; esac
	$(UV) venv --quiet --clear --python '$(PYTHON)' $(VENV)
	@echo "installing the packages into $(VENV): TensorFlow alone is a download of 274 MB or more"
	$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/installed-cluster: requirements-cluster.txt $(VENV)/installed | $(UV)
	$(INSTALL) -r requirements.txt -r requirements-cluster.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed-cluster | $(UV)
	$(INSTALL) -r requirements.txt -r requirements-cluster.txt -r requirements-dev.txt
	@touch $@

.uv/bin/uv:
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9 || \
	{ echo "error: no uv, and python3 cannot install it; see https://docs.astral.sh/uv" >&2; exit 1; }
