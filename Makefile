# Needs Python 3.11 or newer with venv, and make; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help run demo test browser monitoring cluster soak pictures image container audit release setup lint hooks reference lock
.PHONY: fuzz performance clean

help:
	@echo "make run    set up, then start the daemon on config/aggregator.toml"
	@echo "make demo   set up, then poll sample sources on this machine into data/demo.db; needs no network"
	@echo "make test   set up, then run all tests"
	@echo "make browser  set up, then run the tests that need Chromium, Java and programs that read what is made: .ci/tools installs these"
	@echo "make monitoring  set up, then run the tests that need Prometheus: .ci/tools unpacks it"
	@echo "make cluster  set up, then run the tests that start a scheduler and a worker of Dask"
	@echo "make soak   set up, then run the tests that take minutes: twenty kills, days on a clock of their own"
	@echo "make pictures  the pictures of the README and the docs, anew"
	@echo "make image  the container image \`aggregator\`, with labels that say what it is; needs Docker"
	@echo "make container  build it, then run its tests; needs Docker"
	@echo "make audit  known holes in the dependencies, for which it asks the internet, and mistakes in the workflows"
	@echo "make release  wheel, sdist and image, checked from outside of this folder, and what to push; pushes nothing"
	@echo "make setup  only set up: .venv with the locked dependencies, those for development too; run and demo need fewer"
	@echo "make lint   ruff, mypy and the contracts of imports"
	@echo "make hooks  lint before each commit, tests before each push; needs pre-commit"
	@echo "make reference  the JSON Schema and the tables of docs/configuration.md, out of the settings classes; the default topics, to be read; config/datasette.json"
	@echo "make fuzz   feeds bent out of shape at random, 10,000 of them, 15 minutes at most"
	@echo "make performance FEEDS=FOLDER  measure the figures of docs/performance.md anew, two hours or so"
	@echo "make lock   resolve the dependencies anew into the lock files"

run: .venv/ready
	$(BIN)/aggregator run

demo: .venv/ready
	$(BIN)/aggregator demo

test: .venv/developed
	$(BIN)/pytest

browser: .venv/developed
	$(BIN)/pytest -m "browser or client"

monitoring: .venv/developed
	$(BIN)/pytest -m monitoring

cluster: .venv/developed
	$(BIN)/pytest -m cluster tests/engine/cluster

soak: .venv/developed
	$(BIN)/pytest -m soak

pictures: .venv/developed
	AGGREGATOR_TEST_PICTURES=1 $(BIN)/pytest -m browser tests/browser/test_pictures.py tests/browser/test_digest.py tests/browser/test_datasette.py

image:
	.ci/image aggregator

container: .venv/developed
	$(BIN)/pytest -m container tests/container

audit: .venv-release/ready
	.venv-release/bin/zizmor --offline --quiet .github/workflows
	.ci/audit .venv-release/bin/pip-audit

release: .venv/developed .venv-release/ready
	$(BIN)/python .ci/release.py $(RELEASE)

.venv-release/ready: requirements/requirements-release.lock
	test -x .venv-release/bin/python || $(PYTHON) -m venv .venv-release
	.venv-release/bin/python -m pip install --quiet --require-hashes -r requirements/requirements-release.lock
	touch $@

setup: .venv/developed

# What is needed to run, as the image has it: the dependencies with the extras `semantic` and `http`, and what links the
# package itself into .venv. All are checked against the hashes of the lock. pip shows what it does: it takes a while.
.venv/ready: requirements/requirements-run.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up .venv, once: 82 packages, some 85 MB to fetch, 280 MB on the disk"
	$(BIN)/python -m pip install --require-hashes -r requirements/requirements-run.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# And what is needed to change it: tests, types, lint, the browser's driver.
.venv/developed: .venv/ready requirements/requirements-dev.lock
	$(BIN)/python -m pip install --require-hashes -r requirements/requirements-dev.lock
	touch $@

# AGGREGATOR_TEST_CORPUS names a folder with real feeds; else the demo's are bent.
fuzz: .venv/developed
	$(BIN)/python -m benchmarks.fuzz

# The files of up to a million posts take 8 GB in data/benchmarks/files; they are used again.
MEASURED := data/benchmarks
performance: .venv/developed
	test -n "$(FEEDS)" || { echo "make performance FEEDS=FOLDER: a folder with one feed a file"; exit 1; }
	mkdir -p $(MEASURED)/files
	$(BIN)/python -m benchmarks.polling --feeds "$(FEEDS)" --json $(MEASURED)/polling.json
	$(BIN)/python -m benchmarks.day --feeds "$(FEEDS)" --cost --hours 6 --json $(MEASURED)/day.json
	$(BIN)/python -m benchmarks.profile --feeds "$(FEEDS)" --json $(MEASURED)/profile.json
	$(BIN)/python -m benchmarks.profile --feeds "$(FEEDS)" --words --json $(MEASURED)/profile-words.json
	$(BIN)/python -m benchmarks.growth --posts 10000,50000,200000,1000000 --folder $(MEASURED)/files \
		--json $(MEASURED)/growth.json
	$(BIN)/python -m benchmarks.performance --from $(MEASURED)

lint: .venv/developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

hooks: .venv/developed
	pre-commit install -c .github/pre-commit.yaml

# What is shown of aggregator/model/settings.py.
reference: .venv/developed
	$(BIN)/python -m aggregator.config.topics
	$(BIN)/aggregator config schema > config/aggregator.schema.json
	$(BIN)/python -m aggregator.config.reference docs/configuration.md
	$(BIN)/python .ci/datasette.py

# The files name no host. The first is what users install, the second what they install with the extra `http`, the third
# with `semantic` too, as the container; the fourth with `cluster` too, for the machines of one; the fifth is the third with
# what links the package, for `make run`; the sixth has the tools for development.
RESOLVE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"
COMPILE = $(RESOLVE) pyproject.toml
lock:
	$(COMPILE) -o requirements/requirements.lock
	$(COMPILE) --extra http -c requirements/requirements.lock -o requirements/requirements-http.lock
	$(COMPILE) --extra semantic --extra http -c requirements/requirements.lock -o requirements/requirements-semantic.lock
	$(COMPILE) --extra semantic --extra http --extra cluster -c requirements/requirements-semantic.lock \
		-o requirements/requirements-cluster.lock
	$(COMPILE) requirements/requirements-run.in --extra semantic --extra http -c requirements/requirements-semantic.lock \
		-o requirements/requirements-run.lock
	$(COMPILE) --extra dev -c requirements/requirements-run.lock -o requirements/requirements-dev.lock
	$(RESOLVE) requirements/requirements-release.in -o requirements/requirements-release.lock
	$(RESOLVE) requirements/requirements-clients.in -o requirements/requirements-clients.lock

clean:
	rm -rf .venv .venv-release dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
