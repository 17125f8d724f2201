# ./dev kms: commands in a user-mode linux with three virtual displays.
. "$top/sdk/kms/kernel.sh"
. "$top/sdk/kms/qemu.sh"

kms() {
	local what=${1:-} status=0
	[ $# = 0 ] || shift
	case $what in
	test | bench | shell | run) ;;
	qemu)
		kms_qemu "$@"
		return
		;;
	*) die -2 "usage: ./dev kms test [NAME...] | bench [--frames N] [--only NAME,...] [--soak N] | shell | run CMD... | qemu test|run CMD..." ;;
	esac
	[ "$what" != run ] || [ $# -gt 0 ] || die -2 "usage: ./dev kms run CMD..."
	[ "${1:-}" != -- ] || shift

	setup full
	build_tree build || exit 125
	setup_kernel || exit $?
	case $what in
	test) kms_test "$@" ;;
	bench) kms_bench "$@" ;;
	shell) in_guest bash ;;
	run) in_guest "$@" ;;
	esac
}

# in_guest [--heads FILE] CMD...: the tree and the current directory are there at their own paths.
in_guest() {
	local heads=$top/sdk/kms/heads
	if [ "$1" = --heads ]; then
		heads=$2
		shift 2
	fi
	enter --bind "$kernel" -- "$top/sdk/kms/boot.sh" "$kernel/linux" "$heads" "$@"
}

# kms_test [NAME...]: TAP on stdout.
kms_test() { (cd "$top" && in_guest "$top/tests/kms/run-in-guest.sh" "$@"); }

# From commit to page flip, of us and our peers; a table on stdout, out/kms/flips.json.
kms_bench() {
	mkdir -p "$top/out/kms"
	(cd "$top" && in_guest --heads "$top/sdk/kms/heads-bench" env build="${BN_BUILD:-$top/build}" out="$top/out/kms" python3 -B tests/kms/bench.py "$@")
}
