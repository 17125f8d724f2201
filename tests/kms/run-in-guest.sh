#!/bin/bash
# Runs in the user-mode linux guest (./dev kms test boots it once): every tests/kms/[0-9]*.sh, in order.
#
# To add a test, add such a script. Its stdout is TAP: source tap.sh, call check, finish with tap_end. It finds
#   $build          the build directory; its tests/kms has uinput-touch, kms-crc and kms-heads
#   $out            a directory of the host for pictures and logs
#   $heads          vkms in configfs: "echo 2 >$heads/connectors/PASSENGER/status" unplugs, 1 plugs in
#   Virtual-1..3    CLUSTER 1920x720, CENTER and PASSENGER 1920x1080, maker BNN, serials 0001 to 0003
#   seatd           is running, LIBSEAT_BACKEND is set, nobody is DRM master
#   /kms/host-load  the host's load average and, in us since it started, for how long something waited for a processor
#   touchscreens    of uinput-touch have ID_PATH platform-PHYS and ID_SERIAL PHYS when PHYS begins with touch-
# A script that leaves processes behind fails the next one; the guest itself is thrown away at the end.
#
# Arguments: names of scripts, for only these. Each stream of TAP is kept in out/kms; here they are made one.
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
top=$(dirname "$(dirname "$here")")
export build=${BN_BUILD:-$top/build} out=$top/out/kms heads=/sys/kernel/config/vkms/heads
mkdir -p "$out"
cd "$top" || exit 1

[ $# -gt 0 ] || set -- "$here"/[0-9]*.sh
total=0
failed=0
for script; do
	name=$(basename "$script" .sh)
	plan=
	cases=0
	while IFS= read -r line; do
		case $line in
		'ok '* | 'not ok '*)
			total=$((total + 1))
			cases=$((cases + 1))
			verdict=${line%%ok *}ok
			[ "$verdict" = ok ] || failed=$((failed + 1))
			echo "$verdict $total - $name: ${line#* - }"
			;;
		1..*) plan=${line#1..} ;;
		*) echo "# ${line###}" ;;
		esac
	done < <(timeout "${BN_KMS_TIMEOUT:-180}" bash "$here/$name.sh" 2>"$out/$name.log" | tee "$out/$name.tap")
	# A script that stops early has failed, whatever it said so far.
	if [ "$plan" != "$cases" ]; then
		total=$((total + 1))
		failed=$((failed + 1))
		echo "not ok $total - $name: $cases cases ran, the plan was ${plan:-never printed}"
		tail -n 20 "$out/$name.log" | sed 's/^/# /'
	fi
done
echo "1..$total"
[ $failed = 0 ]
