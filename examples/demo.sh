#!/usr/bin/env bash
# Photographs, tiny model, SFT, GRPO, table and pictures, on two cores without a GPU.   bash examples/demo.sh [--help]
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/setup.sh
exec .venv/bin/iea train "$@"
