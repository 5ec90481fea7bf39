.PHONY: check test bench docs

check:  # lint, types and the quick tests: under 90 seconds on two cores
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/mypy tests/scripts
	.venv/bin/python -m pytest -q -n 2 -m "not lane and not slow"

test:  # lint, types and all tests, as in CI
	bash examples/test.sh

docs:  # the generated tables
	.venv/bin/iea tools > docs/tools.md
	.venv/bin/iea data reasons --page docs/data.md

bench:  # speed of the editor: docs/benchmarks.md and docs/benchmarks.png
	.venv/bin/python tests/benchmarks/run.py --out docs
