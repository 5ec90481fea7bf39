#!/usr/bin/env bash
# From annotation folders and photographs to the parquet files of Stages 1 to 3 and of the reward model.
#
#   bash examples/data.sh [OUT]                       # OUT=work/iea_data; stand-ins: minutes on two cores
#   GIER=/data/gier FIVEK=/data/fivek SIZE=504 PAIRS_PER_PHOTO=8 bash examples/data.sh /shared/iea_data
#
# Safe to interrupt: the same command resumes, and the bytes are the same. See docs/data.md.
#
# GIER, FIVEK   folders of the data sets with their photographs; unset = stand-ins (examples/stand_ins.py), of
# ANNOTATIONS   folder with gier/ and fivek/, their annotation files; unset = annotations of our own
# PHOTOS        a folder of your photographs, for synthesis too
# TEACHER       options of an endpoint that explains pairs, such as "--url URL --model NAME --price-in 2 --price-out 8"
# COUNT_GIER, COUNT_FIVEK   stand-ins to make
# SIZE, PAIRS_PER_PHOTO, JUDGED, STYLE, WORKERS   options of `iea data prepare`
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${PYTHON:-}" ] || bash examples/setup.sh
python=${PYTHON:-.venv/bin/python}
out=$(realpath -m "${1:-work/iea_data}")
size=${SIZE:-252} judged=${JUDGED:-100}
stand_in() { # set, count: the folder of a data set with stand-in photographs, made once
  local from=(--own)
  if [ -n "${ANNOTATIONS:-}" ]; then from=(--annotations "$ANNOTATIONS/$1"); fi
  [ -d "$out/standin/$1" ] || "$python" examples/stand_ins.py "$1" "${from[@]}" --out "$out/standin/$1" --count "$2" --side "$size"
}

[ -n "${GIER:-}" ] || stand_in gier "${COUNT_GIER:-60}"
[ -n "${FIVEK:-}" ] || stand_in fivek "${COUNT_FIVEK:-30}"
fivek=${FIVEK:-$out/standin/fivek}
options=(--source "gier=${GIER:-$out/standin/gier}" --source "fivek_req=$fivek" --source "fivek=$fivek")
[ -z "${PHOTOS:-}" ] || options+=(--photos "$PHOTOS")

# Expect "gier: 60 of 60 kept" of stand-ins, of GIER itself some 2.4 k, and every rejection with its reason; labels
# "of oracle" near 1 for stand-ins, which our own tools render; "all 16 tools used". Fewer rows than the paper's counts
# are taken as they are, and the summary of the mix says so. If an endpoint leaves pairs unanswered, the status is 3.
# shellcheck disable=SC2086 # the teacher's options are meant to be split
"$python" -m iea.recipe.cli data prepare --out "$out" "${options[@]}" --size "$size" --max-pixels $((size * size)) \
  --pairs-per-photo "${PAIRS_PER_PHOTO:-2}" --judged "$judged" --judged-val $((judged / 10 + 1)) \
  --style "${STYLE:-full}" --workers "${WORKERS:-0}" ${TEACHER:-}
echo "made $out: stage1, stage2, stage3 and judge, each with train.parquet, val.parquet, manifest.json and sheet.png"
