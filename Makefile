# Needs python 3.11 or newer with venv, and make. Everything else comes from the lock files.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --python-version 3.11 pyproject.toml --group build
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.DEFAULT_GOAL := help
.PHONY: help run test check bench verify-stripe docs look vendor shots format lock formatted linted typed imports walls

help:
	@echo "make run     ONE at http://127.0.0.1:8000"
	@echo "make test    the whole suite"
	@echo "make check   format, lint, types, import walls, house tests"
	@echo "make bench   ratios against raw baselines (ARGS=--full for the large world)"
	@echo "make verify-stripe  ask Stripe whether it does as ONE takes for granted (ONE_STRIPE_KEY)"
	@echo "make docs    write the generated pages of docs/"
	@echo "make look    build the style sheet of the pages"
	@echo "make vendor  build the editor of the pages anew (needs node; nothing else does)"
	@echo "make shots   pictures of every page, in shots/ (needs Chromium)"
	@echo "make format  put the code in canonical form"
	@echo "make lock    resolve the lock files anew"

run: .venv/run
	@$(BIN)/one serve

test: .venv/dev
	@$(BIN)/pytest -n auto --maxprocesses=4 $(ARGS)

check: .venv/dev
	@$(MAKE) --no-print-directory --keep-going -j2 $(TOGETHER) typed formatted linted imports walls
	@echo "check: all walls stand"

typed: ; @$(BIN)/basedpyright
formatted: ; @$(BIN)/ruff format --check .
linted: ; @$(BIN)/ruff check .
imports: ; @$(BIN)/lint-imports --no-logo
walls: ; @$(BIN)/pytest tests/house $(ARGS)

bench: .venv/dev
	@$(BIN)/uv pip install --quiet --require-hashes -r requirements-bench.lock
	@$(BIN)/python -m bench $(ARGS)

verify-stripe: .venv/dev
	@$(BIN)/python -m tests.sandbox.conformance

docs: .venv/dev
	@$(BIN)/one docs

look: .venv/dev
	@$(BIN)/tailwindcss --minify --input look/one.css --output src/one/web/static/one.css

# The first line of what is built says of which sources it is; a test holds the two together.
vendor:
	@cd look/editor && npm ci --silent --ignore-scripts && node_modules/.bin/esbuild editor.js \
		--bundle --minify --format=esm --target=es2022 --legal-comments=none --log-level=warning \
		--banner:js="// look/editor $$(cat package-lock.json *.js | sha256sum | cut -c1-64)" \
		--outfile=../../src/one/web/static/editor.js

shots: .venv/dev
	@$(BIN)/python -m tests.browser.shots

format: .venv/dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: .venv/dev
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --group dev -o requirements-dev.lock
	@$(COMPILE) --group dev --group bench -o requirements-bench.lock

# The environment. uv itself is pinned by hash: its own stanza of the lock is what pip installs.
.venv/made:
	@for python in $(PYTHON); do \
		$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		$$python -c 'import venv, ensurepip' 2>/dev/null \
			|| { echo "ONE needs python's venv module (Debian and Ubuntu: apt install python3-venv)."; exit 1; }; \
		$$python -m venv .venv && touch $@ && exit 0; \
	done; \
	test -e $@ || { echo "ONE needs python 3.11 or newer; name one with make PYTHON=/path/to/python3."; exit 1; }

.venv/uv: .venv/made requirements.lock
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@touch $@

.venv/run: .venv/uv requirements.lock pyproject.toml
	@rm -f .venv/dev
	@$(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# What Stripe publishes of its wire, which the sandbox is held against; it is read, never installed.
.venv/stripe: .venv/made requirements-spec.lock
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --require-hashes --no-deps \
		--ignore-requires-python --dest $@ -r requirements-spec.lock
	@touch $@

.venv/dev: .venv/uv .venv/stripe requirements-dev.lock pyproject.toml
	@$(BIN)/uv pip sync --quiet --require-hashes requirements-dev.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch .venv/run $@
