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
trap 'if [ -n "${cluster:-}" ]; then kill "$cluster" 2> /dev/null || true; wait "$cluster" || true; fi; rm -rf "$temporary"' EXIT

# The unpacked wheel is the job's working directory: Ray copies it to every node and puts it on the path of every worker, so that
# verl finds its entry point. Ray's `pip` would copy the node's virtual environment, and a wheel in `py_modules` would be installed
# with all its requirements, in the place of the node's own
printf '[build]\nbuild_base=%s\n[egg_info]\negg_base=%s\n' "$temporary" "$temporary" > "$temporary/distutils.cfg"
DIST_EXTRA_CONFIG=$temporary/distutils.cfg "$python" -m pip --quiet wheel --no-deps --wheel-dir "$temporary" .
"$python" -m pip --quiet install --no-deps --target "$temporary/wheel" "$temporary"/verl_iea-*.whl

ray() { "$python" -m ray.scripts.scripts "$@"; }
entry=(python) words=("$@")
if [ -z "${RAY_API_SERVER_ADDRESS:-}" ]; then
  # Ray 2.60 requires a token by default; the nodes and verl's servers listen on loopback alone, which the second one sets
  export RAY_AUTH_MODE=disabled RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 RAY_USAGE_STATS_ENABLED=0
  count=${NODES:-1} port=${DASHBOARD_PORT:-8265}
  export RAY_API_SERVER_ADDRESS=http://127.0.0.1:$port
  mkdir "$temporary/ray"
  RAY_TMPDIR=$temporary "$python" - "$count" "$port" "$temporary" > "$temporary/cluster.log" 2>&1 << 'PYTHON' &
import signal, sys
from ray.cluster_utils import Cluster # `ray start` refuses to start a second node on loopback
count, port, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
cluster = Cluster()
dashboard = {"include_dashboard": True, "dashboard_host": "127.0.0.1", "dashboard_port": port}
for number in range(count): # verl does not wait for nodes: each is alive before the next one starts
    cluster.add_node(
        num_cpus=16, num_gpus=1, object_store_memory=2**30, temp_dir=f"{folder}/{number}", **({} if number else dashboard)
    )
print("all nodes are alive", flush=True)
signal.pause()
PYTHON
  cluster=$!
  until grep -q "all nodes are alive" "$temporary/cluster.log" && ray job list > /dev/null 2>&1; do
    kill -0 "$cluster" 2> /dev/null || { cat "$temporary/cluster.log" >&2; exit 1; }
    sleep 1
  done
  # the nodes have their CPUs and slots already: verl must not ask for them
  entry=("$python") words=(+recipe=iea_cpu "trainer.nnodes=$count" ray_kwargs.ray_init.{num_cpus,num_gpus,include_dashboard}"=null" "$@")
fi

# Ray rejects a variable that both the job and verl set, so the job sets as few as it can
variables=$("$python" -c 'import json, os; print(json.dumps({name: os.environ[name] for name in ("IEA_HOME", "WANDB_MODE") if name in os.environ}))')
ray job submit --working-dir "$temporary/wheel" --runtime-env-json "{\"env_vars\": $variables}" -- \
  "${entry[@]}" -m verl.trainer.main_ppo "${words[@]}"
