.PHONY: check test bench docs

check:  # lint, types and the quick tests, in about a minute and a half on two cores
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/mypy tests/scripts
	.venv/bin/python -m pytest -q -n 2 -m "not lane and not slow"

test:  # everything, as CI does
	bash examples/test.sh

docs:  # the generated table of tools
	.venv/bin/iea tools > docs/tools.md

bench:  # how fast the editor is; writes docs/benchmarks.md and docs/benchmarks.png
	.venv/bin/python tests/benchmarks/run.py --out docs
