# make demo, make test, make serve and make check; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.requirements
DEVELOPMENT := $(VENV)/.requirements-dev
CLIENTS := .venv-clients
# Without B404: that a module is imported says nothing; each call of it is looked at (B603).
BANDIT := --quiet --recursive --skip B404 akuiteo batches chorus benchmarks manage.py .ci

.PHONY: demo serve test test-slow test-faults test-clients check lock messages benchmark screens clean

# The demonstration has a database and mails of its own, whatever the environment says of yours.
demo: $(RUNTIME)  ## set everything up and watch the batch work against the local Chorus Pro
	@env -u DATABASE_URL -u EMAIL_URL -u DEBUG ENV_FILE=chorus/demo/demo.env $(BIN)/python manage.py demo

serve: $(RUNTIME)  ## the admin on http://127.0.0.1:8000
	@$(BIN)/python manage.py migrate --verbosity 0
	@echo "The admin is on http://127.0.0.1:8000 (Ctrl+C ends it)."
	@$(BIN)/gunicorn akuiteo.wsgi --bind 127.0.0.1:8000 --threads 4 --log-level warning

test: $(DEVELOPMENT)  ## the quick tests, in less than 5 minutes on two cores
	$(BIN)/python -m pytest -m "not slow and not faults" --numprocesses=auto

test-slow: $(DEVELOPMENT)  ## every page in a real browser (needs Chromium), benchmarks, real pauses
	$(BIN)/python -m pytest -m slow --numprocesses=auto

test-clients: $(DEVELOPMENT) $(CLIENTS)/chorus-api/.requirements $(CLIENTS)/tryton/.requirements  ## clients not written here, against the local Chorus Pro
	$(BIN)/python -m pytest tests/clients

test-faults: $(DEVELOPMENT)  ## the crash matrix and the soak: minutes of kills and random faults (docs/reliability.md)
	$(BIN)/python -m pytest -m faults --numprocesses=auto

check: $(DEVELOPMENT)  ## format, lint, security, types, settings, migrations, translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@echo "bandit"; $(BIN)/bandit $(BANDIT) 2>/dev/null || $(BIN)/bandit $(BANDIT)
	$(BIN)/mypy .
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests.translations

lock: $(DEVELOPMENT)  ## write the requirements anew from requirements*.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

messages: $(DEVELOPMENT)  ## collect texts to translate into locale/ and compile them (needs GNU gettext)
	$(BIN)/python manage.py makemessages --locale fr --no-location --no-wrap --ignore .venv --ignore tests --ignore var
	$(BIN)/python manage.py compilemessages --locale fr --ignore ".venv*"

benchmark: $(DEVELOPMENT)  ## what docs/benchmarks.md reports
	$(BIN)/python benchmarks/status_run.py
	$(BIN)/python benchmarks/back_office.py

screens: $(DEVELOPMENT)  ## take the pictures of docs/screens anew (needs Chromium)
	$(BIN)/python -m tests.browser.screens

clean:  ## remove the virtual environments and all local data
	rm -rf $(VENV) $(CLIENTS) var

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing what the application needs into $(VENV) (once)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt | $(BIN)/python
	@echo "Installing what developing and testing need into $(VENV) (once)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(CLIENTS)/%/.requirements: tests/clients/requirements-%.txt | $(BIN)/python
	@echo "Installing the client $* into $(@D) (once)…"
	@$(BIN)/python -m venv $(@D)
	@$(@D)/bin/pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "Python 3.11 or newer is needed. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian and Ubuntu, first: apt install python3-venv"; exit 1; }
