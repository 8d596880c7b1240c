# Everything runs in .venv; nothing else is needed but Python 3.11 to 3.13 and make.
PYTHON ?= python3
VENV := .venv/bin
.PHONY: setup demo test lab notebooks classroom site clean

setup: .venv/ready

# An environment knows its folder by its full name: after `mv` nothing in it starts, and one that was copied would run the
# package of the first folder. It says where it was made; made elsewhere, it is made anew.
MADE_AT := $(shell sed -n 's/^command = .* -m venv \(--clear \)*//p' .venv/pyvenv.cfg 2>/dev/null)
ifneq "$(MADE_AT)" ""
ifneq "$(MADE_AT)" "$(CURDIR)/.venv"
.PHONY: .venv/ready
endif
endif

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "crlkit needs Python 3.11 to 3.13; name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv --clear .venv
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

# Flags of JupyterLab: make lab ARGS="--ip 0.0.0.0 --no-browser". It wants to be told that root is meant.
lab: setup
	$(VENV)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS) notebooks

# Runs every notebook in order and keeps it with its outputs.
notebooks: setup
	for notebook in notebooks/*.ipynb; do \
	  env -u CRLKIT_PRESET $(VENV)/jupyter nbconvert --to notebook --execute --inplace \
	    --ExecutePreprocessor.record_timing=False "$$notebook" || exit 1; \
	done

# classroom/student without solutions and outputs, classroom/teacher with the solutions in place.
classroom: setup
	$(VENV)/python notebooks/classroom.py

# The course, what moves in it, figures, claims and the reference as pages in build/site that need no kernel and no internet;
# then every page is opened in a browser, where there is one.
site: setup
	$(VENV)/python -m pip install --quiet --disable-pip-version-check -r docs/site/requirements.lock
	$(VENV)/python -m sphinx -q -c docs/site -d build/doctrees . build/site
	$(VENV)/python -m pytest tests/test_site.py

clean:
	rm -rf .venv build
