# Compiling: build_tree NAME [MESON OPTION...] configures top/NAME once and compiles it. Quiet when there
# is nothing to do; nothing of it goes to stdout. $compiler is another compiler than the default.

# lock_tree NAME: two ./dev in one tree take turns with a build directory. Sets lock.
lock_tree() {
	mkdir -p "$top/$1"
	exec {lock}<"$top/$1"
	flock "$lock"
}

build_tree() {
	local name=$1 lock key status=0
	shift
	lock_tree "$name"
	key=$(configuration "$@")
	if [ "$key" != "$(cat "$top/$name/.configuration" 2>/dev/null)" ]; then
		say "configuring and compiling into $name/"
		find "$top/$name" -mindepth 1 -delete
		in_tree env ${compiler:+CC=$compiler} meson setup "$name" ${protocol_dir:+-Dprotocol-dir="$protocol_dir"} "$@" \
			>"$top/$name/setup.log" 2>&1 || status=$?
		if [ $status != 0 ]; then
			grep -A 5 'ERROR' "$top/$name/setup.log" >&2 || tail -n 20 "$top/$name/setup.log" >&2
			find "$top/$name" -mindepth 1 -delete
		else
			printf '%s\n' "$key" >"$top/$name/.configuration"
		fi
	fi
	if [ $status = 0 ]; then
		in_tree ninja -C "$name" --quiet >"$top/$name/compile.log" 2>&1 || status=$?
		# Warnings are errors, so there is nothing to tell when it went well.
		[ $status = 0 ] || sed -n '/^FAILED\|^ninja: error\|ERROR:/,$p' "$top/$name/compile.log" | head -n 80 >&2
	fi
	exec {lock}<&-
	return $status
}

# What meson looks at only once: options, their defaults, the compiler, and the sysroot.
configuration() {
	printf '%s\n' "$*" "$compiler" "$sysroot"
	sed -n '/^project(/,/^)/p' "$top/meson.build"
	cat "$top/meson_options.txt"
}

# in_tree CMD...: CMD in the clean build environment, in the top directory.
in_tree() { (cd "$top" && enter -- "$@"); }
