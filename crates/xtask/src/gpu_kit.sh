#!/bin/sh
# Checks, measures and trains on a machine with an NVIDIA driver and the CUDA toolkit's headers.
#
#   run.sh PRESET MINUTES OUT    trains PRESET, or goes on where it stopped; results go to OUT
#   run.sh check - OUT           compares CUDA with the CPU, and measures speed and memory
#   run.sh evaluate PRESET OUT   measures the weights that a run of PRESET has exported
#
# OUT receives at most eight files of at most 16 MiB: what is larger comes in parts of 15, and a
# checkpoint with too many of them stays behind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
what=$1
minutes=$2
out=$3
most=8
part=15728640
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

# How many files of OUT some files make.
parts() {
    count=0
    for file in "$@"; do
        bytes=$(wc -c <"$file")
        count=$((count + (bytes + part - 1) / part))
    done
    echo "$count"
}

# A file to OUT, whole or in parts. Put together again with: cat NAME.part-* > NAME
put() {
    name=$(basename "$1")
    rm -f "$out/$name" "$out/$name".part-*
    if [ "$(parts "$1")" -le 1 ]; then
        cp "$1" "$out/$name"
    else
        split -b "$part" "$1" "$out/$name.part-"
    fi
}

run=$here/runs/$what
resume=
[ ! -f "$run/checkpoint.safetensors" ] || resume=--resume
if [ -n "$resume" ]; then
    set -- --resume --data "$here/clips"
else
    set -- --preset "$what" --data "$here/clips"
fi
"$here/trainer" train "$@" --out "$run" --cache "$here/cache" --device cuda --max-time "${minutes}m"

checkpoint=$run/checkpoint.safetensors
set -- "$run/log.jsonl" "$run/config.toml" "$run/export/README.md" "$run/export/model.safetensors"
results=$(parts "$@")
if [ "$results" -gt "$most" ]; then
    echo "the results make $results files, and OUT takes $most; they stay in $run" >&2
    exit 1
fi
for file in "$@"; do
    put "$file"
done
total=$((results + $(parts "$checkpoint")))
if [ "$total" -gt "$most" ]; then
    rm -f "$out"/checkpoint.safetensors*
    echo "with the checkpoint there are $total files, and OUT takes $most; it stays in $run" >&2
    exit 1
fi
put "$checkpoint"
