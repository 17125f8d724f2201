#!/bin/bash
# The guard on three heads of a real kernel: what the heads scan out is read by another process, refresh after refresh.
# Correctness by events; how long things took is printed, beside the host's load. The guest has one processor, and gets
# that when the host has time: its patience is longer here than in a car. On a machine that does nothing else,
# ./dev kms run env BN_GUARD_PATIENCE=150 tests/kms/run-in-guest.sh 50-guard is what a car's guard does.
. "$(dirname "$0")/tap.sh"
PATH=$build/compositor:$build/compositor/guard:$build/clients:$build/tests/kms:$PATH
here=$(dirname "$(readlink -f "$0")")
export BINNACLE_SOCKET=$XDG_RUNTIME_DIR/guarded.ctl
log=$out/guard.log
gate=/run/gate
watch_in=/run/crc-in
measure() { python3 -B "$here/guard.py" "$@"; }

# give_edids FILE...: what the heads are, from the next look at them.
give_edids() {
	local head=0 file
	for file; do
		head=$((head + 1))
		cat "$file" >"$(echo /sys/kernel/debug/dri/[0-9]*/Virtual-$head/edid_override)" &&
			echo detect >"$(echo /sys/class/drm/card*-Virtual-$head/status)" || return
	done
}
small_heads() {
	local edid=$here/../../sdk/kms/edid.py
	python3 -B "$edid" CLUSTER 0001 640x240 292x110 /run/edid-1 && python3 -B "$edid" CENTER 0002 640x360 344x194 /run/edid-2 &&
		python3 -B "$edid" PASSENGER 0003 640x360 344x194 /run/edid-3 && give_edids /run/edid-[123]
}

# The next compositor waits here while the gate is closed.
cat >/run/gate.sh <<'GATE'
[ ! -e /run/gate.closed ] || read -r _ </run/gate
exec "$@"
GATE
mkfifo $gate $watch_in

start() {
	binnacle-guard --screen drm --socket guarded "$@" -- sh /run/gate.sh binnacle --layout "$here/guard.yaml" \
		--backend drm --renderer "$renderer" --recorder none >"$log" 2>&1 &
	echo $! >/run/guard.pid
	until_true 90 cockpit_is_there || { tail -n 30 "$log"; return 1; }
}

shows() { binnaclectl --json get zones 2>/dev/null | grep -q "\"name\":\"$1\",[^}]*\"app_id\":\"$2\""; }
cockpit_is_there() { [ -e "$BINNACLE_SOCKET" ] && shows gauges cluster && shows movie movie; }
compositor() { sed -n 's/.* is pid \([0-9]*\)$/\1/p' "$log" | tail -n 1; }

# The same pictures that the guard was given, from a headless compositor.
expect_pictures() {
	python3 -B "$here/../guard/safe_pictures.py" "$build/compositor/binnacle" "$here/guard.yaml" "$out" || return
	safe=$(kms-crc file "$out/safe-cluster.png") && safe_center=$(kms-crc file "$out/safe-center.png")
	echo "$safe $safe_center" >/run/safe
}

scans_out() { [ "$(kms-crc head "$1")" = "$2" ]; }
scans_out_the_cockpit() {
	binnaclectl screenshot cluster "$out/guard-cluster.png" || return
	scans_out Virtual-1 "$(kms-crc file "$out/guard-cluster.png")"
}

# While a head is watched nobody else can read it: its driver has one reader.
watched_is() { [ "$(grep -v "dark\|end" "$out/guard-$1.txt" | tail -n 1 | cut -d' ' -f2)" = "$2" ]; }
watched_is_the_cockpit() {
	binnaclectl screenshot cluster "$out/guard-cluster.png" && watched_is "$1" "$(kms-crc file "$out/guard-cluster.png")"
}

# fault NAME SIGNAL held|open: what the cluster scans out, from the cockpit over the safe picture to the cockpit.
fault() {
	local name=$1 signal=$2 safe
	read -r safe _ </run/safe
	until_true 60 scans_out_the_cockpit || { echo "the cockpit is not scanned out"; return 1; }
	local cockpit
	cockpit=$(kms-crc head Virtual-1)
	kms-crc watch Virtual-1 <$watch_in >"$out/guard-$name.txt" &
	local watcher=$!
	exec {hold}>$watch_in
	until_true 30 grep -q "$cockpit" "$out/guard-$name.txt" || { echo "no refresh was read"; return 1; }
	[ "$3" = open ] || touch $gate.closed
	local at
	at=$(measure kill "$(compositor)" "$signal")
	echo "$at" >/run/at
	echo "$cockpit" >/run/cockpit
	until_true 60 grep -q " $safe\$" "$out/guard-$name.txt" || { cat "$out/guard-$name.txt" "$log"; return 1; }
	if [ "$3" != open ]; then
		# All heads, and they stay so while there is no compositor.
		until_true 30 watched_is "$name" "$safe" && until_true 30 scans_out Virtual-2 "$(cut -d' ' -f2 /run/safe)" \
			|| { echo "not all heads show the safe picture"; return 1; }
		# Its next compositor comes to the gate; then it opens.
		exec {through}>$gate
		rm $gate.closed
		echo >&$through
		exec {through}>&-
	fi
	until_true 90 cockpit_is_there && until_true 60 watched_is_the_cockpit "$name" || { tail -n 30 "$log"; return 1; }
	exec {hold}>&-
	wait $watcher
	measure report "$name" "$at" "$safe" "$cockpit" "$out/guard-$name.txt"
}

# figures NAME: once more for who reads them.
figures() {
	[ ! -s /run/at ] || note "$(measure report "$1" "$(cat /run/at)" "$(cut -d' ' -f1 /run/safe)" "$(cat /run/cockpit)" "$out/guard-$1.txt" |
		tail -n 1), host load $(host_load)"
	rm -f /run/at
	grep -h "safe picture\|shows again" "$log" | tail -n 2 | while read -r line; do note "$line"; done
}

stop() {
	kill "$(cat /run/guard.pid)"
	until_true 20 eval '! kill -0 "$(cat /run/guard.pid)" 2>/dev/null'
	[ ! -e "$BINNACLE_SOCKET" ] || { tail "$log"; return 1; }
}

check the-heads-are-small small_heads
check three-ways-to-take-a-display eval 'guard-forms "$(measure card)" >"$out/guard-forms.txt"'
while read -r line; do note "$line"; done <"$out/guard-forms.txt"
check safe-pictures-as-given-to-the-guard expect_pictures
renderer=pixman
check the-guards-cockpit-is-up start --timeout "${BN_GUARD_PATIENCE:-20000}" --start-timeout 90000
check killed-the-cluster-shows-the-safe-picture fault kill KILL held
figures kill
check killed-and-nothing-in-the-way fault again KILL open
figures again
check no-buffer-of-the-dead-is-left measure leftovers "$(cat /run/guard.pid)" "$log"
check it-ends-cleanly stop
# In this guest a commit of three heads may take longer than the 150 ms that a car's guard waits.
patience=${BN_GUARD_PATIENCE:-3000}
check the-guards-cockpit-is-up-again start --timeout $patience --start-timeout 90000
check stopped-the-cluster-shows-the-safe-picture fault stop STOP held
note "the guard waits $patience ms"
figures stop
check it-ends-cleanly-again stop
check the-heads-are-as-they-were give_edids /kms/edid-[123]
tap_end
