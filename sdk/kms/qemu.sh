# ./dev kms qemu: commands in a virtual PC with a virtio graphics card of three heads; a second opinion beside
# user-mode linux, with another driver, real EDIDs, and timelines.

kms_qemu() {
	local what=${1:-}
	[ $# = 0 ] || shift
	[ "${1:-}" != -- ] || shift
	setup full
	build_tree build || exit 125
	case $what in
	test) qemu_test ;;
	run)
		[ $# -gt 0 ] || die -2 "usage: ./dev kms qemu run CMD..."
		setup_qemu || exit $?
		in_qemu "$@"
		;;
	*) die -2 "usage: ./dev kms qemu test | run CMD..." ;;
	esac
}

# Status 77: not possible here, and the reason has been said.
setup_qemu() {
	local need
	for need in /usr/bin/qemu-system-x86_64 /usr/libexec/virtiofsd /usr/share/seabios/bios-256k.bin \
		/usr/share/binnacle-sdk/qemu-kernel; do
		enter -- test -e $need || {
			say "kms qemu: $need is not installed"
			return 77
		}
	done
}

# in_qemu CMD...: the tree and the current directory are there at their own paths.
in_qemu() { enter -- "$top/sdk/kms/qemu-boot.sh" "$@"; }

# TAP on stdout.
qemu_test() {
	setup_qemu || return
	(cd "$top" && in_qemu env BN_KMS_TIMEOUT=600 "$top/tests/kms/run-in-guest.sh" qemu)
}
