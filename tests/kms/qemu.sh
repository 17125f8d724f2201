#!/bin/bash
# A second opinion on another driver: a virtual PC whose graphics card has three heads, a touchscreen each.
# ./dev kms qemu test boots it and runs only this.
. "$(dirname "$0")/tap.sh"
PATH=$build/compositor:$build/clients:$build/tests/kms:$PATH
here=$(dirname "$(readlink -f "$0")")
export BINNACLE_SOCKET=$XDG_RUNTIME_DIR/qemu.ctl WAYLAND_DISPLAY=qemu
said=$out/qemu-fence-probe.txt
qmp() { timeout 60 python3 -B "$here/qmp.py" "$@"; }

start() {
	# llvmpipe compiles its shaders on an imitated processor, which takes longer than all the rest.
	binnacle --layout "$here/qemu.yaml" --backend drm --socket qemu --renderer gles >"$out/binnacle-qemu.log" 2>&1 &
	echo $! >/run/compositor.pid
	until_true 150 [ -e "$BINNACLE_SOCKET" ] || { tail -n 20 "$out/binnacle-qemu.log"; return 1; }
	until_true 30 eval '[ "$(binnaclectl --json get displays | grep -o "\"connected\":true" | wc -l)" = 3 ]'
}

stop() {
	kill "$(cat /run/compositor.pid)"
	until_true 20 eval '! kill -0 "$(cat /run/compositor.pid)" 2>/dev/null'
	[ ! -e "$BINNACLE_SOCKET" ]
}

# The heads have the names that the card's EDIDs give them, which is what the layout matches.
heads_by_name() {
	binnaclectl get displays
	grep -q 'output Virtual-1: shows display cluster, 960x360' "$out/binnacle-qemu.log" &&
		grep -q 'output Virtual-2: shows display center, 800x480' "$out/binnacle-qemu.log" &&
		grep -q 'output Virtual-3: shows display passenger, 640x480' "$out/binnacle-qemu.log"
}

shows() { binnaclectl --json get zones | grep -q "\"name\":\"$1\",[^}]*\"app_id\":\"$2\""; }

# What the card sends to the head is what we say that we show. Its picture is written when the next flush comes.
glass_is_screenshot() {
	local try
	for try in 1 2 3 4 5; do
		binnaclectl screenshot "$1" "$out/qemu-$1.png" && qmp shot "$2" "$out/qemu-$1-glass.png" || return
		local ours theirs
		ours=$(kms-crc file "$out/qemu-$1.png") && theirs=$(kms-crc file "$out/qemu-$1-glass.png") || return
		echo "screenshot $ours, glass $theirs"
		[ "$ours" = "$theirs" ] && return
		sleep 0.2
	done
	return 1
}

touch_reaches_the_passenger() {
	qmp tap 2 0.5 0.5
	until_true 10 grep -q "touch-down.*320[. ].*240" "$out/qemu-movie.events"
	local status=$?
	cat "$out/qemu-movie.events"
	[ $status = 0 ] && ! grep touch-down "$out/qemu-cluster.events"
}

tell() { echo "$@" >&$commands; }
heard() { until_true "${2:-20}" grep -q "^$1" "$said" || { cat "$said" "$out/qemu-fence-probe.log"; return 1; }; }
unheard() { ! grep "^$1" "$said"; }

center_is() {
	binnaclectl screenshot center "$out/qemu-center.png" || return
	local pixel
	pixel=$(python3 "$here/pixel.py" "$out/qemu-center.png" 400 240)
	[ "$pixel" = "$1" ] || { echo "it shows $pixel"; return 1; }
}

connect() {
	mkfifo /run/fence-commands
	fence-probe --card virtio_gpu --explicit </run/fence-commands >"$said" 2>"$out/qemu-fence-probe.log" &
	exec {commands}>/run/fence-commands
	tell draw 208040
	heard "presented 208040" && until_true 10 center_is 208040
}

old_picture_stays() {
	tell hold 804020
	heard "committed 804020" || return
	# Frames go on, and this client's too: what it committed is not in them.
	binnaclectl --json stats >/dev/null
	sleep 1
	unheard "presented 804020" && center_is 208040
}

comes_when_signalled() {
	tell signal
	heard "presented 804020" && center_is 804020
}

# The buffer that was replaced is the client's again, by its timeline.
release_point_signals() {
	heard "released 208040"
}

rm -f "$out"/qemu-*.events
check three-heads-are-lit-with-gles-on-gbm start
check a-head-is-known-by-its-edid heads_by_name
check apps-are-in-their-zones until_true 30 eval 'shows gauges cluster && shows movie movie'
check the-cluster-s-glass-has-our-screenshot glass_is_screenshot cluster 0
check the-passenger-s-glass-has-our-screenshot glass_is_screenshot passenger 2
check a-touch-on-the-third-head-reaches-the-passenger touch_reaches_the_passenger
connect >/run/connect.log 2>&1
connected=$?
check a-client-with-timelines-is-shown eval 'cat /run/connect.log; [ $connected = 0 ]'
if [ $connected = 0 ]; then
	check an-acquire-point-that-is-not-reached-leaves-the-old-picture old_picture_stays
	check it-is-shown-when-the-point-is-reached comes_when_signalled
	check the-old-buffer-s-release-point-signals release_point_signals
	check the-center-s-glass-has-our-screenshot glass_is_screenshot center 1
fi
exec {commands}>&-
check the-compositor-ends-cleanly stop
tap_end
