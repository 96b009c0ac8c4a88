# Everything a fresh machine needs is Python 3.11 or newer and make; `make demo` and `make test` set themselves up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check agree bench campaign recordings contract clean campaign-understanding campaign-mirror campaign-figures

demo: $(READY)  ## the desk at work on its sandbox
	$(BIN)/paydesk demo $(ARGS)

test: $(READY) check  ## what CI runs
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(READY)  ## lint, types, import rules, generated lists
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p paydesk.server -p paydesk.skills -p paydesk.intents
	$(BIN)/lint-imports --no-cache
	$(BIN)/paydesk manifests --check

agree: $(READY)  ## renew snapshots, manifests and the README's table after a skill changed on purpose
	$(BIN)/python tests/agreed/renew.py
	$(BIN)/paydesk manifests

bench: $(READY)  ## sizes, scores, and speeds as ratios measured in one run
	-@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --target $(VENV)/peers -r tests/benchmarks/scores/peers.txt
	for script in tests/benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

campaign: $(READY)  ## kill desks at work: make campaign N=100000 SEED=1
	$(BIN)/python tests/reliability/kill.py --kills $(or $(N),2000) $(if $(SEED),--seed $(SEED))
	$(BIN)/python tests/reliability/kill.py --mutants $(if $(SEED),--seed $(SEED))

campaign-mirror: $(READY)  ## a million deliveries, most of them repeated, to a mirror whose handler is killed: N=20000 for fewer
	$(BIN)/python tests/reliability/mirror_campaign.py --deliveries $(or $(N),1000000) $(if $(SEED),--seed $(SEED))

campaign-figures: $(READY)  ## random businesses on test clocks, every figure against a count by hand: N=1000 for more
	$(BIN)/python tests/campaigns/figures.py $(or $(N),100)

recordings: $(READY)  ## how much of what Stripe was recorded to do the sandbox does too
	$(BIN)/python tests/contract/recordings.py

campaign-understanding: $(READY)  ## a million short texts to the parser; ARGS=10000 for fewer
	$(BIN)/python tests/campaigns/understanding.py $(ARGS)

contract: $(READY)  ## MCP conformance, Inspector and other people's clients; needs npm
	$(BIN)/python tests/contract/other_clients/run.py
	$(BIN)/python tests/clients/run.py
	$(BIN)/python tests/contract/conformance/run.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "paydesk needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV), once ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@
