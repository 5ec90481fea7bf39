.PHONY: test bench

test:  # as CI does
	bash examples/test.sh

bench:  # how fast the editor is; writes docs/benchmarks.md and docs/benchmarks.png
	.venv/bin/python tests/benchmarks/run.py --out docs
