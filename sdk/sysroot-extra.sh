#!/bin/bash
# Runs inside mmdebstrap while the package index is still there: sysroot-extra.sh ROOT
#
# 1. Protocol XML that wayland-protocols lacks. Debian has it only inside two Rust source packages, which
#    would pull in many others; so they are unpacked, not installed.
# 2. Which kernel source belongs to this suite, for sdk/kms: a line "URI FILE SIZE SHA256:SUM".
set -euo pipefail
root=$1
share=$root/usr/share/binnacle-sdk
work=$root/tmp/binnacle-extra
mkdir -p "$share/protocols" "$work"
cd "$work"

export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
apt-get download -q -o APT::Sandbox::User=root \
	librust-wayland-protocols-wlr-dev librust-wayland-protocols-misc-dev
for deb in *.deb; do
	dpkg-deb -x "$deb" unpacked
done
find unpacked -name '*.xml' -exec cp -t "$share/protocols" {} +
test -e "$share/protocols/wlr-layer-shell-unstable-v1.xml"
test -e "$share/protocols/virtual-keyboard-unstable-v1.xml"

source=$(apt-cache depends linux-source | sed -n 's/^ *Depends: \(linux-source-[0-9.]*\)$/\1/p')
apt-get download --print-uris "$source" | tr -d "'" >"$share/linux-source"
test -s "$share/linux-source"

rm -rf "$work"
