#!/bin/bash
# fuzz-one.sh SECONDS TARGET: runs one fuzzer of build-fuzz and leaves its status in out/fuzz/TARGET.status.
# For NAME_fuzz, words are in tests/fuzz/NAME.dict, seeds in tests/fuzz/corpus/NAME or made by the build as
# NAME_seeds. What it finds new stays in out/fuzz.
seconds=$1
target=$2
name=${target%_fuzz}
out=out/fuzz
mkdir -p "$out/$target"
options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$out/$target-")
[ ! -e "tests/fuzz/$name.dict" ] || options+=(-dict="tests/fuzz/$name.dict")
seeds=()
for folder in "tests/fuzz/corpus/$name" "build-fuzz/tests/fuzz/${name}_seeds"; do
	[ ! -d "$folder" ] || seeds+=("$folder")
done
"build-fuzz/tests/fuzz/$target" "${options[@]}" "$out/$target" "${seeds[@]}" >"$out/$target.log" 2>&1
status=$?
echo $status >"$out/$target.status"
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")
echo "dev: fuzz $target: status $status, ${runs:-?} runs" >&2
[ $status = 0 ] || tail -n 30 "$out/$target.log" >&2
exit 0
