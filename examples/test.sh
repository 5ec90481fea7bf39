#!/usr/bin/env bash
# Run lint, types and every test.   bash examples/test.sh [pytest options]
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/setup.sh
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/python -m mypy
.venv/bin/python -m mypy tests/scripts
exec .venv/bin/python -m pytest "$@"
