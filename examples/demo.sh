#!/usr/bin/env bash
# Run the recipe on two cores without a GPU: data, judge, tiny policy, three stages, tables and plots.   bash examples/demo.sh [--help]
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/setup.sh
exec .venv/bin/python -m iea.recipe.cli train "$@"
