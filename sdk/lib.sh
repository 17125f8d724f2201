# Small helpers, sourced by ./dev and its parts. Everything we say goes to stderr: stdout belongs to
# the command that is run.

say() { printf '%s\n' "dev: $*" >&2; }

# die [-STATUS] SENTENCE
die() {
	local status=1
	case $1 in -[0-9]*) status=${1#-}; shift ;; esac
	say "$*"
	exit "$status"
}

have() { command -v "$1" >/dev/null 2>&1; }

# one_builder DIR FUNCTION ARGS...: make DIR by calling FUNCTION ARGS... NEW, once.
# FUNCTION fills the empty directory NEW. It appears as DIR in one rename, so whoever sees DIR sees all
# of it. A second caller waits and takes what the first one made. What a killed builder left behind is
# removed by the next one; holding the lock proves that its owner is gone.
one_builder() {
	local dest=$1 parent lock
	shift
	[ -e "$dest/.complete" ] && return 0
	parent=$(dirname "$dest")
	mkdir -p "$parent"
	exec {lock}>"$parent/.lock"
	if ! flock -n "$lock"; then
		say "another ./dev is at work in $parent; waiting for it"
		flock "$lock"
	fi
	if [ ! -e "$dest/.complete" ]; then
		local new status=0
		remove_tree "$parent"/.new.*
		new=$(mktemp -d "$parent/.new.XXXXXX")
		chmod 755 "$new"
		# The builder is a child, so that Ctrl-C comes back here to clean up.
		(trap 'exit 130' INT TERM; "$@" "$new") || status=$?
		if [ $status != 0 ]; then
			remove_tree "$new"
			exec {lock}>&-
			[ $status != 130 ] || exit 130
			return $status
		fi
		touch "$new/.complete"
		remove_tree "$dest"
		mv -T "$new" "$dest"
	fi
	exec {lock}>&-
}

# Packages may contain directories their owner cannot write.
remove_tree() {
	local tree
	for tree; do
		[ -e "$tree" ] || continue
		rm -rf "$tree" 2>/dev/null && continue
		chmod -R u+rwX "$tree" && rm -rf "$tree"
	done
}
