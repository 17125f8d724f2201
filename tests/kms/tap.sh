# For the tests of tests/kms: each is a script that sources this file and ends with tap_end.

tap_count=0
tap_failed=0

# check NAME CMD...: one case. What CMD prints is shown when it fails.
check() {
	local name=$1 output
	shift
	tap_count=$((tap_count + 1))
	if output=$("$@" 2>&1); then
		echo "ok $tap_count - $name"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $name"
		printf '%s\n' "$output" | tail -n 40 | sed 's/^/# /'
	fi
}

# skip NAME REASON
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# note TEXT...: for who reads the results; no case.
note() { printf '# %s\n' "$*"; }

# Outside of the guest: its load average.
host_load() { cut -d' ' -f1 /kms/host-load; }

tap_end() {
	echo "1..$tap_count"
	[ $tap_failed = 0 ]
}

# until_true SECONDS CMD...: for what cannot be waited for by an event of its own.
until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}
