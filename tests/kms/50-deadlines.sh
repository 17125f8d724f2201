#!/bin/bash
# From reverse to camera by the page flip, as the ledger books it and as the camera itself is told.
. "$(dirname "$0")/tap.sh"
PATH=$build/compositor:$build/clients:$build/tests/kms:$PATH
here=$(dirname "$(readlink -f "$0")")
export BINNACLE_SOCKET=$XDG_RUNTIME_DIR/deadlines.ctl REAR_FILE=$out/deadlines-rear.txt

start() {
	rm -f "$REAR_FILE"
	binnacle --layout "$here/deadlines.yaml" --backend drm --socket deadlines --renderer pixman --strict \
		>"$out/binnacle-deadlines.log" 2>&1 &
	echo $! >/run/compositor.pid
	until_true 20 [ -e "$BINNACLE_SOCKET" ]
	until_true 20 eval 'binnaclectl --json get apps | grep -q "\"mapped\":true"'
}

stop() {
	kill "$(cat /run/compositor.pid)"
	until_true 20 eval '! kill -0 "$(cat /run/compositor.pid)" 2>/dev/null'
	tail -n 4 "$out/binnacle-deadlines.log"
	[ ! -e "$BINNACLE_SOCKET" ]
}

check the-camera-waits-hidden start
check reverse-to-camera-is-what-the-camera-was-told python3 -B "$here/deadlines.py" "$REAR_FILE" "$out/deadlines.txt"
note "$(cat "$out/deadlines.txt" 2>/dev/null)"
note "the host's load: $(host_load)"
check the-compositor-ends-cleanly stop
check its-ledger-was-printed grep -q "^rear-view .*flip" "$out/binnacle-deadlines.log"
tap_end
