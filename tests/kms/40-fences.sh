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

# Both halves of the window in one picture of the display.
halves() {
	binnaclectl screenshot cluster "$out/fences-tree.png" || return
	python3 "$here/pixel.py" "$out/fences-tree.png" 1440 180 1440 540 | paste -sd' '
}

halves_are() { [ "$(halves)" = "$1" ] || { echo "they show $(halves)"; return 1; }; }

# hold_tree WHO RRGGBB RRGGBB BEFORE: one of the two is not finished, so both halves stay as they were, while another
# client draws into the same display. 2: the host was so busy that vgem gave up, so nothing was seen.
hold_tree() {
	local began=$SECONDS
	tell "tree-$1" "$2" "$3"
	heard "committed $2" && heard "committed $3" || return 1
	flip-probe --rr --frames 10 >"$out/flips-tree.txt" || return 1
	halves_are "$4" && unheard "presented $2" && unheard "presented $3" && return
	echo "after $((SECONDS - began)) s; the host's load: $(host_load)"
	[ $((SECONDS - began)) -lt 8 ] || return 2
	return 1
}

# tree_is_whole WHO SHADE BEFORE: then both are new in the same picture.
tree_is_whole() {
	local who=$1 shade=$2 old=$3 new status seen end try
	for try in 1 2 3; do
		new="$shade${try}000 $shade${try}111"
		status=0
		hold_tree "$who" $new "$old" || status=$?
		[ $status = 2 ] || break
		heard "presented $shade${try}111" || return
		old=$new
	done
	[ $status = 0 ] || return
	tell signal
	end=$((SECONDS + 10))
	until seen=$(halves) && [ "$seen" = "$new" ]; do
		[ "$seen" = "$old" ] || { echo "torn: $seen"; return 1; }
		[ $SECONDS -lt $end ] || { echo "it stays $seen"; return 1; }
	done
	heard "presented ${new% *}" && heard "presented ${new#* }"
}

tree_is_shown() {
	tell tree 0a0a0a 0b0b0b
	heard "presented 0a0a0a" && heard "presented 0b0b0b" && halves_are "0a0a0a 0b0b0b"
}

# Its other half finished long ago and was superseded by then.
tree_that_is_overtaken() {
	tell tree-child 121212 131313
	heard "committed 121212" || return
	tell tree 141414 151515
	heard "presented 141414" && heard "presented 151515" && halves_are "141414 151515"
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
	check a-tree-is-shown-whole tree_is_shown
	check an-unfinished-child-keeps-its-tree-old-then-it-comes-whole tree_is_whole child 1a "0a0a0a 0b0b0b"
	check an-unfinished-parent-keeps-its-tree-old-then-it-comes-whole tree_is_whole parent 2a "$(halves)"
	check a-finished-tree-overtakes-an-unfinished-one tree_that_is_overtaken
	check a-client-may-leave-while-it-is-waited-for leaves_while_waiting
fi
exec {commands}>&-
check the-compositor-ends-cleanly stop
tap_end
