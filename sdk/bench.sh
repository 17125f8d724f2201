# ./dev bench and ./dev soak, after the build: tests/bench/compare, with the compositors of the full package list.

# bench WHAT ARGS...: what --out names may be anywhere, so it is made and bound here.
bench() {
	local out=$top/out/bench arguments=()
	while [ $# -gt 0 ]; do
		if [ "$1" = --out ]; then
			[ $# -ge 2 ] || die -2 "--out needs a directory"
			out=$(realpath -sm "$2")
			shift
		else
			arguments+=("$1")
		fi
		shift
	done
	mkdir -p "$out"
	# Not in a subshell: the environment ends with this shell, however that is ended.
	cd "$top"
	enter --bind "$out" -- env BENCH_BUILD="$top/build" \
		python3 -B tests/bench/compare "${arguments[@]}" --out "$out"
}
