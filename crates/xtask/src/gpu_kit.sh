#!/bin/sh
# Checks, measures and trains on a machine with an NVIDIA driver and the CUDA toolkit's headers.
#
#   run.sh PRESET MINUTES OUT    trains PRESET, or goes on where it stopped; results go to OUT
#   run.sh check - OUT           compares CUDA with the CPU, and measures speed and memory
#   run.sh evaluate PRESET OUT   measures the weights that a run of PRESET has exported
#
# OUT receives at most eight files of at most 16 MiB.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
what=$1
minutes=$2
out=$3
mkdir -p "$out"

if [ "$what" = check ]; then
    "$here/trainer" check --device cuda >"$out/check.md" 2>&1 || echo "check failed" >>"$out/check.md"
    cat "$out/check.md"
    for batch in 1 4 16; do
        "$here/trainer" bench --device cuda --batch "$batch" --steps 10 >>"$out/bench.md" 2>&1 || true
    done
    cat "$out/bench.md"
    exit 0
fi

if [ "$what" = evaluate ]; then
    "$here/trainer" evaluate --data "$here/clips" --model "$here/runs/$2/export" --mask none lowpass50 paper50 \
        --device cuda >"$out/evaluation.md"
    cat "$out/evaluation.md"
    exit 0
fi

run=$here/runs/$what
resume=
[ ! -f "$run/checkpoint.safetensors" ] || resume=--resume
if [ -n "$resume" ]; then
    set -- --resume --data "$here/clips"
else
    set -- --preset "$what" --data "$here/clips"
fi
"$here/trainer" train "$@" --out "$run" --cache "$here/cache" --device cuda --max-time "${minutes}m"

cp "$run/log.jsonl" "$run/config.toml" "$out/"
cp "$run/export/model.safetensors" "$out/model.safetensors"
cp "$run/export/README.md" "$out/README.md"
# Put together again with: cat checkpoint.part-* > checkpoint.safetensors
split -b 15m "$run/checkpoint.safetensors" "$out/checkpoint.part-"
