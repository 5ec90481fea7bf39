#!/usr/bin/env bash
# Run lint, types and every test.   bash examples/test.sh [pytest options]
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/setup.sh
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/python -m mypy
.venv/bin/python -m mypy tests/scripts
if [ $# -gt 0 ]; then exec .venv/bin/python -m pytest "$@"; fi
.venv/bin/python -m pytest -n 2 --dist worksteal --timeout 600 -m "not lane"
.venv/bin/python -m pytest -n 2 --dist loadfile --timeout 2400 -m "lane and not alone" # each starts a Ray of its own
.venv/bin/python -m pytest --timeout 2400 -m alone
