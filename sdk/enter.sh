# Entering the build environment: enter OPTION... -- CMD...
#
#   --desktop   the user's Wayland and X11 displays, the seat daemon and input devices are visible, the
#               environment is the caller's, and the runtime directory is one for all such calls, so that
#               binnaclectl in one terminal finds the cockpit in another. Without it: a private runtime
#               directory, a clean environment, and no process outlives the call.
#   --bind DIR  DIR is visible at its own path, like the tree and the current directory.
#
# The root is a tmpfs with the sysroot's directories in it: a read-only root could not get mount points
# for any path of the host.

container=
choose_container() {
	if bwrap --ro-bind / / --dev /dev --proc /proc --unshare-pid true 2>/dev/null; then
		container=bwrap
	elif [ "$(id -u)" = 0 ] && unshare --mount --pid --fork true 2>/dev/null; then
		container=chroot
	else
		die "neither bwrap nor chroot can be used here, since mounts are forbidden; in a container, allow them (--privileged) or install wlroots 0.20"
	fi
}

# Directories with built programs, as a PATH.
built_path() {
	find "$top/build/compositor" "$top/build/clients" -type f -perm -u+x ! -name '*.so*' \
		-printf '%h\n' 2>/dev/null | LC_ALL=C sort -u | paste -sd:
}

enter() {
	local desktop=no binds=("$top" "$PWD" "$(pwd -P)") path uid
	uid=$(id -u)
	while [ "$1" != -- ]; do
		case $1 in
		--desktop) desktop=yes ;;
		--bind) binds+=("$2"); shift ;;
		esac
		shift
	done
	shift
	path=$(built_path)
	path=${path:+$path:}
	if [ -z "$sysroot" ]; then
		if [ $desktop = yes ]; then
			PATH=$path$PATH "$@"
		else
			enter_native_clean "$path" "$@"
		fi
		return
	fi
	if [ "$container" = chroot ]; then
		enter_chroot "$path" "$@"
		return
	fi

	local args=(
		--ro-bind "$sysroot/usr" /usr --ro-bind "$sysroot/etc" /etc --ro-bind "$sysroot/var" /var
		--symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib --symlink usr/lib64 /lib64
		--dev /dev --proc /proc --ro-bind /sys /sys --tmpfs /run --tmpfs /tmp --dir /mnt
		--perms 0700 --dir /tmp/home --setenv HOME /tmp/home
		--dir /run/user --setenv XDG_RUNTIME_DIR "/run/user/$uid"
		--dev-bind-try /dev/dri /dev/dri --die-with-parent
	)
	local dir
	for dir in "${binds[@]}"; do
		case $dir in
		/ | /usr* | /etc* | /dev* | /proc* | /sys* | /run) ;; # the environment's own
		*) args+=(--bind "$dir" "$dir") ;;
		esac
	done
	if [ $desktop = yes ]; then
		desktop_args
	else
		args+=(
			--perms 0700 --dir "/run/user/$uid" --unshare-pid
			--clearenv --setenv HOME /tmp/home --setenv XDG_RUNTIME_DIR "/run/user/$uid"
			--setenv TERM "${TERM:-dumb}"
		)
	fi
	args+=(
		--setenv PATH "$path/usr/bin:/usr/sbin:/usr/games" --setenv LANG C.UTF-8
		--chdir "$PWD"
		--ro-bind-data 8 /etc/passwd --ro-bind-data 9 /etc/group
	)
	[ -d "$PWD" ] || die "the current directory is gone"
	bwrap "${args[@]}" "$@" 8< <(account passwd) 9< <(account group)
}

# The caller's own account must be known by name inside: terminals and D-Bus ask for it.
account() {
	local uid gid
	uid=$(id -u) gid=$(id -g)
	case $1 in
	passwd)
		sed "s,^root:.*,root:x:0:0:root:/tmp/home:/bin/bash," "$sysroot/etc/passwd"
		[ "$uid" = 0 ] || printf '%s:x:%s:%s::/tmp/home:/bin/bash\n' "$(id -un)" "$uid" "$gid"
		;;
	group)
		cat "$sysroot/etc/group"
		[ "$gid" = 0 ] || printf '%s:x:%s:\n' "$(id -gn)" "$gid"
		;;
	esac
}

# Adds to args, of enter.
desktop_args() {
	local runtime=$cache/run wayland xauthority variable
	mkdir -p "$runtime"
	chmod 700 "$runtime"
	args+=(
		--bind "$runtime" "/run/user/$uid" --dir /run/host
		--ro-bind-try /run/udev /run/udev --dev-bind-try /dev/input /dev/input
		--bind-try /run/seatd.sock /run/seatd.sock --ro-bind-try /run/dbus /run/dbus
	)
	if [ -n "${WAYLAND_DISPLAY:-}" ]; then
		case $WAYLAND_DISPLAY in
		/*) wayland=$WAYLAND_DISPLAY ;;
		*) wayland=${XDG_RUNTIME_DIR:-/run/user/$uid}/$WAYLAND_DISPLAY ;;
		esac
		[ -S "$wayland" ] || die "WAYLAND_DISPLAY is set, but $wayland is no socket"
		args+=(--bind "$wayland" /run/host/wayland --setenv WAYLAND_DISPLAY /run/host/wayland)
	fi
	if [ -n "${DISPLAY:-}" ]; then
		args+=(--ro-bind-try /tmp/.X11-unix /tmp/.X11-unix)
		xauthority=${XAUTHORITY:-$HOME/.Xauthority}
		if [ -r "$xauthority" ]; then
			args+=(--ro-bind "$xauthority" /run/host/xauthority --setenv XAUTHORITY /run/host/xauthority)
		fi
	fi
	# They name files of the host that are not the same inside.
	for variable in LD_LIBRARY_PATH LD_PRELOAD PKG_CONFIG_PATH PYTHONPATH XDG_DATA_DIRS XDG_DATA_HOME \
		XDG_CONFIG_HOME XDG_CONFIG_DIRS XDG_CACHE_HOME XDG_STATE_HOME DBUS_SESSION_BUS_ADDRESS \
		LC_ALL LANGUAGE CC CXX; do
		args+=(--unsetenv "$variable")
	done
}

# Root, and mounts are possible, but not in the way bwrap makes them: the same with mount and chroot.
enter_chroot() {
	local path=$1
	shift
	BN_BINDS=$(printf '%s\n' "${binds[@]}" | sort -u) BN_ROOT=$sysroot BN_PATH=$path \
		unshare --mount --pid --fork --kill-child "$top/sdk/chroot.sh" "$@"
}

enter_native_clean() {
	local path=$1 runtime status=0
	shift
	runtime=$(mktemp -d)
	env -i HOME="$runtime" XDG_RUNTIME_DIR="$runtime" TERM="${TERM:-dumb}" LANG=C.UTF-8 \
		PATH="$path$PATH" "$@" || status=$?
	rm -rf "$runtime"
	return $status
}
