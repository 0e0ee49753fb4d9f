# One command runs the product (make run), one tests it (make test). `make help` names them all.
PYTHON ?= python3
BIN := .venv/bin
QUICK := tests/unit tests/architecture tests/ui tests/connectors tests/integration/test_catalog.py

.DEFAULT_GOAL := help
.PHONY: help run test check torture bench interop screens requirements clean installed installed-dev

help:  ## Say what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /: /' | awk -F': ' '{printf "make %-14s %s\n", $$1, $$2}'

run: installed  ## Start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/python -m ecomops up

test: installed-dev  ## Everything a stranger needs to trust the code
	@$(BIN)/python -m tools.chromium
	@$(BIN)/python -m ecomops build
	$(BIN)/pytest -n 2 --dist loadgroup -m "not browser"
	$(BIN)/pytest tests/browser

check: installed-dev  ## Format, lint, types, import contracts, quick tests: about a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -n 2 -m "not slow and not browser" $(QUICK)

torture: installed-dev  ## Attacks and faults in full, an hour or more; writes reliability_report.json
	ECOMOPS_TORTURE=full $(BIN)/pytest tests/torture
	@echo "The figures are in reliability_report.json"

bench: installed-dev  ## Measure against reference implementations; writes bench.json
	@$(BIN)/python -m ecomops bench

screens: installed-dev  ## Pictures of every page of the running product (make run), into docs/screens
	@$(BIN)/python -m tools.chromium
	$(BIN)/python -m tools.screenshots

interop: installed-dev  ## Our files in LibreOffice and pandas; installs LibreOffice where it may, not part of make test
	@$(BIN)/python -m tools.libreoffice
	@$(BIN)/python -m ecomops build
	ECOMOPS_INTEROP=1 $(BIN)/pytest tests/interop

requirements: installed-dev  ## Pin requirements.in anew
	$(BIN)/pip-compile --quiet --upgrade $(PIN) requirements.in
	$(BIN)/pip-compile --quiet --upgrade $(PIN) requirements-dev.in

clean:  ## Remove what was built, and .venv; data stays in .ecomops
	rm -rf .web .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# Nothing of the machine that compiled them may stand in the files.
PIN := --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-trusted-host \
       --no-emit-find-links --no-emit-options

installed:
	@$(PYTHON) tools/install.py requirements.txt

installed-dev:
	@$(PYTHON) tools/install.py requirements.txt requirements-dev.txt
