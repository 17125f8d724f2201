#!/bin/bash
# boot.sh KERNEL CMD...: boots KERNEL with this very file system as its root, so that every path is the same
# inside, and runs CMD there. The exit status is CMD's. Runs in the build environment.
#
# /kms is the guest's letter box: what init needs to know, and the status it leaves.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
kernel=$1
shift

mkdir -p /kms
{
	printf 'cd %q\n' "$PWD"
	printf 'export PATH=%q TERM=%q LANG=C.UTF-8\n' "$PATH" "${TERM:-dumb}"
	printf 'exec'
	printf ' %q' "$@"
	printf '\n'
} >/kms/command
head=0
while read -r name serial size size_mm; do
	head=$((head + 1))
	python3 "$here/edid.py" "$name" "$serial" "$size" "$size_mm" "/kms/edid-$head"
done < <(grep -v '^#' "$here/heads")
echo 124 >/kms/status

# The guest's memory is a file that is executed from.
export TMPDIR=/dev/shm
if [ -t 0 ] && [ -t 1 ]; then
	echo tty >/kms/console
else
	echo pipe >/kms/console
	exec </dev/null
fi
# The kernel's words go to its stderr; the terminal belongs to CMD.
"$kernel" mem=1536M ncpus=2 seccomp=on rootfstype=hostfs rootflags=/ rw init="$here/init" \
	con=null con0=fd:0,fd:1 ssl=null stderr=1 console=stderr0 vkms.create_default_dev=0 2>/kms/uml.log || {
	cat /kms/uml.log >&2
	exit 125
}
read -r status </kms/status
[ "$status" != 124 ] || cat /kms/uml.log >&2
exit "$status"
