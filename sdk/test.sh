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
	rm -f "$top/$name/meson-logs/testlog.json"
	in_tree meson test -C "$name" --no-rebuild --print-errorlogs --quiet "$@" >&2 || status=$?
	if [ -e "$top/$name/meson-logs/testlog.json" ]; then
		report meson "$name" out/tests/tally || true
	elif [ $status != 0 ]; then
		report one "meson test in $name" $status out/tests/tally || true
	fi
	exec {lock}<&-
}

compile_and_test() {
	stage "$1: compile" compile "$@" || return 0
	stage "$1: test" run_tests "$1"
}

test_once() {
	test_begin
	setup any
	compile_and_test build
	test_end
}

test_all() {
	test_begin
	setup full
	compile_and_test build
	CC=clang compile_and_test build-clang
	test_end
}
