.DEFAULT_GOAL := help
SUITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(firstword $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(SUITS)' 2>/dev/null && echo $$p; done))
PYTHON_3_13 ?= $(firstword $(shell for p in python3.13 ~/.pyenv/versions/3.13*/bin/python; do \
	$$p -c 'import ensurepip' 2>/dev/null && echo $$p; done))
BIN := .venv/bin
# A kernel of this environment, whatever kernels the machine has registered.
export JUPYTER_PATH := $(CURDIR)/.venv/share/jupyter

.PHONY: help demo test check test-browser test-colab newest classic lab lessons notebooks site \
	assignments grade quizzes test-assignments test-newest links bench bench-quality results \
	published badges clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/installed: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; install one," \
		"or name it: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation -e .
	@touch $@

demo: .venv/installed  ## train a first GAN on the built-in digits; results in runs/demo/
	$(BIN)/python notebooks/build.py demo

# A separate folder, since nbgrader adds buttons to JupyterLab, which learners should not see.
.venv/grading/installed: .venv/installed assignments/requirements.txt
	rm -rf $(@D)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(@D) \
		-r assignments/requirements.txt
	@touch $@

# With Python 3.13 at hand, the lessons run with the versions that Colab has instead of ours.
test: .venv/installed .venv/grading/installed  ## run all tests, notebooks included; no download
	$(BIN)/python -m pytest $(if $(PYTHON_3_13),-k "not lesson_runs")
	$(if $(PYTHON_3_13),$(MAKE) test-colab)

check: .venv/installed  ## run the unit tests that need no training, in two to three minutes
	$(BIN)/python -m pytest -m "not slow"

test-browser: .venv/installed .venv-site/installed  ## run the tests in a real browser; needs Chromium, installed on Debian
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -q && \
		apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core; } || \
		{ echo "Chromium is needed; as root: apt-get install chromium"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check playwright==1.65.2
	@test -z "$(PYTHON_3_13)" || $(MAKE) classic
	$(BIN)/python -m pytest -rs tests/browser tests/test_page.py tests/test_game.py

newest: .venv/installed  ## install the newest versions that pyproject.toml allows
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation \
		--upgrade --upgrade-strategy eager -e ".[lessons,test]"

test-newest: newest .venv/grading/installed  ## run all tests with the newest versions
	$(BIN)/python -m pytest

classic: .venv-classic/installed  ## install what Colab has, for test-browser and test-colab

.venv-classic/installed: tests/colab.txt
	@test -n "$(PYTHON_3_13)" || { echo "Python 3.13 is needed, as Colab has it; install it," \
		"or name it: make classic PYTHON_3_13=/path/to/python3.13"; exit 1; }
	$(PYTHON_3_13) -m venv .venv-classic
	.venv-classic/bin/python -m pip install --quiet --disable-pip-version-check -r tests/colab.txt
	@touch $@

site: .venv/installed .venv-site/installed  ## make the site: docs/build/index.html
	$(BIN)/python docs/pages.py
	.venv-site/bin/sphinx-build -n -W --keep-going -q -c docs . docs/build

links: .venv/installed .venv-site/installed  ## check all addresses in the pages and lessons; needs a network
	$(BIN)/python docs/pages.py
	.venv-site/bin/sphinx-build -b linkcheck -q -c docs . docs/build/links

.venv-site/installed: docs/requirements.txt
	$(PYTHON) -m venv .venv-site
	.venv-site/bin/python -m pip install --quiet --disable-pip-version-check -r docs/requirements.txt
	@touch $@

# PYTHONPATH, since nothing of ours is installed there.
test-colab: .venv-classic/installed  ## run all lessons with the versions that Colab has
	JUPYTER_PATH=$(CURDIR)/.venv-classic/share/jupyter PYTHONPATH=$(CURDIR) \
		.venv-classic/bin/python -m pytest tests/test_notebooks.py -k lesson_runs

lab: .venv/installed  ## open the lessons in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=notebooks

lessons: .venv/installed  ## execute the lessons that have changed, or whose library code has
	$(BIN)/python notebooks/build.py changed

notebooks: .venv/installed  ## execute all lessons again (profile quick, real data)
	$(BIN)/python notebooks/build.py run

assignments: .venv/grading/installed  ## make the problem sets for students: assignments/course/release/
	$(BIN)/python assignments/release.py $(ASSIGNMENT)

quizzes: .venv/installed  ## write the weekly quizzes and their answers into assignments/course/
	$(BIN)/python assignments/quizzes.py $(WEEK)

test-assignments: .venv/grading/installed  ## try the problem sets with ten seeds and all wrong answers
	$(BIN)/python -m pytest -m long

grade: .venv/grading/installed  ## grade what is in assignments/course/submitted/; ASSIGNMENT=NAME for one
	$(BIN)/python assignments/grade.py $(ASSIGNMENT)

bench: .venv/installed  ## time a training step against the usual ways of training a GAN
	$(BIN)/python benchmarks/bench.py

bench-quality: .venv/installed  ## time to good pictures, against TensorFlow's tutorial (needs mnist)
	$(BIN)/python benchmarks/bench_quality.py

results: .venv/installed  ## write the table of docs/results.md from the generators' cards
	$(BIN)/python benchmarks/results.py table

published: .venv/installed  ## list the files in data/pretrained and their SHA-256 in the package
	$(BIN)/python -c "from ganlib import pretrained; pretrained.write_list()"

badges: .venv/installed  ## write the badges of all lessons for the repository in pyproject.toml
	$(BIN)/python notebooks/build.py badges

clean:  ## remove the environments and all runs
	rm -rf .venv .venv-classic .venv-site docs/build docs/extra runs
