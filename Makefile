# `make demo` and `make test` need nothing but a Python; environment.sh finds one and makes .venv.
VENV ?= .venv
export VENV

help:
	@echo "make demo       set up, and make a bring-up folder of MobileNetV2 in demo/"
	@echo "make test       set up, and run the tests"
	@echo "make test-slow  the tests that take longer: every model of the README's table"
	@echo "make lint       ruff and mypy;  make format: ruff's formatter"
	@echo "make clean      remove the environment, the demo and caches"

demo: setup
	@mkdir -p demo
	cd demo && ../$(VENV)/bin/bringup init torchvision:mobilenet_v2

test: setup
	$(VENV)/bin/python -m pytest -n 2

test-slow: setup
	$(VENV)/bin/python -m pytest -m slow

lint: setup
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

format: setup
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

setup:
	@sh environment.sh

clean:
	rm -rf $(VENV) demo dist build .pytest_cache .mypy_cache .ruff_cache

.PHONY: help demo test test-slow lint format setup clean
