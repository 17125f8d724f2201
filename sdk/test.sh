# ./dev test and ./dev test --all: stages, their seconds, and one line of totals at the end.

tally=$top/out/tests/tally

# stage NAME FUNCTION ARGS...: a stage that fails is counted and the next one is run all the same.
stage() {
	local name=$1 start=$SECONDS status=0
	shift
	say "$name ..."
	"$@" || status=$?
	say "$name: $((SECONDS - start)) s"
	return $status
}

test_begin() {
	mkdir -p "$top/out/tests"
	rm -f "$tally"
}

report() { in_tree python3 sdk/report.py "$@"; }

test_end() {
	[ "$have_full" = yes ] ||
		say "only the base packages are here; what needs clang, kms, Chromium or GTK 4 is in ./dev test --all"
	report sum out/tests/tally
}

# compile NAME OPTION...: a build directory that does not compile is one failed test.
compile() {
	local status=0
	build_tree "$@" || status=$?
	[ $status = 0 ] || report one "compile $1" $status out/tests/tally || true
	return $status
}

# run_tests NAME [MESON TEST ARGS...]: prints what failed; the rest is in NAME/meson-logs.
run_tests() {
	local name=$1 lock status=0
	shift
	lock_tree "$name"
	rm -f "$top/$name"/meson-logs/testlog*.json
	in_tree meson test -C "$name" --no-rebuild --print-errorlogs --max-lines 40 --quiet "$@" >&2 || status=$?
	if compgen -G "$top/$name/meson-logs/testlog*.json" >/dev/null; then
		report meson "$name" out/tests/tally || true
	elif [ $status != 0 ]; then
		report one "meson test in $name" $status out/tests/tally || true
	fi
	exec {lock}<&-
}

# needs PROGRAM STAGE: a host that is used as it is may lack one; a sysroot never does.
needs() {
	in_tree sh -c 'command -v "$0" >/dev/null' "$1" && return
	report one "$2" 77 "$1 is not installed" out/tests/tally
	return 1
}

# compile_and_test NAME [COMPILE OPTION...]
compile_and_test() {
	needs "${compiler:-cc}" "$1" || return 0
	stage "$1: compile" compile "$@" || return 0
	stage "$1: test" run_tests "$1" "${test_options[@]}"
}

test_once() {
	local test_options=()
	test_begin
	setup any
	compile_and_test build
	test_end
}

# Needs the full package list. The kernel is built beside the other stages, at lowest priority, since it
# needs the sysroot's compiler but nothing of the tree.
test_all() {
	. "$top/sdk/kms/kms.sh"
	# Two of them at a time on two cores, with a kernel being built: not the place to be strict with time.
	local test_options=(--timeout-multiplier 4 --setup full) kernel_builder
	test_begin
	setup full
	setup_kernel &
	kernel_builder=$!
	stage "format" check_format
	compile_and_test build
	compiler=clang compile_and_test build-clang
	compile_and_test build-asan -Db_sanitize=address,undefined
	compiler=clang fuzz
	stage "fuzz: protocol, 1 minute" fuzz_clients build --minutes 1.2 --seeds 1..2 --allow-missed 25
	stage "fuzz: protocol with sanitizers, 1 minute" fuzz_clients build-asan --minutes 1.2 --seeds 3..4
	stage "kms" kms_stage $kernel_builder
	test_end
}

check_format() {
	local status=0
	needs clang-format format || return 0
	in_tree sh -c 'find compositor clients tests -name "*.[ch]" -print0 | xargs -0 clang-format --dry-run -Werror' \
		>"$top/out/tests/format.log" 2>&1 || status=$?
	grep error: "$top/out/tests/format.log" | head -n 20 >&2 || true
	report one clang-format $status out/tests/tally || true
}

# A minute for each fuzzer, as many at a time as there are cores; less for each if they are many.
fuzz() {
	local targets seconds=60 limit=360 cores
	needs clang fuzz || return 0
	stage "build-fuzz: compile" compile build-fuzz -Dfuzz=true \
		-Db_sanitize=address,undefined -Db_lundef=false || return 0
	mapfile -t targets < <(find "$top/build-fuzz/tests/fuzz" -maxdepth 1 -type f -name '*_fuzz' -printf '%f\n' 2>/dev/null | sort)
	if [ ${#targets[@]} = 0 ]; then
		say "fuzz: there is no fuzzer yet"
		return
	fi
	cores=$(nproc)
	if [ $((${#targets[@]} * seconds / cores)) -gt $limit ]; then
		seconds=$((limit * cores / ${#targets[@]}))
	fi
	stage "fuzz: ${#targets[@]} targets, $seconds s each" fuzz_targets "$cores" "$seconds" "${targets[@]}"
}

fuzz_targets() {
	local cores=$1 seconds=$2 target status
	shift 2
	printf '%s\0' "$@" | in_tree xargs -0 -n 1 -P "$cores" sdk/fuzz-one.sh "$seconds" || true
	for target; do
		read -r status <"$top/out/fuzz/$target.status" || status=1
		report one "fuzz $target" "$status" out/tests/tally || true
	done
}

# fuzz_clients BUILD ARGS...: hostile clients; one test.
fuzz_clients() {
	local build=$1 status=0
	shift
	mkdir -p "$top/out/fuzz"
	fuzz_protocol "$build" "$@" --out "out/fuzz/protocol-$build" >"$top/out/fuzz/protocol-$build.log" 2>&1 || status=$?
	[ $status = 0 ] || tail -n 30 "$top/out/fuzz/protocol-$build.log" >&2
	report one "fuzz protocol $build" $status out/tests/tally || true
}

kms_stage() {
	local status=0
	wait "$1" || status=$?
	if [ $status = 0 ]; then
		setup_kernel # the builder was another process: this one takes what it made
		mkdir -p "$top/out/kms"
		kms_test >"$top/out/kms/kms.tap" || status=$?
	fi
	if [ $status = 77 ]; then
		report one kms 77 out/tests/tally
	elif [ -s "$top/out/kms/kms.tap" ]; then
		grep -a '^not ok' "$top/out/kms/kms.tap" >&2 || true
		report tap out/kms/kms.tap out/tests/tally || true
	else
		report one kms $status out/tests/tally || true
	fi
}
