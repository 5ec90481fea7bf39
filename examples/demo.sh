#!/usr/bin/env bash
# Run the demonstration: data, tiny model, SFT, GRPO, tables and plots, on two cores without a GPU.   bash examples/demo.sh [--help]
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/setup.sh
exec .venv/bin/python -m iea.recipe.cli train "$@"
