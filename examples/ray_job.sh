#!/usr/bin/env bash
# Run `+recipe=iea_cpu` as a Ray job on a local cluster.   bash examples/ray_job.sh [hydra overrides]
# Needs IEA_HOME with data/, and iea.model=FOLDER of an SFT policy; on an existing cluster only the last command is needed.
set -euo pipefail
export IEA_HOME=${IEA_HOME:?must be an absolute path of a folder with data/; make it with iea data prepare}
# Ray 2.60 requires a token by default; this head and verl's servers listen on loopback alone, which the second one sets
export RAY_AUTH_MODE=disabled RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 RAY_USAGE_STATS_ENABLED=0
python=${PYTHON:-$(cd "$(dirname "$0")/.." && pwd)/.venv/bin/python}
port=${DASHBOARD_PORT:-8265}
temporary=$(mktemp -d -p "${RAY_TMPDIR:-/tmp}") # not TMPDIR: the paths of Ray's sockets are limited to 107 bytes

"$python" -m ray.scripts.scripts start --head --block --node-ip-address=127.0.0.1 --port="${RAY_PORT:-6399}" --num-cpus=16 --num-gpus=1 \
  --dashboard-host=127.0.0.1 --dashboard-port="$port" --temp-dir="$temporary" > "$temporary/head.log" 2>&1 &
head=$!
trap 'kill "$head" 2>/dev/null; wait "$head" || true; rm -rf "$temporary"' EXIT # stops only the cluster of this script
until "$python" -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/api/version')" 2>/dev/null; do
  kill -0 "$head" 2>/dev/null || { cat "$temporary/head.log" >&2; exit 1; }
  sleep 1
done

# Ray rejects a variable that both the job and verl set, so the job sets only IEA_HOME. The cluster has its CPUs and
# slots already: verl must not ask for them. `ray job submit` would not quote the words of the command for the shell
"$python" - "http://127.0.0.1:$port" "$python" -m verl.trainer.main_ppo +recipe=iea_cpu \
  ray_kwargs.ray_init.num_cpus=null ray_kwargs.ray_init.num_gpus=null ray_kwargs.ray_init.include_dashboard=null "$@" << 'EOF'
import asyncio, os, shlex, sys
from ray.job_submission import JobStatus, JobSubmissionClient

client = JobSubmissionClient(sys.argv[1])
job = client.submit_job(
    entrypoint=shlex.join(sys.argv[2:]), runtime_env={"env_vars": {"IEA_HOME": os.environ["IEA_HOME"]}}
)


async def follow():
    async for text in client.tail_job_logs(job):
        print(text, end="")


asyncio.run(follow())
status = client.get_job_status(job)
print(f"the job {job} has {status.value.lower()}")
sys.exit(status != JobStatus.SUCCEEDED)
EOF
