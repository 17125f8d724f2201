#!/bin/bash
# build-kernel.sh DEB CONFIG PATCH...: unpacks Debian's kernel source package and leaves the kernel as ./linux.
# Runs in the build environment, in an empty directory.
set -euo pipefail
config=$2
dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
	tar -xJ --strip-components=1 --exclude='*/tools/testing'
rm "$1"
shift 2
cat "$@" | busybox patch -p1
echo "== unpacked"

make ARCH=um KCONFIG_ALLCONFIG="$config" allnoconfig
# What another option forbids is dropped without a word.
missing=$(grep -E '^CONFIG_.*=y' "$config" | grep -v -x -F -f .config || true)
if [ -n "$missing" ]; then
	printf 'this kernel cannot have:\n%s\n' "$missing"
	exit 1
fi
echo "== configured"
make ARCH=um -j"$(nproc)" linux
strip linux
