# ./dev faults, after the build: tests/faults, here and in the user-mode linux guest.

# faults ARGS...: what --out names may be anywhere, so it is made and bound here.
faults() {
	local out=$top/out/faults arguments=() status=0 guest=0 skip=()
	while [ $# -gt 0 ]; do
		case $1 in
		--out)
			[ $# -ge 2 ] || die -2 "--out needs a directory"
			out=$(realpath -sm "$2")
			shift
			;;
		--only)
			[ $# -ge 2 ] || die -2 "--only needs names of rows, ROW,...: python3 tests/faults list"
			arguments+=(--only "$2")
			shift
			;;
		--quick) arguments+=(--quick) ;;
		*) die -2 "usage: ./dev faults [--only ROW,...] [--quick] [--out DIR]" ;;
		esac
		shift
	done
	mkdir -p "$out"
	rm -rf "$out"/cells-*.json "$out/pictures"
	cd "$top"
	campaign run --backends headless,nested || status=1
	if [ -n "$(campaign list --backends drm)" ]; then
		campaign_in_guest || guest=$?
		case $guest in
		0) ;;
		77) skip=(--skip "user-mode linux cannot be had here") ;;
		*) status=1 skip=(--skip "the user-mode linux guest ended with status $guest") ;;
		esac
	fi
	campaign report "${skip[@]}" || status=1
	say "$out/index.html"
	return $status
}

# campaign WHAT ARGS...
campaign() { enter --bind "$out" -- python3 -B tests/faults "$@" "${arguments[@]}" --out "$out"; }

# Rows for a kernel's displays; 1: one of them failed, 77: there is no such kernel. Small displays, as for the bench.
campaign_in_guest() {
	. "$top/sdk/kms/kms.sh"
	setup_kernel || return 77
	enter --bind "$kernel" --bind "$out" -- "$top/sdk/kms/boot.sh" "$kernel/linux" "$top/sdk/kms/heads-bench" \
		python3 -B tests/faults run --backends drm "${arguments[@]}" --out "$out"
}
