#!/bin/bash
# Runs "$@" in the sysroot with mount and chroot. Called by enter_chroot in its own mount and pid
# namespace, so that every mount and process ends with it.
set -euo pipefail
where=$PWD
root=$(mktemp -d)
mount --make-rprivate /
mount -t tmpfs root "$root"
cd "$root"
mkdir -p usr etc var dev proc sys run tmp/home mnt
for dir in usr etc var; do
	mount --bind "$BN_ROOT/$dir" "$dir"
	mount -o remount,ro,bind "$dir"
done
ln -s usr/bin bin
ln -s usr/sbin sbin
ln -s usr/lib lib
ln -s usr/lib64 lib64
mount --rbind /dev dev
mount -t proc proc proc
mount --rbind /sys sys
mkdir -p -m 0700 run/user/0
while read -r dir; do
	case $dir in / | /usr* | /etc* | /dev* | /proc* | /sys* | /run) continue ;; esac
	mkdir -p "$root$dir"
	mount --bind "$dir" "$root$dir"
done <<<"$BN_BINDS"
exec chroot "$root" /usr/bin/env -i HOME=/tmp/home XDG_RUNTIME_DIR=/run/user/0 LANG=C.UTF-8 \
	TERM="${TERM:-dumb}" PATH="$BN_PATH/usr/bin:/usr/sbin" \
	/bin/sh -c 'cd "$0" && exec "$@"' "$where" "$@"
