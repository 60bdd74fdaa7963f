# `make app`, `make demo` and `make test` set themselves up; nothing else needs to be run first.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := "What were Quorvane Pump's total inventories at the end of fiscal 2024?"
PORT ?= 7860
SHARE ?= 1
# edgartools and what it needs, but Unidecode, which is under the GPL and not needed here.
EDGAR := edgartools aiofiles beautifulsoup4 httpxthrottlecache humanize nest-asyncio pyarrow \
	pyrate-limiter rank-bm25 soupsieve stamina tenacity textdistance
export HF_HUB_DISABLE_TELEMETRY := 1
export GRADIO_ANALYTICS_ENABLED := False

.PHONY: app demo test e2e hardening lint audit clean

app: $(READY)
	$(BIN)/tenq setup
	$(BIN)/tenq serve --port $(PORT)

demo: $(READY)
	$(BIN)/tenq setup
	$(BIN)/tenq compare $(DEMO)

# A process for each core; more threads than that would only wait for each other.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

e2e: $(READY)
	$(BIN)/python -m pytest -m e2e

# All of it takes long; SHARE=0.02 tries a fiftieth as often.
hardening: $(READY)
	HARDENING_SHARE=$(SHARE) $(BIN)/python -m pytest -m hardening

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Known advisories against what is installed; needs the network. Error 1: some, Error 3: could not
# check.
audit: $(READY)
	.ci/audit $(BIN)/python

# The environment is marked ready last, so an interrupted installation is taken up again. torch
# comes first, so that nothing pulls in another build of it.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
		|| { echo "Tenq needs Python 3.11 or 3.12: make PYTHON=/path/to/python3.11 app"; exit 2; }
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt --no-deps $(EDGAR)
	touch $(READY)

clean:
	rm -rf $(VENV) build *.egg-info
