# make demo   install into .venv, convert sample pictures, write a page to look at
# make test   install what the tests need and run them all, in random order: pytest --randomly-seed=N runs that order again
# make test-quick   a part of the tests, for a minute: arithmetic, names, documentation, files
# make flakes [RUNS=10] [TESTS=tests/cli]   run tests in several random orders (default: those of test-quick), and
#             print a table of those that do not pass each time
# make test-long   the tests that draw their cases, with thousands of them, and a log of how many
# make check  lint, types, import rules, banned phrases in the documentation, doctests
# make bench  print the benchmarks' ratios and keep their data
# make bench-models DATA=folder   rerun every figure of the bundled models that the test sets in the folder allow
# make bench-photos   compare denoisers on photos through the simulated camera, and write docs/real-photos.md
# make docs   build the site into site/; site/index.html opens without a server
# make dist   wheel, sdist and bill of materials in dist/, the same bytes for the same commit, checked
# make web    build the script of pages from web/; needs Node.js and npm, for those who change the page
# make clean  remove what these made

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

QUICK := tests/arithmetic tests/metrics tests/masks tests/pictures/test_picture.py tests/docs/test_words.py \
  tests/docs/test_reference.py tests/test_imports.py tests/test_public_face.py tests/test_registry.py \
  tests/test_release.py tests/test_settings.py tests/cli/test_app.py tests/cli/test_names.py

.PHONY: demo test test-quick flakes test-long check bench bench-models bench-photos dist docs web clean

demo: .venv/demo-ready
	$(BIN)/repix demo -o demo --overwrite

# Modules are compiled once, and not by each of the hundreds of processes that tests start.
test test-quick flakes test-long: export PYTHONDONTWRITEBYTECODE :=

test: .venv/test-ready check
	$(BIN)/python -m pytest -n auto --dist worksteal

test-quick: .venv/test-ready
	$(BIN)/python -m pytest -n auto $(QUICK)

RUNS := 10
TESTS := $(QUICK)

flakes: .venv/test-ready
	$(BIN)/python -m release.flakes --runs $(RUNS) -- -n auto $(TESTS)

test-long: .venv/test-ready
	$(PIP) --group long
	$(BIN)/python -m pytest -n auto --long

check: .venv/test-ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/check_words.py
	$(BIN)/python -m pytest -q --doctest-modules src

bench: .venv/test-ready
	$(BIN)/python -m benchmarks

bench-models: .venv/test-ready
	@test -n "$(DATA)" || { echo "Say where the test sets lie: make bench-models DATA=folder"; exit 2; }
	$(BIN)/python -m benchmarks.models "$(DATA)"
	$(BIN)/python -m benchmarks.speeds
	$(BIN)/python -m benchmarks.audits

bench-photos: .venv/test-ready
	$(BIN)/python -m benchmarks.real_photos
	$(BIN)/python docs/make_results.py

dist: .venv/test-ready .venv/docs-ready
	$(PIP) --group release
	$(BIN)/python -m release.build
	$(BIN)/twine check --strict dist/*.whl dist/*.tar.gz
	$(BIN)/check-wheel-contents dist
	$(BIN)/python -m release.bill_of_materials > dist/repix.cdx.json

docs: .venv/docs-ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

web:
	cd web && npm install --no-audit --no-fund && npm run build

clean:
	rm -rf .venv demo site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/pip-ready:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "repix needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(PIP) --upgrade pip
	touch $@

.venv/demo-ready: .venv/pip-ready pyproject.toml constraints.txt
	$(PIP) -e ".[filters]"
	touch $@

.venv/docs-ready: .venv/pip-ready pyproject.toml constraints.txt
	$(PIP) --group docs
	touch $@

# torch goes first and pinned: left to other packages, pip would choose a build of several gigabytes.
.venv/test-ready: .venv/pip-ready pyproject.toml constraints.txt
	$(PIP) torch
	$(PIP) -e ".[filters,bm3d,cluster,notebook,onnxruntime,parquet,photos,remote,studio,train,volumes]" --group test --group check
	touch $@
