#!/usr/bin/env bash
# Talk to your photograph on a page, http://127.0.0.1:8000.   bash examples/page.sh [options of iea web]
#
#   bash examples/page.sh                                                                         # an offline interpreter reads requests
#   IEA_ENDPOINT=https://api.openai.com/v1 IEA_MODEL=gpt-4.1 IEA_KEY_ENV=OPENAI_API_KEY bash examples/page.sh   # a hosted model
#   bash examples/page.sh --checkpoint work/seed-0/stage3/huggingface --prompt-style short        # after examples/demo.sh: the tiny policy
#
# Makes .venv on first use, of about 1 GB; needs Python 3.10 or newer, PYTHON names another one than python3.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd) # not cd: options may name files
python=$here/.venv/bin/python
needs='from importlib.util import find_spec; import sys; sys.exit(not all(map(find_spec, ("iea", "starlette", "uvicorn", "jinja2"))))'
if ! "$python" -c "$needs" 2> /dev/null; then
  [ -x "$python" ] || "${PYTHON:-python3}" -m venv "$here/.venv"
  echo "Installing into .venv: a few minutes" >&2
  "$python" -m pip --quiet --disable-pip-version-check install --editable "${here}[agent,heic]"
fi
exec "$python" -m iea.recipe.cli web "$@"
