#!/bin/bash
# The platform itself, without a compositor: heads, page flips, scan-out, hotplug, touch.
. "$(dirname "$0")/tap.sh"
tools=$build/tests/kms
sys=/sys/class/drm

# What boot.sh wrote is what a compositor will read.
edids() {
	local head
	for head in 1 2 3; do
		cmp /kms/edid-$head "$(echo $sys/card*-Virtual-$head/edid)" || return
	done
}

preferred_modes() {
	[ "$(head -qn 1 $sys/card*-Virtual-[123]/modes | paste -sd' ')" = "1920x720 1920x1080 1920x1080" ]
}

lit_and_flipping() { "$tools/kms-heads" 30; }

unplugged() { grep -qx "$1" $sys/card*-Virtual-3/status; }

# The kernel says so to udev's listeners, which is what a compositor waits for.
hotplug() {
	local events=/run/hotplug.$1
	udevadm monitor --udev --subsystem-match=drm --property >"$events" &
	local monitor=$!
	until_true 5 grep -q 'UDEV -' "$events"
	echo "$1" >"$heads/connectors/PASSENGER/status"
	until_true 5 grep -q HOTPLUG=1 "$events"
	local status=$?
	kill $monitor
	# Nobody has probed the connector again yet; a compositor does it at the event.
	modetest -M vkms -c >/dev/null
	[ $status = 0 ] && unplugged "$2"
}

touch_session() {
	{ echo tap 100 200; echo down 0 500 600; echo down 1 700 600; echo up 0; echo up 1; }
}

# Taps arrive in libinput, from a device that udev can tell from its twin.
touch_arrives() {
	mkfifo /run/touch-in /run/touch-out
	"$tools/uinput-touch" "Twin panel" touch-passenger 1920x1080 </run/touch-in >/run/touch-out &
	exec {in}>/run/touch-in {answers}</run/touch-out
	read -r _ node <&$answers
	udevadm info "$node" >"$out/touch.udev"
	libinput debug-events --device "$node" >/run/libinput.log 2>&1 &
	local listener=$!
	until_true 5 grep -q DEVICE_ADDED /run/libinput.log
	touch_session >&$in
	until_true 5 eval '[ "$(grep -c TOUCH_UP /run/libinput.log)" = 3 ]'
	local status=$?
	kill $listener
	exec {in}>&- {answers}<&-
	cat "$out/touch.udev" /run/libinput.log
	return $status
}

udev_has() { grep -qx "E: $1" "$out/touch.udev"; }

check each-head-has-its-edid edids
check each-head-prefers-its-own-mode preferred_modes
check heads-light-flip-and-scan-out-what-was-drawn lit_and_flipping
check unplugging-a-head-is-told-through-udev hotplug 2 disconnected
check plugging-it-in-again-too hotplug 1 connected
check edid-is-back-with-the-head edids
check touches-arrive-in-libinput touch_arrives
check touchscreen-has-a-udev-path udev_has ID_PATH=platform-touch-passenger
check touchscreen-has-a-serial udev_has ID_SERIAL=touch-passenger
check udev-calls-it-a-touchscreen udev_has ID_INPUT_TOUCHSCREEN=1
tap_end
