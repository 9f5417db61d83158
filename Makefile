# make demo          sets up .venv with what zerotap needs, and runs the main job
# make test          sets up .venv with the tests' packages too; lints; type-checks and tests on every core, in
#                    about twelve minutes on two
# make docs          builds the documentation's site, build/docs/html/index.html; a warning fails
# make test-docs     builds it and runs the shell blocks of README and docs, in about three minutes
# make test-system   (Debian; root where a package is missing) runs the tests that need system tools
# make test-usb      the same for all that is recorded in a guest machine, in about eight minutes
# make test-thorough runs the tests that repeat in breadth what others hold, in about twenty minutes
# make test-random   runs the tests that draw with a new seed; `make test-random SEED=7` repeats a run
# make test-pythons  runs a quick selection on every other Python that runs; `PYTHONS=newest`: on one

PYTHON ?= python3
BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt --editable
PYTEST := $(BIN)/python -m pytest
# What the tests of a file share is made once, on one worker; the files are taken in order.
CORES := --numprocesses auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder
# Only these are collected: importing the others takes longer than what runs alone.
ALONE = $(shell grep --recursive --files-with-matches --include='test_*.py' 'mark\.alone' tests)
SYSTEM_PACKAGES := gcc g++ libc6-dev gcc-arm-none-eabi libnewlib-arm-none-eabi tshark \
    qemu-system-x86 busybox-static kmod tcpdump umockdev chromium postgresql bossa-cli
# Debian keeps a server's programs off the path.
POSTGRES = $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))
PYTHONS ?= all
# Tests start hundreds of Pythons: without what is kept in __pycache__, each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test system-packages test-system test-usb test-thorough test-random test-pythons docs test-docs clean

.venv/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "zerotap needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) '.[report]'
	@touch $@

# pip would compile what it installs on one core; of some files, which are templates, nothing can be compiled.
.venv/.dev: .venv/.installed
	$(BIN)/python $(PIP) '.[dev]'
	$(BIN)/python -m compileall -qq -j 0 .venv || true
	@touch $@

.venv/.docs: .venv/.installed
	$(BIN)/python $(PIP) '.[docs]'
	@touch $@

demo: .venv/.installed
	$(BIN)/zerotap demo --force

test: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(PYTEST) $(CORES) -m "not system and not alone and not hardware and not thorough"
	$(PYTEST) -m "alone and not system and not hardware" $(ALONE)

system-packages:
	dpkg --status $(SYSTEM_PACKAGES) > /dev/null 2>&1 || { apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $(SYSTEM_PACKAGES); }

# The guest's keyboard drops keys where the machine is busy, so it comes after the rest.
test-system: .venv/.dev system-packages
	PATH="$$PATH:$(POSTGRES)" $(PYTEST) $(CORES) -m "system and not usb_vm and not thorough"
	$(PYTEST) -m "system and usb_vm and not minutes" tests/e2e/usb_vm

test-usb: .venv/.dev system-packages
	$(PYTEST) -m "system and usb_vm" tests/e2e/usb_vm

ifndef SEED
test-random: SEED := $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
endif
test-random: .venv/.dev
	@echo 'make test-random SEED=$(SEED)'
	ZEROTAP_SEED=$(SEED) $(PYTEST) $(CORES) --hypothesis-seed $(SEED) -m "(drawn or hypothesis) and not alone"

test-thorough: .venv/.dev
	$(PYTEST) $(CORES) -m "thorough and not alone"

test-pythons: .venv/.dev
	.ci/pythons $(PYTHONS)

docs: .venv/.docs
	$(BIN)/python docs/making/make_site.py

test-docs: .venv/.dev docs
	$(PYTEST) $(CORES) --dist load --maxschedchunk 1 -x tests/docs/pages.py

clean:
	rm -rf .venv .venv-* build dist *.egg-info demo
