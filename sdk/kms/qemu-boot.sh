#!/bin/bash
# qemu-boot.sh CMD...: boots a virtual PC with this very file system as its root, so that every path is the same
# inside, and runs CMD there. The exit status is CMD's. Runs in the build environment.
#
# The guest's second serial port is the machine's own monitor (QMP): tests/kms/qmp.py takes pictures of the heads and
# touches them through it. There is no disk and no initramfs: the kernel has virtiofs built in.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
read -r version </usr/share/binnacle-sdk/qemu-kernel
root=/kms/root.sock monitor=/kms/monitor.sock

mkdir -p /kms
{
	printf 'cd %q\n' "$PWD"
	printf 'export PATH=%q TERM=dumb LANG=C.UTF-8\n' "$PATH"
	printf 'exec'
	printf ' %q' "$@"
	printf '\n'
} >/kms/command
echo none >/kms/status
echo qemu >/kms/machine
echo pipe >/kms/console

/usr/libexec/virtiofsd --socket-path=$root --shared-dir=/ --sandbox=none --cache=auto >/kms/virtiofsd.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || :' EXIT
until [ -S $root ]; do
	kill -0 $server 2>/dev/null || { cat /kms/virtiofsd.log >&2; exit 125; }
	sleep 0.05
done

# NAME SIZE, joined as the graphics card wants them.
heads() {
	local name size
	while read -r name size; do
		printf '{"name":"%s","xres":%d,"yres":%d},' "$name" "${size%x*}" "${size#*x}"
	done < <(grep -v '^#' "$here/qemu-heads")
}
outputs=$(heads)
touchscreen() { printf '{"driver":"virtio-multitouch-pci","id":"touch%d","serial":"%s","display":"gpu","head":%d}' "$1" "$2" "$1"; }

machine=(
	-machine q35,memory-backend=mem -accel tcg,thread=multi,tb-size=512 -cpu Nehalem -smp 2
	-object memory-backend-memfd,id=mem,size=1536M,share=on -m 1536
	-nodefaults -no-user-config -no-reboot -display none
	-chardev socket,id=root,path=$root
	-device vhost-user-fs-pci,chardev=root,tag=rootfs,queue-size=256
	-chardev socket,id=monitor,path=$monitor,server=on,wait=off -mon chardev=monitor,mode=control
	-chardev socket,id=guest,path=$monitor
	-chardev stdio,id=console,signal=off -serial chardev:console -serial chardev:guest
	# All in JSON: plain devices are made before, when the graphics card is not there to be named.
	-device "{\"driver\":\"virtio-gpu-pci\",\"id\":\"gpu\",\"max_outputs\":3,\"outputs\":[${outputs%,}]}"
	-device "$(touchscreen 0 touch-cluster)" -device "$(touchscreen 1 touch-center)" -device "$(touchscreen 2 touch-passenger)"
	-kernel "/usr/lib/modules/$version/vmlinuz"
	-append "console=ttyS0 quiet loglevel=3 rw mitigations=off nokaslr tsc=reliable no_timer_check random.trust_cpu=on
		8250.nr_uarts=2 rootfstype=virtiofs root=rootfs init=$here/init"
)
qemu-system-x86_64 "${machine[@]}" </dev/null 2>/kms/qemu.log || { cat /kms/qemu.log >&2; exit 125; }
read -r status </kms/status
if [ "$status" = none ]; then
	echo "kms qemu: the guest ended without a status" >&2
	cat /kms/qemu.log >&2
	exit 125
fi
exit "$status"
