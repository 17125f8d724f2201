#!/bin/bash
# A client whose GPU is not ready: its old picture stays, nobody else notices, and the new one comes by itself.
. "$(dirname "$0")/tap.sh"
PATH=$build/compositor:$build/clients:$build/tests/kms:$PATH
here=$(dirname "$(readlink -f "$0")")
export BINNACLE_SOCKET=$XDG_RUNTIME_DIR/fences.ctl WAYLAND_DISPLAY=fences
said=$out/fence-probe.txt

start() {
	binnacle --layout "$here/fences.yaml" --backend drm --socket fences --renderer gles >"$out/binnacle-fences.log" 2>&1 &
	echo $! >/run/compositor.pid
	until_true 30 [ -e "$BINNACLE_SOCKET" ] || { tail -n 20 "$out/binnacle-fences.log"; return 1; }
}

stop() {
	kill "$(cat /run/compositor.pid)"
	until_true 20 eval '! kill -0 "$(cat /run/compositor.pid)" 2>/dev/null'
	[ ! -e "$BINNACLE_SOCKET" ]
}

tell() { echo "$@" >&$commands; }
heard() { until_true "${2:-10}" grep -q "^$1" "$said" || { cat "$said" "$out/fence-probe.log"; return 1; }; }
unheard() { ! grep "^$1" "$said"; }

# What is on glass in the slow window's middle.
shows() {
	binnaclectl screenshot cluster "$out/fences.png" || return
	local pixel
	pixel=$(python3 "$here/pixel.py" "$out/fences.png" 1440 360)
	[ "$pixel" = "$1" ] || { echo "it shows $pixel"; return 1; }
}

connect() {
	mkfifo /run/fence-commands
	fence-probe </run/fence-commands >"$said" 2>"$out/fence-probe.log" &
	probe=$!
	exec {commands}>/run/fence-commands
	tell draw 208040
	heard "presented 208040" 20 && until_true 10 shows 208040
}

wakeups() { echo $(($(binnaclectl --json stats | grep -o '"wakeups":[0-9]*' | sed 's/.*://' | paste -sd+))); }

# The other client animates; ours holds a buffer back all the while. A frame that waited for a
# fence would wait for hundreds of refreshes, until vgem gives up, and then show what was held; a busy host takes a few.
others_go_on() {
	local gaps late longest
	tell hold 804020
	heard "committed 804020" || return
	flip-probe --rr --frames 120 >"$out/flips-beside.txt" || return
	read -r gaps late < <(python3 -B "$here/flips.py" --gaps "$out/flips-beside.txt")
	echo "$gaps refreshes of 120 without a new picture, $late of them the client's; the host's load: $(host_load)"
	longest=$(awk 'NR > 1 && $4 - last > most { most = $4 - last } { last = $4 } END { print most }' "$out/flips-beside.txt")
	echo "the longest took $longest refreshes"
	[ "$longest" -lt 120 ] && unheard "presented 804020" && shows 208040
}

# Nobody animates now: whoever waits for a fence must not keep the display awake.
waiting_costs_nothing() {
	local before after
	before=$(wakeups)
	sleep 1
	after=$(wakeups)
	echo "$((after - before)) frames in a second of waiting"
	[ $((after - before)) -le 2 ]
}

comes_when_signalled() {
	tell signal
	heard signalled && heard "presented 804020" && shows 804020
}

# Held, held, drawn: what was superseded goes back unread, and the newest is shown although older ones never finished.
newest_ready_one_wins() {
	tell hold 111111
	heard "committed 111111" || return
	tell draw 222222
	heard "discarded 111111" && heard "presented 222222" && shows 222222
}

# A finished one is shown while a newer one is waited for, and that one's signal still counts.
ready_one_is_shown_meanwhile() {
	tell draw 333333
	tell hold 444444
	heard "committed 444444" && heard "presented 333333" && shows 333333 || return
	tell signal
	heard "presented 444444" && shows 444444
}

only_the_last_is_waited_for() {
	tell hold 555555
	tell hold 666666
	heard "discarded 555555" || return
	tell signal
	heard "presented 666666" && shows 666666
}

# vgem signals what its client forgot after 10 s.
kernel_gives_up() {
	tell hold 777777
	heard "committed 777777" && shows 666666 && heard "presented 777777" 20 && shows 777777
}

# A client that goes with a fence under way takes it along.
leaves_while_waiting() {
	tell hold 888888
	heard "committed 888888" || return
	kill $probe
	until_true 10 shows 101030 && binnaclectl get zones >/dev/null
}

check a-renderer-that-takes-dmabufs start
connect >/run/connect.log 2>&1
connected=$?
check a-finished-buffer-is-shown eval 'cat /run/connect.log; [ $connected = 0 ]'
if [ $connected = 0 ]; then
	check an-unfinished-one-leaves-the-old-picture-and-others-alone others_go_on
	check waiting-costs-no-frame waiting_costs_nothing
	check it-is-shown-when-it-is-finished comes_when_signalled
	check the-newest-ready-buffer-wins newest_ready_one_wins
	check a-ready-one-is-shown-while-a-newer-one-waits ready_one_is_shown_meanwhile
	check only-the-last-one-is-waited-for only_the_last_is_waited_for
	check a-fence-that-the-kernel-gives-up-counts-as-signalled kernel_gives_up
	check a-client-may-leave-while-it-is-waited-for leaves_while_waiting
fi
exec {commands}>&-
check the-compositor-ends-cleanly stop
tap_end
