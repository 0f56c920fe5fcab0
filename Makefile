# Every target sets up what it needs; `make help` explains them.
PYTHON ?= python3
SEEDS ?= seeds
BIN := .venv/bin
READY := .venv/.ready
# One more than processors: tests wait for servers and browsers a third of their time.
WORKERS = $(shell expr $$(nproc) + 1)
PIN := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header
COMPILE := $(PIN) pyproject.toml

.DEFAULT_GOAL := help

.PHONY: help
help: ## Explain the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: setup
setup: $(READY) ## Make the virtual environment in .venv

.PHONY: embedder
embedder: $(READY) ## Install EMBEDDER (e5 or use), for PRAXIS_SEARCH_EMBEDDER
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r services/search/$(EMBEDDER).lock

.PHONY: migrate
migrate: $(READY) ## Bring the database to the present schema
	@$(BIN)/praxis migrate

.PHONY: seed
seed: migrate ## Load the printed cases (SEEDS=folder); again changes nothing
	@$(BIN)/praxis seed $(SEEDS)

.PHONY: run
run: seed ## Set up everything and serve portal, api and search on PORT (default 8000)
	@PORT=$(or $(PORT),8000) exec $(BIN)/python -m services.standalone

.PHONY: up-local
up-local: $(READY) ## Run what docker-compose.yml runs as processes of this machine, on PORT (default 8080)
	@exec $(BIN)/python -m tools.local --port $(or $(PORT),8080) --seeds $(SEEDS)

.PHONY: secrets
secrets: $(READY) ## Make .env with the secrets that docker-compose.yml needs
	@$(BIN)/python -m tools.secrets_file .env

.PHONY: test
test: $(READY) ## Run the tests of every day (FAST=1: pure ones and those of changed rooms, for a minute at most)
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(if $(FAST),--seconds 50 $$($(BIN)/python -m tools.changed)) $(TESTS)

.PHONY: prove
prove: $(READY) ## Prove what takes long, where it is not proved at this commit (PART="feed faults": these alone)
	@$(BIN)/python -m tools.prove $(PART)

.PHONY: lint
lint: $(READY) ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy services tools
	@$(BIN)/hadolint services/*/Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

.PHONY: openapi
openapi: $(READY) ## Write openapi/*.json from the code
	@$(BIN)/python -m tools.openapi

.PHONY: messages
messages: $(READY) ## Gather the portal's messages into services/portal/locales
	@$(BIN)/python -m tools.messages

.PHONY: eval
eval: $(READY) ## Measure finding on DATA (a folder with xquad.*.json) and on the officers' questions
	@$(BIN)/python -m tools.evaluate $(DATA)

.PHONY: bench
bench: $(READY) ## Measure speed, as ratios within one run
	@$(BIN)/python -m tools.bench

.PHONY: lock
lock: $(READY) ## Renew requirements.lock, what each image takes of it, and the generators of clients
	@$(COMPILE) $(addprefix --extra ,api portal search use dev) --upgrade -o requirements.lock
	@for service in api portal search; do \
		$(COMPILE) --extra $$service --no-annotate -c requirements.lock -o services/$$service/requirements.lock; \
	done
	@for embedder in e5 use; do \
		$(COMPILE) --extra search --extra $$embedder --no-annotate -c requirements.lock -o services/search/$$embedder.lock; \
	done
	@echo openapi-python-client | $(PIN) - --no-annotate --upgrade -o tools/clients/python.lock
	@cd tools/clients && npm update --package-lock-only --silent

.PHONY: clean
clean: ## Remove the virtual environment and all data
	rm -rf .venv data
