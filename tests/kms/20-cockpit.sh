#!/bin/bash
# The cockpit on three heads of a real kernel: modeset, page flips, both renderers, touch, apps, hotplug.
. "$(dirname "$0")/tap.sh"
PATH=$build/compositor:$build/clients:$build/tests/kms:$PATH
here=$(dirname "$(readlink -f "$0")")
export BINNACLE_SOCKET=$XDG_RUNTIME_DIR/kms.ctl

# While it is not up yet, that it cannot be reached is no news.
ctl() { [ ! -e "$BINNACLE_SOCKET" ] || binnaclectl "$@"; }

start() {
	binnacle --layout "$here/heads.yaml" --backend drm --socket kms "$@" >"$out/binnacle.log" 2>&1 &
	echo $! >/run/compositor.pid
	until_true 20 heads_connected 3
}

# Each case is a subshell, so the compositor is nobody's child any more: its socket goes as the last thing.
stop() {
	kill "$(cat /run/compositor.pid)"
	until_true 20 eval '! kill -0 "$(cat /run/compositor.pid)" 2>/dev/null'
	tail -n 3 "$out/binnacle.log"
	[ ! -e "$BINNACLE_SOCKET" ]
}

heads_connected() { [ "$(ctl --json get displays | grep -o '"connected":true' | wc -l)" = "$1" ]; }

presented() { ctl --json stats | grep -o '"presented":[0-9]*' | sed -n "$1s/.*://p"; }
each_head_flips() { [ "$(presented 1)" -gt 0 ] && [ "$(presented 2)" -gt 0 ] && [ "$(presented 3)" -gt 0 ]; }

shows() { ctl --json get zones | grep -q "\"name\":\"$1\",[^}]*\"app_id\":\"$2\""; }

# What the kernel scans out has the CRC of our own screenshot. A picture that is being changed meanwhile differs, so a
# few tries are allowed.
scanout_is_screenshot() {
	local connector=$1 display=$2 try
	for try in 1 2 3 4 5; do
		binnaclectl screenshot "$display" "$out/$3-$display.png" || return 1
		local ours theirs
		ours=$(kms-crc file "$out/$3-$display.png") && theirs=$(kms-crc head "$connector") || return 1
		echo "try $try: screenshot $ours, scan-out $theirs"
		[ "$ours" = "$theirs" ] && return 0
	done
	return 1
}

pixel_of() { python3 "$here/pixel.py" "$@"; }
pixel_is() { [ "$(pixel_of "$1" "$2" "$3")" = "$4" ] || { echo "$1 at $2,$3 is $(pixel_of "$1" "$2" "$3")"; return 1; }; }

add_touchscreens() {
	mkfifo /run/panel-in /run/panel-out
	uinput-touch "Twin panel" touch-passenger 1920x1080 </run/panel-in >/run/panel-out &
	exec {panel}>/run/panel-in {panel_says}</run/panel-out
	read -r _ _ <&$panel_says
	udevadm settle
}

# In the middle of the panel, which is the middle of the passenger's window and of no other.
tap_reaches_the_passenger() {
	until_true 10 grep -q touchscreen "$out/binnacle.log"
	echo tap 960 540 >&$panel
	until_true 10 grep -q "touch-down.*960[. ]*.*540" "$out/movie.events"
	local status=$?
	cat "$out/movie.events"
	return $status
}

# Like every unmodified app in a car: started by somebody, on the public socket.
foot_is_in_main() {
	WAYLAND_DISPLAY=kms foot --app-id foot -o colors-dark.background=206020 -o colors.background=206020 \
		-o main.pad=0x0 sleep 1000 >"$out/foot.log" 2>&1 &
	echo $! >/run/foot.pid
	until_true 30 shows main foot || { cat "$out/foot.log"; return 1; }
	until_true 20 eval 'binnaclectl screenshot main "$out/foot.png" && pixel_is "$out/foot.png" 400 700 206020'
}

toolkit_is_in_side() {
	binnaclectl show toolkit side || return 1
	until_true 60 shows side gtk4-demo || { binnaclectl why toolkit; return 1; }
}

unplugged() {
	echo 2 >"$heads/connectors/PASSENGER/status"
	until_true 10 heads_connected 2 && binnaclectl why movie && shows main foot
}

plugged_in_again() {
	echo 1 >"$heads/connectors/PASSENGER/status"
	until_true 10 heads_connected 3 && until_true 10 shows movie movie
}

# The words that --list-displays uses are those that a layout matches.
lists_what_is_there() {
	binnacle --list-displays --backend drm >"$out/displays.txt" 2>>"$out/binnacle.log" || return 1
	cat "$out/displays.txt"
	grep -q 'connector: *"Virtual-2"' "$out/displays.txt" && grep -q 'serial: *"0001"' "$out/displays.txt" \
		&& grep -q 'mode: *1920x720@' "$out/displays.txt" && grep -q 'serial: *"touch-passenger"' "$out/displays.txt"
}

starter_layout_is_good() {
	rm -f "$out/starter.yaml"
	binnacle --init "$out/starter.yaml" --backend drm 2>>"$out/binnacle.log" && binnaclectl check "$out/starter.yaml"
}

rm -f "$out/movie.events"
add_touchscreens
check list-displays-has-what-a-layout-matches lists_what_is_there
check init-writes-a-layout-that-is-good starter_layout_is_good
check three-heads-are-lit-with-pixman start --renderer pixman
check apps-of-the-layout-are-in-their-zones until_true 20 eval 'shows gauges cluster && shows movie movie'
check each-head-flips until_true 10 each_head_flips
check the-cluster-scans-out-our-screenshot scanout_is_screenshot Virtual-1 cluster pixman
check the-passenger-scans-out-our-screenshot scanout_is_screenshot Virtual-3 passenger pixman
check the-cluster-shows-its-app pixel_is "$out/pixman-cluster.png" 960 360 2040a0
check a-touch-reaches-the-passenger-by-serial tap_reaches_the_passenger
check foot-fills-its-zone foot_is_in_main
check a-gtk-4-app-is-in-its-zone toolkit_is_in_side
check the-center-scans-out-our-screenshot scanout_is_screenshot Virtual-2 center pixman
check a-head-unplugged-takes-nobody-with-it unplugged
check plugged-in-again-its-app-is-back plugged_in_again
check and-scans-out-our-screenshot scanout_is_screenshot Virtual-3 passenger replug
kill "$(cat /run/foot.pid)"
check the-compositor-ends-cleanly stop
check three-heads-are-lit-with-gles-on-gbm start --renderer gles
check apps-are-in-their-zones-again until_true 30 eval 'shows gauges cluster && shows movie movie'
check gles-was-used grep -q "renderer: gles" "$out/binnacle.log"
check gles-scans-out-our-screenshot scanout_is_screenshot Virtual-1 cluster gles
check gles-shows-the-app pixel_is "$out/gles-cluster.png" 960 360 2040a0
check it-ends-cleanly-too stop
exec {panel}>&- {panel_says}<&-
tap_end
