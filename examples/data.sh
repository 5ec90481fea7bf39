#!/usr/bin/env bash
# From annotation folders and photographs to the parquet files of Stages 1 to 3 and of the reward model.
#
#   bash examples/data.sh [OUT]                       # OUT=work/iea_data; stand-ins: minutes on two cores
#   GIER=/data/gier FIVEK=/data/fivek SIZE=504 PHOTOS_ROWS=8 bash examples/data.sh /shared/iea_data
#
# Ended at any point and started again, it goes on where it was, and the bytes are the same. See docs/data.md.
#
# GIER, FIVEK   folders of the data sets with their photographs; unset = stand-ins (examples/stand_ins.py), of
# ANNOTATIONS   folder with gier/ and fivek/, their annotation files; unset = annotations of our own
# PHOTOS        a folder of photographs of yours, for synthesis too
# TEACHER_URL, TEACHER_MODEL, TEACHER_OPTIONS   an endpoint to explain pairs, as "--price-in 2 --price-out 8 --budget 20"
# COUNT_GIER, COUNT_FIVEK, SIZE, PHOTOS_ROWS, JUDGED, STYLE, WORKERS   how much, how large, how asked, processes (0 = one a CPU)
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${PYTHON:-}" ] || bash examples/setup.sh
python=${PYTHON:-.venv/bin/python}
out=$(realpath -m "${1:-work/iea_data}")
size=${SIZE:-252} workers=${WORKERS:-0}
step() { echo "== python -m iea.data_prep.$*"; "$python" -m "iea.data_prep.$@"; }
stand_in() { # set, count: the folder of a data set with stand-in photographs, made once
  local from=(--own)
  if [ -n "${ANNOTATIONS:-}" ]; then from=(--annotations "$ANNOTATIONS/$1"); fi
  [ -d "$out/standin/$1" ] || "$python" examples/stand_ins.py "$1" "${from[@]}" --out "$out/standin/$1" --count "$2" --side "$size"
}

# 1. Photographs: decoded, aligned, reduced; near-duplicates in one group, each group in one split.
#    Expect "gier: 60 of 60 kept" of stand-ins; of GIER itself some 2.4 k, and every refusal with its reason.
[ -n "${GIER:-}" ] || stand_in gier "${COUNT_GIER:-60}"
[ -n "${FIVEK:-}" ] || stand_in fivek "${COUNT_FIVEK:-30}"
ingest() { step ingest.step "$1" --root "$2" --out "$out/pairs" --max-pixels $((size * size)) --workers "$workers"; }
ingest gier "${GIER:-$out/standin/gier}"
ingest fivek_req "${FIVEK:-$out/standin/fivek}"
ingest fivek "${FIVEK:-$out/standin/fivek}"
[ -z "${PHOTOS:-}" ] || ingest folder "$PHOTOS"

# 2. A teacher explains every pair. An endpoint that fails ends this with status 3: start again, nothing is paid twice.
teacher=(--workers "$workers")
# shellcheck disable=SC2206 # options are meant to be split
[ -z "${TEACHER_URL:-}" ] || teacher=(--url "$TEACHER_URL" --model "${TEACHER_MODEL:?}" ${TEACHER_OPTIONS:-})
step annotate.step --pairs "$out/pairs/pairs.parquet" --out "$out/taught" "${teacher[@]}"

# 3. A search makes labels of the explanations; the oracle says what could have been reached.
#    Expect "of ceiling" near 1 for stand-ins: they are rendered by our own tools.
step label.step --taught "$out/taught" --out "$out/distilled" --workers "$workers"
step mix.expand --distilled "$out/distilled" --out "$out/examples"

# 4. Synthetic Edit, Summary and Refine rows, and scored sentences for the reward model.
#    Expect "all 16 tools used".
step synthesize.step --pairs "$out/pairs/pairs.parquet" --out "$out/synthetic" --size "$size" --workers "$workers" \
  --photos-rows "${PHOTOS_ROWS:-2}" --judged "${JUDGED:-100}" --judged-val "$((${JUDGED:-100} / 10 + 1))"

# 5. What verl reads. Fewer rows than the paper's counts are taken as they are, and the summary says so.
mix() { step mix.step "$@" --style "${STYLE:-full}" --max-pixels $((size * size)); }
mix stage1 --examples "$out/examples" --out "$out/stage1"
mix stage2 --examples "$out/examples" --out "$out/stage2"
mix stage3 --examples "$out/examples" --examples "$out/synthetic/examples" --out "$out/stage3"
mix judge --judged "$out/synthetic/judged" --out "$out/judge"

# 6. What came of it: stats.md, stats.png and a contact sheet beside each file.
for stage in stage1 stage2 stage3 judge; do
  step inspect.stats "$out/$stage/train.parquet" --out "$out/$stage/stats" > /dev/null # it is in stats.md
  step inspect.show "$out/$stage/train.parquet" --out "$out/$stage/sheet.png" --rows 24
done
echo "made $out: stage1, stage2, stage3 and judge, each with train.parquet, val.parquet, manifest.json and sheet.png"
