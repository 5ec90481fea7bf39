#!/usr/bin/env bash
# Make the parquet files of Stages 1 to 3 and of the reward model from annotations and photographs.
#
#   bash examples/data.sh [OUT]                       # OUT=work/iea_data; with stand-ins: minutes on two cores
#   GIER=/data/gier FIVEK=/data/fivek SIZE=504 PAIRS_PER_PHOTO=8 bash examples/data.sh /shared/iea_data
#
# Rerun the command to resume after an interruption; the bytes stay the same. See docs/data.md.
#
# GIER, FIVEK   folders of the data sets with their photographs; unset = stand-ins (examples/stand_ins.py)
# ANNOTATIONS   folder with gier/ and fivek/, the annotation files for stand-ins; unset = annotations of our own
# PHOTOS        a folder of your photographs, for synthesis too
# TEACHER       options of an endpoint that annotates, such as "--url URL --model NAME --price-in 2 --price-out 8"
# COUNT_GIER, COUNT_FIVEK   numbers of stand-ins
# SIZE, PAIRS_PER_PHOTO, JUDGED, STYLE, WORKERS   options of `iea data prepare`
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${PYTHON:-}" ] || bash examples/setup.sh
python=${PYTHON:-.venv/bin/python}
out=$(realpath -m "${1:-work/iea_data}")
size=${SIZE:-252} judged=${JUDGED:-100}
stand_in() { # set, count: make the folder of a data set with stand-in photographs unless it exists
  local from=(--own)
  if [ -n "${ANNOTATIONS:-}" ]; then from=(--annotations "$ANNOTATIONS/$1"); fi
  [ -d "$out/standin/$1" ] || "$python" examples/stand_ins.py "$1" "${from[@]}" --out "$out/standin/$1" --count "$2" --side "$size"
}

[ -n "${GIER:-}" ] || stand_in gier "${COUNT_GIER:-60}"
[ -n "${FIVEK:-}" ] || stand_in fivek "${COUNT_FIVEK:-30}"
fivek=${FIVEK:-$out/standin/fivek}
options=(--source "gier=${GIER:-$out/standin/gier}" --source "fivek_req=$fivek" --source "fivek=$fivek")
[ -z "${PHOTOS:-}" ] || options+=(--photos "$PHOTOS")

# Expect "gier: 60 of 60 kept" for stand-ins and about 2,400 for GIER itself, each rejection with its reason; labels close
# to the oracle for stand-ins, which our tools render; "all 16 tools used". The summary of a mix reports rows that are
# missing from the paper's counts. The status is 3 if an endpoint leaves pairs unanswered.
# shellcheck disable=SC2086 # the teacher's options are split at spaces
"$python" -m iea.recipe.cli data prepare --out "$out" "${options[@]}" --size "$size" --max-pixels $((size * size)) \
  --pairs-per-photo "${PAIRS_PER_PHOTO:-2}" --judged "$judged" --judged-val $((judged / 10 + 1)) \
  --style "${STYLE:-full}" --workers "${WORKERS:-0}" ${TEACHER:-}
echo "made $out: stage1, stage2, stage3 and judge, each with train.parquet, val.parquet, manifest.json and sheet.png"
