# make demo           train a generated module on handwritten digits
# make cnn            train a small convolutional network on the same digits
# make test           ruff, mypy and all tests
# make fuzz           the tests of properties alone, with twenty times as many examples each
# make fuzz-parsers   fuzz every parser with atheris, SECONDS=60 for each (docs/fuzzing.md)
# make differential   compare random networks with PyTorch and JAX, which it installs, and write build/differential.md
# make release-check  compare random networks for a quarter of an hour, and write docs/release-check.md
# make mutation       mutants of the derivation and the lowering, and docs/mutation.md; takes an hour or more
# make lint           ruff and mypy alone
# make lock           take the newest versions of what the tests are run with, and write constraints.txt and package-lock.json
# make generated      write the examples in generated/ anew
# make passes         write the tables of docs/passes.md anew
# make pictures       draw the page that the README shows; needs pdflatex and pdftoppm
# make benchmark      measure, and write benchmarks/results/
# make accuracy       measure errors at numbers of every size, and write benchmarks/results/accuracy.md

PYTHON ?= python3
BIN := .venv/bin
SYMNET := $(BIN)/symnet

# What the tests are run with is pinned, so that no release elsewhere changes their result; `make test CONSTRAINTS=`
# takes what is newest.
CONSTRAINTS ?= constraints.txt
PINNED := $(if $(CONSTRAINTS),PIP_CONSTRAINT=$(abspath $(CONSTRAINTS)) PIP_BUILD_CONSTRAINT=$(abspath $(CONSTRAINTS)))

.PHONY: demo cnn test fuzz fuzz-parsers differential release-check mutation lint lock generated passes pictures benchmark accuracy clean

demo: .venv/.demo
	$(SYMNET) generate 64-32-10 --hidden relu --loss cross_entropy --l2 0.001 --name digits -o generated/digits.py
	$(BIN)/python docs/train_digits.py

cnn: .venv/.demo
	OPENBLAS_NUM_THREADS=1 $(BIN)/python docs/train_cnn.py

test: lint
	$(PINNED) OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

fuzz: .venv/.test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal -m hypothesis --hypothesis-profile=fuzz

SECONDS ?= 60

fuzz-parsers: .venv/.fuzz
	$(BIN)/python tests/fuzz/parsers.py --seconds $(SECONDS)

differential: .venv/.differential
	mkdir -p build
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/helpers/release_check.py --against torch --against jax --output build/differential.md

release-check: .venv/.differential
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/helpers/release_check.py

mutation: .venv/.mutation
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/helpers/mutation.py

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict $(wildcard generated/*.py)

LOCK := build/lock

lock:
	rm -rf $(LOCK)
	$(PYTHON) -m venv $(LOCK)
	$(LOCK)/bin/python -m pip install --quiet --upgrade pip
	$(LOCK)/bin/python -m pip install --quiet --group test ".[digits]" hatchling editables colorama
	echo "# Written by make lock: what the tests are run with, on Python 3.11 to 3.13." > constraints.txt
	$(LOCK)/bin/python -m pip freeze --all --exclude symnet --exclude setuptools >> constraints.txt
	npm install --prefix tests/renderers --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

generated: .venv/.test
	$(SYMNET) generate 2-2-1 -o generated/two_two_one.py
	$(SYMNET) generate 2-2-1 --target numpy-plain -o generated/two_two_one_plain.py
	$(SYMNET) generate 64-32-10 --hidden relu --loss cross_entropy --l2 0.001 --name digits -o generated/digits.py
	$(SYMNET) generate 2-2-1 --target python -o generated/two_two_one_scalar.py
	$(SYMNET) equations 2-2-1 --backward -o generated/two_two_one.txt
	$(SYMNET) equations 2-2-1 --backward --latex -o generated/two_two_one.tex
	$(SYMNET) equations "3-4-4[residual]-3" --hidden silu --loss cross_entropy --l2 0.1 --backward -o generated/classifier.txt
	$(SYMNET) generate "3-4-4[residual]-3" --hidden silu --loss cross_entropy --l2 0.1 --accuracy tails -o generated/classifier.py
	$(SYMNET) equations "2-3[radial_basis]-2" --loss gaussian_nll --backward -o generated/radial_basis.txt
	$(SYMNET) generate "2-3[radial_basis]-2" --loss gaussian_nll --target numpy-plain -o generated/radial_basis_plain.py
	$(SYMNET) derive 2-2-1 --form scalar --notation downie --loss squared_error --reduction sum --at docs/downie.toml -o generated/derivation_scalar.tex
	$(SYMNET) derive 2-3-2 --form index --notation nielsen -o generated/derivation_index.html
	$(SYMNET) derive 2-3-2 --form matrix --notation ng -o generated/derivation_matrix.md

passes: .venv/.test
	PYTHONPATH=tests/helpers $(BIN)/python tools/passes.py

pictures: .venv/.test
	mkdir -p build
	$(SYMNET) derive 2-2-1 --form scalar --notation downie --loss squared_error --reduction sum --at docs/downie.toml -o build/derivation.tex
	cd build && pdflatex -interaction=batchmode derivation.tex && pdflatex -interaction=batchmode derivation.tex
	pdftoppm -r 80 -f 3 -l 3 -png -singlefile build/derivation.pdf docs/derivation

benchmark: .venv/.benchmark
	$(BIN)/python benchmarks/scalar.py
	$(BIN)/python benchmarks/array_form.py

accuracy: .venv/.test
	PYTHONPATH=tests/helpers $(BIN)/python benchmarks/accuracy_table.py

.venv/.python:
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('symnet needs Python 3.11 or newer; try make PYTHON=python3.12')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@touch $@

.venv/.demo: .venv/.python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[digits]"
	@touch $@

.venv/.test: .venv/.python pyproject.toml $(CONSTRAINTS)
	$(PINNED) $(BIN)/python -m pip install --quiet --group test --editable ".[digits]"
	@touch $@

.venv/.fuzz: .venv/.test
	$(BIN)/python -m pip install --quiet --group fuzz
	@touch $@

.venv/.benchmark: .venv/.test benchmarks/requirements.txt
	$(BIN)/python -m pip install --quiet --requirement benchmarks/requirements.txt
	@touch $@

.venv/.differential: .venv/.test
	$(BIN)/python -m pip install --quiet --group differential
	@touch $@

.venv/.mutation: .venv/.test
	$(BIN)/python -m pip install --quiet --group mutation
	@touch $@

clean:
	rm -rf .venv mutants .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
