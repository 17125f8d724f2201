#!/bin/bash
# A window of a display's size is shown as it is, by its own buffer; where something must be composed or read back, it is not.
. "$(dirname "$0")/tap.sh"
PATH=$build/compositor:$build/clients:$build/tests/kms:$PATH
here=$(dirname "$(readlink -f "$0")")
export BINNACLE_SOCKET=$XDG_RUNTIME_DIR/scanout.ctl WAYLAND_DISPLAY=scanout

start() {
	binnacle --layout "$here/scanout.yaml" --backend drm --socket scanout --renderer gles >"$out/binnacle-scanout.log" 2>&1 &
	echo $! >/run/compositor.pid
	until_true 30 [ -e "$BINNACLE_SOCKET" ] || { tail -n 20 "$out/binnacle-scanout.log"; return 1; }
}

stop() {
	kill "$(cat /run/compositor.pid)"
	until_true 20 eval '! kill -0 "$(cat /run/compositor.pid)" 2>/dev/null'
	[ ! -e "$BINNACLE_SOCKET" ]
}

# Each window of its own: connect APP.
declare -A commands
connect() {
	mkfifo "/run/scanout-$1"
	fence-probe --app-id "$1" <"/run/scanout-$1" >"$out/scanout-$1.txt" 2>"$out/scanout-$1.log" &
	exec {fd}>"/run/scanout-$1"
	commands[$1]=$fd
	tell "$1" draw 208040
	heard "$1" "presented 208040" 20
}

tell() { local app=$1; shift; echo "$@" >&${commands[$app]}; }
heard() { until_true "${3:-10}" grep -q "^$2" "$out/scanout-$1.txt" || { cat "$out/scanout-$1.txt" "$out/scanout-$1.log"; return 1; }; }

# Frames of a display that were a client's buffer.
scanned_out() { binnaclectl --json stats | grep -o "\"display\":\"$1\"[^}]*\"scanned_out\":[0-9]*" | sed 's/.*://'; }

# What the kernel scans out has the CRC of a picture of this colour.
glass_is() {
	local want got
	want=$(kms-crc color "$2" "$3") && got=$(kms-crc head "$1") || return
	[ "$want" = "$got" ] || { echo "$1 has CRC $got, a picture of $2 has $want"; return 1; }
}

buffer_is_shown_as_it_is() {
	local before after
	before=$(scanned_out passenger)
	tell movie draw 402080
	heard movie "presented 402080" || return
	after=$(scanned_out passenger)
	echo "scanned out before: $before, after: $after"
	[ "$after" -gt "$before" ] && heard movie "presented 402080 [0-9]* zero-copy" && glass_is Virtual-3 402080 1920x1080
}

screenshot_is_its_picture() {
	binnaclectl screenshot passenger "$out/scanout-passenger.png" || return
	[ "$(kms-crc file "$out/scanout-passenger.png")" = "$(kms-crc color 402080 1920x1080)" ]
}

# A buffer that was superseded goes back to its client: nothing of what was shown is kept for ever.
buffers_come_back() {
	tell movie draw 112233
	heard movie "presented 112233" && heard movie "released 402080"
}

composed_when_more_is_to_be_seen() {
	binnaclectl overlay on passenger || return
	local before after
	tell movie draw 804020
	heard movie "presented 804020" || return
	before=$(scanned_out passenger)
	tell movie draw 908070
	heard movie "presented 908070" || return
	after=$(scanned_out passenger)
	echo "scanned out before: $before, after: $after"
	[ "$after" = "$before" ] && ! grep "presented 908070 [0-9]* zero-copy" "$out/scanout-movie.txt" || return
	binnaclectl overlay off passenger
	tell movie draw 605040
	heard movie "presented 605040" || return
	tell movie draw 304050
	heard movie "presented 304050 [0-9]* zero-copy" && glass_is Virtual-3 304050 1920x1080
}

# never APP DISPLAY CONNECTOR SIZE: it is on glass all the same, composed.
never() {
	local count
	tell "$1" draw 208040
	heard "$1" "presented 208040" || return
	count=$(scanned_out "$2")
	echo "$count frames scanned out"
	[ "$count" = 0 ] && ! grep zero-copy "$out/scanout-$1.txt" && glass_is "$3" 208040 "$4"
}

check a-renderer-that-takes-dmabufs start
connected=0
for app in movie safe checked; do
	connect $app >"/run/connect-$app.log" 2>&1 || connected=1
done
check windows-cover-their-displays eval 'cat /run/connect-*.log; [ $connected = 0 ]'
if [ $connected = 0 ]; then
	check a-buffer-of-the-displays-size-is-shown-as-it-is buffer_is_shown_as_it_is
	check a-screenshot-of-it-is-its-picture screenshot_is_its_picture
	check what-was-shown-comes-back buffers_come_back
	check it-is-composed-when-more-is-to-be-seen composed_when_more_is_to_be_seen
	check a-safety-display-is-always-composed never safe cluster Virtual-1 1920x720
	check a-display-that-is-checked-is-always-composed never checked center Virtual-2 1920x1080
fi
for fd in "${commands[@]}"; do
	exec {fd}>&-
done
check the-compositor-ends-cleanly stop
tap_end
