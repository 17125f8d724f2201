#!/bin/bash
# What the kernel says of the page flips of three heads, against what Binnacle says. How long something took is not
# asserted; ./dev kms bench measures that.
. "$(dirname "$0")/tap.sh"
PATH=$build/compositor:$build/clients:$build/tests/kms:$PATH
here=$(dirname "$(readlink -f "$0")")
export BINNACLE_SOCKET=$XDG_RUNTIME_DIR/flips.ctl WAYLAND_DISPLAY=flips
flips() { python3 -B "$here/flips.py" "$@"; }
files=("$out"/flips-{cluster,center,passenger}.txt)

start() {
	binnacle --layout "$here/flips.yaml" --backend drm --socket flips --renderer pixman >"$out/binnacle-flips.log" 2>&1 &
	echo $! >/run/compositor.pid
	until_true 20 [ -e "$BINNACLE_SOCKET" ]
}

stop() {
	kill "$(cat /run/compositor.pid)"
	until_true 20 eval '! kill -0 "$(cat /run/compositor.pid)" 2>/dev/null'
	[ ! -e "$BINNACLE_SOCKET" ]
}

# stat DISPLAY PATH: one number of `binnaclectl stats`, PATH with dots.
stat() {
	binnaclectl --json stats | python3 -c '
import json, sys
value = next(output for output in json.load(sys.stdin)["outputs"] if output["display"] == sys.argv[1])
for key in sys.argv[2].split("."):
    value = value[key]
print(value)' "$@"
}

# animate FRAMES: a client on each head, all at once.
animate() {
	local head pids=() pid status=0
	for head in cluster center passenger; do
		flip-probe --rr --frames "$1" --app-id flip-$head >"$out/flips-$head.txt" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=1
	done
	return $status
}

# A head's vblanks count from when it was lit, so lighting it again moves them.
relight() {
	echo 2 >"$heads/connectors/$1/status"
	until_true 10 eval '[ "$(binnaclectl --json get displays | grep -o "\"connected\":true" | wc -l)" = 2 ]'
	echo 1 >"$heads/connectors/$1/status"
	until_true 10 eval '[ "$(binnaclectl --json get displays | grep -o "\"connected\":true" | wc -l)" = 3 ]'
}

# Where they come to lie is chance, and good in two of five cases.
phases_of_their_own() {
	local try
	for try in {1..30}; do
		animate 20 && flips --apart "${files[@]}" && return
		relight CENTER
		relight PASSENGER
	done
	return 1
}

# record DISPLAY: a trace of four seconds of three clients whose beginning is forgotten: 256 frames are remembered.
record() {
	local file=$out/flips-$1.txt
	rm -f "$file"
	animate 560 &
	until_true 30 eval '[ "$(wc -l 2>/dev/null <"$file" || echo 0)" -ge 280 ]' || return
	binnaclectl trace 4s "$out/flips-$1.json" && wait $!
}

# foretold DISPLAY: how late its timers are thought to come and the margin that it has taught, us.
foretold() { echo "$(($(stat "$1" lateness_ns) / 1000)) $(($(stat "$1" margin_ns) / 1000))"; }

# What we count is what the kernel's numbers have as gaps, from the client's first picture that is in the trace to its
# last. A gap for which the client had no picture ready is nobody's miss, or ours when it was a near thing.
misses_are_gaps() {
	local display=$1 before after missed late told pictures counts status
	before=$(stat "$display" missed)
	foretold "$display" >"$out/flips-$display.foretold"
	record "$display" || return
	foretold "$display" >>"$out/flips-$display.foretold"
	after=$(stat "$display" missed)
	counts=$(flips --told "$out/flips-$display.json" "$display" "$out/flips-$display.txt")
	status=$?
	read -r missed late told pictures <<<"$counts"
	echo "$display: $missed gaps between $pictures pictures, $late of them the client's; $told are told, stats has $((after - before))"
	[ $status = 0 ] && [ $((after - before)) -ge "$told" ] && return
	cp "$out/flips-$display.txt" "$out/flips-$display-failed.txt"
	return 1
}

# Half of the frames are committed in the second half of their refresh, or no sooner than what is foretold of cost and
# lateness, the margin that the display has taught and the client's of 2 ms ask for: what they were before the trace or
# after it, since 256 timers are remembered, which are two seconds. That a lesser frame starts before the cluster's instead
# of being in its way does not count.
late_latch() {
	local p50 p99 cost late margin half=8333
	read -r late margin < <(sort -n -k1,1 "$out/flips-$1.foretold" | awk '
		{ late = $1; if ($2 > margin) margin = $2 } END { print late, margin }')
	read -r p50 p99 cost < <(flips --latch "$out/flips-$1.json" "$1")
	echo "$1: commit to flip p50 $p50 us, p99 $p99 us; half a refresh, or $cost + $late + $margin + 2000 us"
	[ "$p50" -lt $half ] || [ "$p50" -lt $((cost + late + margin + 2000)) ]
}

# What the kernel still does for a committed frame, it does in a thread that others' frames would keep waiting.
nobody_disturbs_a_flip() {
	local trace=$out/flips-trace.json
	binnaclectl trace 4s "$trace" &
	animate 240 && wait $! && flips --alone "$trace"
}

check three-heads-are-lit start
check each-head-has-a-phase-of-its-own phases_of_their_own
note "phases of the three heads, ms: $(flips --phase "${files[@]}")"
for display in cluster center passenger; do
	check "misses-of-$display-are-gaps-of-the-kernel" misses_are_gaps $display
	check "each-flip-of-$display-is-the-hardware-s-own" flips --check "$out/flips-$display.txt"
	check "$display-is-committed-late-in-its-refresh" late_latch $display
	note "$(late_latch $display)"
done
check nobody-begins-a-frame-while-the-cluster-flips nobody_disturbs_a_flip
note "the host's load: $(host_load)"
check the-compositor-ends-cleanly stop
tap_end
