# Everything runs in .venv; nothing else is needed but Python 3.11 to 3.13 and make.
PYTHON ?= python3
VENV := .venv/bin
.PHONY: setup demo test lab notebooks classroom clean

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "crlkit needs Python 3.11 to 3.13; name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(VENV)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(VENV)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: setup
	$(VENV)/crlkit demo

# Tests compile much and compute little: one device compiles everything once, and fast. Not for experiments. Three workers
# keep two cores busy while one waits for a process of its own.
QUICK := --xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true --xla_cpu_use_fusion_emitters=false

test: setup
	CRLKIT_PRESET=smoke JAX_NUM_CPU_DEVICES=1 XLA_FLAGS="$(QUICK)" $(VENV)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder --nbmake --nbmake-timeout=600 --durations=15

lab: setup
	$(VENV)/jupyter lab notebooks

# Runs every notebook in order and keeps it with its outputs.
notebooks: setup
	for notebook in notebooks/[0-9]*.ipynb; do \
	  env -u CRLKIT_PRESET $(VENV)/jupyter nbconvert --to notebook --execute --inplace \
	    --ExecutePreprocessor.record_timing=False "$$notebook" || exit 1; \
	done

# classroom/student without solutions and outputs, classroom/teacher with the solutions in place.
classroom: setup
	$(VENV)/python -m crlkit.course.classroom

clean:
	rm -rf .venv
