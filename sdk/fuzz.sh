# ./dev fuzz, after the build: tests/fuzz/protocol with the programs of a build directory.

# fuzz_protocol BUILD ARGS...: what it finds is in out/fuzz/protocol, or what --out names.
fuzz_protocol() {
	local build=$1
	shift
	mkdir -p "$top/out/fuzz/protocol"
	(cd "$top" && enter -- env FUZZ_BUILD="$top/$build" LSAN_OPTIONS="suppressions=$top/tests/data/lsan.supp" \
		python3 -B tests/fuzz/protocol "$@")
}
