# make demo         sets up and runs the main job
# make test         sets up and passes the tests; what needs a missing system tool is skipped by name
# make docs         builds the documentation's site, build/docs/html/index.html; a warning fails
# make test-docs    runs the shell blocks of README and docs, in about three minutes
# make test-system  (root, Debian) installs the system tools and runs the tests that need them

PYTHON ?= python3
BIN := .venv/bin
SYSTEM_PACKAGES := gcc g++ libc6-dev gcc-arm-none-eabi libnewlib-arm-none-eabi tshark \
    qemu-system-x86 busybox-static kmod tcpdump umockdev

.PHONY: demo test test-system docs test-docs clean

.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "zerotap needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,docs]'
	@touch $@

demo: .venv/.installed
	$(BIN)/zerotap demo --force

test: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p zerotap
	$(BIN)/python -m pytest -m "not usb_vm"

test-system: .venv/.installed
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(SYSTEM_PACKAGES)
	$(BIN)/python -m pytest -m system

docs: .venv/.installed
	$(BIN)/python docs/making/make_site.py

test-docs: docs
	$(BIN)/python -m pytest -x tests/docs/pages.py

clean:
	rm -rf .venv build dist *.egg-info demo
