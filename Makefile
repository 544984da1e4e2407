# `make run` climbs the default ladder, `make test` runs the tests; both install what they need first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# An environment without TensorFlow, and the tests that do not name a backend.
OTHER := .venv-backends
NEUTRAL_TESTS := tests/training/test_backend.py tests/training/test_each_trick.py tests/training/test_schedules.py \
	tests/training/test_early_stopping.py tests/training/test_optimizers.py \
	tests/training/test_class_loss.py tests/training/test_step_tricks.py \
	tests/training/test_activations.py tests/training/test_initializers.py \
	tests/training/test_preprocessing.py tests/training/test_train_only.py \
	tests/training/test_normalizations.py tests/training/test_two_steps.py tests/training/test_no_validation.py \
	tests/training/test_transfer.py tests/training/test_warm_start.py tests/training/test_each_task.py \
	tests/training/test_recurrent.py tests/training/test_embeddings.py \
	tests/data/test_resident.py tests/callbacks tests/layers
# So many processes as come next, each with whole files, for these share their models.
PYTEST := python -m pytest --dist loadfile --no-loadscope-reorder --numprocesses
# What JAX has compiled serves both processes, and the next time; a key to it holds all of it.
COMPILED := JAX_COMPILATION_CACHE_DIR=$(CURDIR)/$(OTHER)/jax-programs \
	JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0

.PHONY: run test test-backends lint benchmarks gallery gallery-transfer readme clean

run: $(INSTALLED)
	$(BIN)/trickbook run --until-decided --max-seeds 8 --max-minutes 5

test: $(INSTALLED)
	$(BIN)/$(PYTEST) 3 # two cores are busy although a test waits for a process of its own

# On JAX and on PyTorch, each in processes of its own, where TensorFlow is not installed. Two that
# have all cores each would wait for one another.
test-backends: $(OTHER)/.installed
	KERAS_BACKEND=jax $(COMPILED) $(OTHER)/bin/$(PYTEST) 2 $(NEUTRAL_TESTS)
	KERAS_BACKEND=torch OMP_NUM_THREADS=1 $(OTHER)/bin/$(PYTEST) 2 $(NEUTRAL_TESTS)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p .typing && ln -sfn .. .typing/trickbook
	$(BIN)/mypy

benchmarks: $(INSTALLED)
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/callbacks.py
	$(BIN)/python benchmarks/augmentation.py
	$(BIN)/python benchmarks/ladder_vs_plain.py

gallery: $(INSTALLED)
	$(BIN)/trickbook run digits --seeds 10 --no-models --out trickbook-gallery
	$(BIN)/trickbook ablate digits --seeds 10 --no-models --out trickbook-gallery
	$(BIN)/trickbook sweep dropout digits --over dropout.rate=0.1:0.7:5 --seeds 5 --no-models \
	    --out trickbook-gallery
	$(BIN)/trickbook sweep 1,batch_norm digits --over learning_rate=1e-4:1e-1:7:log --seeds 3 \
	    --no-models --out trickbook-gallery
	$(BIN)/trickbook sample-size 0,batch_norm,dropout digits --seeds 10 --no-models \
	    --out trickbook-gallery
	$(BIN)/trickbook preview augmentation,lr_decay digits --out trickbook-gallery
	$(BIN)/python reports/gallery/collect.py trickbook-gallery digits
	$(BIN)/trickbook ablate --levels --seeds 10 --no-models --yes --out trickbook-levels
	$(BIN)/python reports/gallery/collect.py trickbook-levels levels
	$(BIN)/trickbook run deep --seeds 10 --no-models --out trickbook-deep
	$(BIN)/trickbook ablate deep --levels --seeds 10 --no-models --out trickbook-deep
	$(BIN)/trickbook signals 0,1,2 deep --out trickbook-deep
	$(BIN)/python reports/gallery/collect.py trickbook-deep deep
	for ladder in tabular diabetes sequence; do \
	    $(BIN)/trickbook run $$ladder --seeds 5 --no-models --out trickbook-$$ladder || exit 1; done
	for ladder in levels-tabular levels-diabetes; do \
	    $(BIN)/trickbook ablate $$ladder --levels --seeds 10 --no-models --yes \
	    --out trickbook-$$ladder || exit 1; done
	for ladder in tabular diabetes sequence levels-tabular levels-diabetes; do \
	    $(BIN)/python reports/gallery/collect.py trickbook-$$ladder $$ladder || exit 1; done
	$(BIN)/python reports/gallery/callback_examples.py
	$(BIN)/python benchmarks/verdicts.py --write reports/gallery/verdicts.csv

# Five of CIFAR-10's classes to the other five; CIFAR is the folder with cifar-10-batches-py.
gallery-transfer: $(INSTALLED)
	$(BIN)/python reports/gallery/transfer_study.py $(CIFAR) trickbook-transfer
	for images in 50 200 1000; do \
	    $(BIN)/python reports/gallery/collect.py trickbook-transfer/transfer-$$images transfer-$$images \
	    || exit 1; done

readme: $(INSTALLED)
	$(BIN)/python reports/gallery/update_evidence.py
	$(BIN)/python reports/gallery/update_readme.py

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; (3, 11) <= v[:2] <= (3, 13) or sys.exit( \
	    "trickbook needs Python 3.11, 3.12 or 3.13, and %s is %d.%d. Name another: make PYTHON=python3.12 run" \
	    % (sys.executable, v[0], v[1]))'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

$(OTHER)/.installed: pyproject.toml
	$(PYTHON) -m venv $(OTHER)
	$(PYTHON) -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	    e = p["optional-dependencies"]; print(*p["dependencies"], *e["dev"], *e["backends"], sep="\n")' \
	    | grep --invert-match ^tensorflow > $(OTHER)/requirements.txt
	$(OTHER)/bin/python -m pip install --quiet --requirement $(OTHER)/requirements.txt
	$(OTHER)/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

clean:
	rm -rf $(VENV) $(OTHER) build *.egg-info .pytest_cache .ruff_cache .mypy_cache .typing
