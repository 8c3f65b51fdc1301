# One command each. Everything lives in .venv and DATA_DIR (default var/); removing the two undoes it all.
#   make run [PORT=8000] [DATA_DIR=./var] [HOST=127.0.0.1]   the demo, at once
#   make test                                                every test this machine can run; says what it left out
SHELL := /bin/bash
PY := .venv/bin/python
READY := .venv/installed

.PHONY: run test lint format lock bench screenshots clean help

help:
	@sed -n '2,3s/^# *//p' Makefile; echo 'make lint | format | lock | bench | screenshots | clean'

$(READY): requirements.txt .ci/venv
	@.ci/venv

run: $(READY)
	@DEMO=1 exec $(PY) manage.py serve

test:
	@.ci/test

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	@if compgen -G 'templates/*' >/dev/null; then set -x; $(PY) -m djlint templates --lint; fi

format: $(READY)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

lock:
	@command -v uv >/dev/null || { echo 'make lock needs uv: https://docs.astral.sh/uv/ (pipx install uv)'; exit 1; }
	uv pip compile --universal --generate-hashes --no-header requirements.in -o requirements.txt

bench: $(READY)
	@exec $(PY) -m dropout.bench

screenshots:
	@SCREENSHOTS=1 .ci/test -m browser -k screenshot

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis staticfiles
