# ./dev demo, after the build: windows on a desktop; without one, the scripted drive into pictures.

demo() {
	if [ -n "${WAYLAND_DISPLAY:-}${DISPLAY:-}" ]; then
		say "one window per display, F12 is the inspector; the scripted drive plays once, then it is yours"
		say "play with it from another terminal: ./dev run -- binnaclectl help; Ctrl-C here ends it"
		enter --desktop -- binnacle --window-scale 0.5 "$@" -- sdk/demo-drive.sh
		return
	fi
	local out=$top/out/demo status=0
	say "no desktop here (neither WAYLAND_DISPLAY nor DISPLAY is set): playing the scripted drive"
	remove_tree "$out"
	mkdir -p "$out"
	in_tree binnacle --demo out/demo "$@" || status=$?
	[ $status = 0 ] || die "the scripted drive ended with status $status"
	say "$(find "$out" -name '*.png' | wc -l) pictures are in $out; all at a glance: $out/contact-sheet.png"
}
