# The user-mode linux kernel: built once from Debian's kernel source with the sysroot's compiler.
# Needs a full sysroot.

kernel_recipe=1 # raise it when what make_kernel does changes

# "URI FILE SIZE SHA256:SUM" of the source package that belongs to the build environment.
kernel_source() {
	if [ -n "$sysroot" ]; then
		cat "$sysroot/usr/share/binnacle-sdk/linux-source"
	elif have apt-get; then
		local package
		package=$(apt-cache depends linux-source | sed -n 's/^ *Depends: \(linux-source-[0-9.]*\)$/\1/p')
		apt-get download --print-uris "$package" 2>/dev/null | tr -d "'"
	fi
}

kernel_dir() {
	local source key
	source=$(kernel_source)
	[ -n "$source" ] || return 1
	key=$({
		printf '%s\n' "$kernel_recipe" "$source"
		cat "$top/sdk/kms/config" "$top"/sdk/kms/*.patch
	} | sha256sum | cut -c1-16)
	printf '%s\n' "$cache/kernel/uml-$key"
}

# Sets kernel. Status 77: not possible here, and the reason has been said.
setup_kernel() {
	local program
	for program in bc bison busybox flex seatd udevadm; do
		enter -- sh -c 'command -v "$0" >/dev/null' $program || {
			say "kms: $program is not installed"
			return 77
		}
	done
	kernel=$(kernel_dir) || {
		say "kms: this machine has no Debian package source to take a kernel from"
		return 77
	}
	one_builder "$kernel" make_kernel || {
		say "kms: the kernel was not built; its log: $cache/kernel/last.log"
		return 1
	}
}

make_kernel() {
	local new=$1 start=$SECONDS uri file size sum
	read -r uri file size sum <<<"$(kernel_source)"
	mkdir "$new/src"
	say "building a user-mode linux kernel once, from $file"
	/usr/lib/apt/apt-helper -qq -o APT::Sandbox::User=root download-file "$uri" "$new/src/$file" "$sum" >"$cache/kernel/last.log" 2>&1 || {
		say "$uri cannot be had; if the mirror has moved on, ./dev clean --sdk makes a newer build environment"
		return 1
	}
	say "$(printf '%4d s  downloaded %d MB' $((SECONDS - start)) $((size / 1000000)))"
	(cd "$new/src" && enter -- nice "$top/sdk/kms/build-kernel.sh" "$file" \
		"$top/sdk/kms/config" "$top"/sdk/kms/*.patch) \
		> >(tee -a "$cache/kernel/last.log" | kernel_progress "$start") 2>&1 || {
		tail -n 15 "$cache/kernel/last.log" >&2
		return 1
	}
	mv "$new/src/linux" "$new/linux"
	remove_tree "$new/src"
	say "built the kernel in $((SECONDS - start)) s"
}

kernel_progress() {
	local line objects=0
	while read -r line; do
		case $line in
		'== '*) say "$(printf '%4d s  %s' $((SECONDS - $1)) "${line#== }")" ;;
		'CC '* | 'AR '*)
			objects=$((objects + 1))
			[ $((objects % 250)) != 0 ] ||
				say "$(printf '%4d s  compiled %d files' $((SECONDS - $1)) $objects)"
			;;
		esac
	done
}
