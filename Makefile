# make run: the app. make test: every check. make screenshots: the pictures of the window, anew.
# make package: the packages for this system, tried out. make wheel: the same for pip.
# All set up what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# what Qt needs on a bare Debian or Ubuntu beside the packages from PyPI
APT_PACKAGES := libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 \
	libglib2.0-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 \
	libxcb-shape0 libxcb-xinerama0 libxcb-randr0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1
# the tests of a file stay together: they share what takes long to make
IN_PARALLEL := -n auto --maxprocesses 4 --dist loadfile

.PHONY: run test test-all screenshots package wheel python setup clean

run: setup
	@if [ "$$(uname)" = Darwin ] || [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(BIN)/fercam; \
	else echo "No display here: analysing 10 s of the built-in demo instead of opening the window."; \
		$(BIN)/fercam analyze demo --duration 10; fi

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "not slow" $(IN_PARALLEL)

test-all: test
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m slow

screenshots: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python tests/screenshots.py screenshots
	for name in live paused two-people player; do cp screenshots/$$name-dark.png assets/$$name.png; done

package: python
	@sh .ci/system_packages.sh $(APT_PACKAGES) binutils xvfb xdotool
	$(PYTHON) packaging/build.py $(KINDS)

wheel: python
	sh packaging/try_wheel.sh $(PYTHON)

setup: $(STAMP)

python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
		|| { echo "FerCam needs Python 3.11 to 3.13; name one: make PYTHON=python3.12"; exit 1; }

$(STAMP): pyproject.toml constraints.txt | python
	@sh .ci/system_packages.sh $(APT_PACKAGES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
