#!/bin/bash
# Runs inside mmdebstrap while the package index is still there: sysroot-extra.sh ROOT
#
# 1. Protocol XML that wayland-protocols lacks. Debian has it only inside two Rust source packages, which
#    would pull in many others; so they are unpacked, not installed.
# 2. Which kernel source belongs to this suite, for sdk/kms: a line "URI FILE SIZE SHA256:SUM".
# 3. With qemu: a kernel for it and the modules that it loads. The image package would pull in an initramfs
#    generator and 110 MB of modules.
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

modules=(
	kernel/drivers/gpu kernel/drivers/input kernel/drivers/virtio kernel/drivers/video kernel/drivers/hid
	kernel/drivers/char kernel/lib kernel/fs/configfs kernel/drivers/i2c/algos
)
unpack_kernel() {
	local packages version module
	packages=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
		--no-enhances --important linux-image-amd64 2>/dev/null | grep -x 'linux-\(binary\|modules\)-.*-amd64' | sort -u)
	apt-get download -q -o APT::Sandbox::User=root $packages
	for deb in linux-*.deb; do
		dpkg-deb -x "$deb" kernel
	done
	version=$(ls kernel/usr/lib/modules)
	mkdir -p "$root/usr/lib/modules/$version"
	(cd "kernel/usr/lib/modules/$version" && cp -r --parents vmlinuz "${modules[@]}" "$root/usr/lib/modules/$version/")
	# Whole graphics drivers for cards that qemu does not have are the bulk of it.
	rm -rf "$root/usr/lib/modules/$version"/kernel/drivers/gpu/drm/{amd,i915,xe,nouveau,radeon}
	PATH=$PATH:/usr/sbin:/sbin chroot "$root" /usr/sbin/depmod "$version"
	printf '%s\n' "$version" >"$share/qemu-kernel"
}
if [ -e "$root/usr/bin/qemu-system-x86_64" ] && [ "$(dpkg --print-architecture)" = amd64 ]; then
	unpack_kernel
fi

rm -rf "$work"
