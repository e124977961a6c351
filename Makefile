# `make repro` runs the pipeline, `make test` the tests; both install what they need into .venv.
BIN := .venv/bin
# uv installs Python and packages. Where the machine has no uv, any python3 brings it to .uv.
UV := $(or $(filter-out $(CURDIR)/$(BIN)/uv,$(shell command -v uv 2>/dev/null)),.uv/bin/uv)
# An environment keeps its Python until `make clean`: for another one, uv would delete it.
SYNC = $(UV) sync --quiet --frozen --compile-bytecode $(addprefix -p,$(wildcard $(BIN)/python))
# A link, or what another tool made, is the user's.
OURS = [ ! -L .venv ] && { [ ! -e .venv ] || grep -qs '^uv = ' .venv/pyvenv.cfg; } || \
	{ echo "error: .venv is not uv's: move it, or install requirements.txt in it" >&2; exit 1; }
PYTEST = $(BIN)/pytest --numprocesses $(or $(JOBS),auto) --dist loadgroup --no-loadscope-reorder
# What `make experiments` hides, by the beginning of a column: files, and scores that say little.
HIDDEN = .*/|requirements|params.yaml|Created|State|Executor|accuracy_|calibration_error|(train|balanced)_accuracy|macro_f1
# An environment that the user has activated stays out of it.
$(if $(findstring :,$(CURDIR)),$(error $(CURDIR): PATH cannot hold a colon; move the project))
export PATH := $(CURDIR)/$(BIN):$(PATH)
export UV_PROJECT_ENVIRONMENT := .venv
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONWARNINGS VIRTUAL_ENV
.PHONY: help repro lint check test nightly verify experiments leaderboard compare kernel draw \
	benchmark cluster requirements clean
help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20
repro: .venv/installed ## run the pipeline: only what changed since the last run
	@$(BIN)/python -m tools.repair
	$(BIN)/dvc repro
lint: .venv/installed-dev
	$(BIN)/ruff format --check && $(BIN)/ruff check && $(BIN)/mypy
check: lint ## check format, lint and types, and run the fast tests
	$(PYTEST) -m "not slow and not nightly"
test: lint ## the same with all tests but the nightly ones
	$(PYTEST)
nightly: .venv/installed-dev ## check other systems' types; kill the pipeline, damage its cache
	for system in darwin win32; do $(BIN)/mypy --platform $$system stages tools || exit; done
	$(PYTEST) -m nightly --timeout 3600
verify: .venv/installed ## rebuild a commit from scratch, and compare: REV=HEAD
	@$(BIN)/python -m tools.verify $(REV)
experiments: .venv/installed ## list this commit's experiments, the most accurate first
	@$(BIN)/dvc exp show --only-changed --hide-failed --sort-by accuracy --sort-order desc \
		--drop '$(HIDDEN)'
leaderboard: .venv/installed ## rank them: mean and standard deviation over the seeds
	@$(BIN)/python -m tools.leaderboard
compare: .venv/installed ## compare the best experiment, or EXP=name, with the last commit
	@best="$${EXP:-$$($(BIN)/python -m tools.leaderboard --best)}" && [ "$$best" ] && \
	$(BIN)/dvc exp diff HEAD "$$best" && $(BIN)/dvc plots diff HEAD "$$best"
kernel: .venv/installed-notebook ## make this environment a kernel of Jupyter
	@$(BIN)/python -m ipykernel install --user --name digit-recognizer
draw: .venv/installed ## write draw.html, where the network reads what you draw
	@$(BIN)/python -m tools.draw
cluster: .venv/installed-cluster ## start Dask workers on this machine, one a core: Ctrl-C ends
	@$(BIN)/python -m tools.cluster
benchmark: .venv/installed-dev ## compare the pipeline with the article's recipe as one script
	$(BIN)/python -m benchmarks.pipeline
requirements: .venv/installed-dev ## lock what pyproject.toml names; UPGRADE=--upgrade: the newest
	$(BIN)/uv lock $(UPGRADE)
	$(BIN)/uv export --quiet --frozen --no-annotate --output-file requirements.txt
	$(BIN)/uv export --quiet --frozen --no-annotate --only-group uv --output-file tools/uv.txt
clean: ## remove the environment; outputs and DVC's cache stay
	@$(OURS)
	rm -rf .venv .uv

# After a new lock, nothing else stays in .venv, unless it was there before the first one.
.venv/installed: uv.lock | $(UV)
	@$(OURS); echo "installing packages into .venv: TensorFlow alone is a download of 274 MB or more"
	$(SYNC) $(if $(wildcard $@),,--inexact)
	@touch $@
.venv/installed-dev: .venv/installed-cluster
.venv/installed-%: .venv/installed
	$(SYNC) --inexact --group $*
	@touch $@
.uv/bin/uv: tools/uv.txt
	@python3 -m venv .uv && PIP_USER=0 .uv/bin/pip install --quiet --disable-pip-version-check \
	--require-hashes --requirement $< && touch $@ || \
	{ echo "error: no uv, and python3 cannot install it; see https://docs.astral.sh/uv" >&2; exit 1; }
