#!/bin/bash
# boot.sh KERNEL HEADS CMD...: boots KERNEL with this very file system as its root, so that every path is the same
# inside, and the displays of the file HEADS, and runs CMD there. The exit status is CMD's. Runs in the build
# environment.
#
# /kms is the guest's letter box: what init needs to know, and the status it leaves.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
kernel=$1 heads=$2
shift 2

mkdir -p /kms
{
	printf 'cd %q\n' "$PWD"
	printf 'export PATH=%q TERM=%q LANG=C.UTF-8\n' "$PATH" "${TERM:-dumb}"
	printf 'exec'
	printf ' %q' "$@"
	printf '\n'
} >/kms/command
grep -v '^#' "$heads" >/kms/heads
head=0
while read -r name serial size size_mm; do
	head=$((head + 1))
	python3 "$here/edid.py" "$name" "$serial" "$size" "$size_mm" "/kms/edid-$head"
done </kms/heads
echo none >/kms/status
echo uml >/kms/machine

# The guest's memory is a file that is executed from.
export TMPDIR=/dev/shm
if [ -t 0 ] && [ -t 1 ]; then
	echo tty >/kms/console
	stty size >/kms/size
else
	echo pipe >/kms/console
	exec </dev/null
fi
# The kernel's words go to its stderr; the terminal belongs to CMD.
#
# A guest of one processor stays on one of the host's, the last, and ahead of what else is there. Its kernel and each of its
# programs are processes that hand over to one another at each system call; where they wander about, the guest stands
# still for 1 to 4 ms some twenty times in 10,000 frames. Never in the real-time class, where its programs would keep its
# kernel from that processor.
processors=$(sed -n 's/^Cpus_allowed_list:\s*//p' /proc/self/status)
boot() {
	chrt -o 0 nice -n -20 taskset -c "${processors##*[,-]}" \
		"$kernel" mem=1536M "$@" rootfstype=hostfs rootflags=/ rw init="$here/init" con=null con0=fd:0,fd:1 \
		ssl=null stderr=1 console=stderr0 vkms.create_default_dev=0 2>/kms/uml.log
}
# What goes on outside, once a second: the load average, and for how long in all, in us, something waited for a processor.
tell_load() {
	local load waited
	while kill -0 $$ 2>/dev/null; do
		read -r load _ </proc/loadavg
		waited=$(sed -n 's/^some.*total=//p' /proc/pressure/cpu 2>/dev/null)
		echo "$load ${waited:-0}" >/kms/host-load.new
		mv /kms/host-load.new /kms/host-load
		sleep 1
	done
}
tell_load &
teller=$!
trap 'kill $teller 2>/dev/null || :' EXIT
started() { grep -q 'Linux version' /kms/uml.log; }

# System calls are caught with seccomp, or with ptrace. One processor: with two each page that the kernel unmaps is
# unmapped on both by signals, so that an atomic commit takes 3.5 ms where it takes 0.2, and 80 ms now and then.
boot seccomp=on || started || boot seccomp=off || started || {
	echo "kms: this host does not let user-mode linux run: $(tail -n 1 /kms/uml.log)" >&2
	exit 77
}
read -r status </kms/status
if [ "$status" = none ]; then
	echo "kms: the guest ended without a status; its last words:" >&2
	tail -n 40 /kms/uml.log >&2
	exit 125
fi
exit "$status"
