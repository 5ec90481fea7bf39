#!/usr/bin/env bash
# Train by GRPO as a Ray job whose workers, on all nodes, use the wheel of this checkout.   bash examples/ray_job.sh [hydra overrides]
#
#   IEA_HOME=/shared/iea RAY_API_SERVER_ADDRESS=http://HEAD:8265 bash examples/ray_job.sh +recipe=iea iea.model=...
#
# Nodes need what `pip install ".[gpu]"` installs, not iea itself. Without RAY_API_SERVER_ADDRESS, `+recipe=iea_cpu` runs on a
# cluster of NODES=1 nodes, each with one logical GPU, which is started here for the time of the job.
set -euo pipefail
export IEA_HOME=${IEA_HOME:?must be an absolute path of a folder with data/; make it with iea data prepare}
cd "$(dirname "$0")/.."
python=${PYTHON:-$PWD/.venv/bin/python}
temporary=$(mktemp -d -p "${RAY_TMPDIR:-/tmp}") # not TMPDIR: the paths of Ray's sockets are limited to 107 bytes
nodes=()
end() {
  local node
  for node in "${nodes[@]}"; do kill "$node" 2> /dev/null && wait "$node" || true; done
  rm -rf "$temporary"
}
trap end EXIT

# The unpacked wheel is the job's working directory: Ray copies it to every node and puts it on the path of every worker, so that
# verl finds its entry point. Ray's `pip` would copy the node's virtual environment, and a wheel in `py_modules` would be installed
# with all its requirements, in the place of the node's own
printf '[build]\nbuild_base=%s\n[egg_info]\negg_base=%s\n' "$temporary" "$temporary" > "$temporary/distutils.cfg"
DIST_EXTRA_CONFIG=$temporary/distutils.cfg "$python" -m pip --quiet wheel --no-deps --wheel-dir "$temporary" .
"$python" -m pip --quiet install --no-deps --target "$temporary/wheel" "$temporary"/verl_iea-*.whl

ray() { "$python" -m ray.scripts.scripts "$@"; }
# A node listens on loopback alone: Ray keeps its address, but would replace 127.0.0.1 by an address of the machine
start_node() { # NUMBER OPTIONS
  mkdir "$temporary/$1"
  "$python" -m ray.scripts.scripts start --block --node-ip-address="127.0.0.$1" --temp-dir="$temporary/$1" \
    --num-cpus=16 --num-gpus=1 "${@:2}" > "$temporary/$1.log" 2>&1 & # not `ray`: the process to end is Python, not a shell
  nodes=("$!" "${nodes[@]}") # the head, which is the first, ends last
}
entry=(python) words=("$@")
if [ -z "${RAY_API_SERVER_ADDRESS:-}" ]; then
  # Ray 2.60 requires a token by default
  export RAY_AUTH_MODE=disabled RAY_USAGE_STATS_ENABLED=0
  gcs=127.0.0.2:${RAY_PORT:-6399} port=${DASHBOARD_PORT:-8265} count=${NODES:-1}
  export RAY_API_SERVER_ADDRESS=http://127.0.0.1:$port
  start_node 2 --head --port="${gcs##*:}" --dashboard-host=127.0.0.1 --dashboard-port="$port"
  until ray job list > /dev/null 2>&1; do
    kill -0 "${nodes[0]}" 2>/dev/null || { cat "$temporary/2.log" >&2; exit 1; }
    sleep 1
  done
  for ((number = 3; number < count + 2; number++)); do start_node "$number" --address="$gcs" --dashboard-agent-listen-port=0; done
  "$python" - "$RAY_API_SERVER_ADDRESS" "$count" << 'PYTHON' # verl does not wait for nodes
import sys, time
from ray.util.state import list_nodes
while len(list_nodes(sys.argv[1], filters=[("state", "=", "ALIVE")])) < int(sys.argv[2]):
    time.sleep(1)
PYTHON
  # the nodes have their CPUs and slots already: verl must not ask for them
  entry=("$python") words=(+recipe=iea_cpu "trainer.nnodes=$count" ray_kwargs.ray_init.{num_cpus,num_gpus,include_dashboard}"=null" "$@")
fi

# Ray rejects a variable that both the job and verl set, so the job sets as few as it can
variables=$("$python" -c 'import json, os; print(json.dumps({name: os.environ[name] for name in ("IEA_HOME", "WANDB_MODE") if name in os.environ}))')
ray job submit --working-dir "$temporary/wheel" --runtime-env-json "{\"env_vars\": $variables}" -- \
  "${entry[@]}" -m verl.trainer.main_ppo "${words[@]}"
