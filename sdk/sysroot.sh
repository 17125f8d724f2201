# The build environment: the host as it is, or a Debian sysroot in the user's cache.
#
# setup WANT sets
#   sysroot    the sysroot's path; empty when the host is used as it is
#   have_full  yes when the packages of packages-full.txt are there too
# WANT is "full", or "any": full when it has been made already, else base.

suite=forky
recipe=5 # raise it when what make_sysroot does changes

cache=${XDG_CACHE_HOME:-$HOME/.cache}/binnacle
host_needs=(mmdebstrap bubblewrap uidmap)

setup() {
	if pkg-config --exists wlroots-0.20 2>/dev/null; then
		sysroot=
		have_full=no
		have clang && have clang-format && have_full=yes
		setup_native_protocols
		return
	fi
	local full base
	full=$(sysroot_path base full)
	base=$(sysroot_path base)
	if [ "$1" = full ] || [ -e "$full/.complete" ]; then
		sysroot=$full
		have_full=yes
		set -- base full
	else
		sysroot=$base
		have_full=no
		set -- base
	fi
	if [ ! -e "$sysroot/.complete" ] || ! have bwrap; then
		need_host_packages
	fi
	choose_container
	if [ ! -e "$sysroot/.complete" ]; then
		one_builder "$sysroot" make_sysroot "$@" ||
			die "the build environment was not made; its log: $cache/sdk/last.log"
	fi
}

# sysroot_path LIST...: where the sysroot of these lists is, or would be.
sysroot_path() {
	local key
	key=$({
		printf '%s\n' "$suite" "$recipe" "$(dpkg --print-architecture 2>/dev/null || uname -m)"
		list_words "$@"
	} | sha256sum | cut -c1-16)
	printf '%s\n' "$cache/sdk/$suite-$key"
}

# A sysroot has the protocol XML that wayland-protocols lacks; the host seldom does. Sets protocol_dir.
protocol_dir=
setup_native_protocols() {
	[ ! -e /usr/share/binnacle-sdk/protocols/virtual-keyboard-unstable-v1.xml ] || return 0
	protocol_dir=$cache/protocols
	one_builder "$protocol_dir" fetch_protocols ||
		die -3 "put wlr-layer-shell-unstable-v1.xml, wlr-screencopy-unstable-v1.xml, wlr-virtual-pointer-unstable-v1.xml and virtual-keyboard-unstable-v1.xml into $protocol_dir, and an empty file .complete"
}

fetch_protocols() {
	have apt-get || return 1
	say "fetching protocol files"
	(
		cd "$1"
		apt-get download -q -o APT::Sandbox::User=root \
			librust-wayland-protocols-wlr-dev librust-wayland-protocols-misc-dev >&2 || exit 1
		for deb in *.deb; do
			dpkg-deb -x "$deb" unpacked || exit 1
		done
		find unpacked -name '*.xml' -exec cp -t . {} +
		rm -r unpacked ./*.deb
		[ -e virtual-keyboard-unstable-v1.xml ]
	)
}

# The words of the named package lists: comments and line breaks gone, sorted.
list_words() {
	local list
	for list; do
		sed 's/#.*//' "$top/sdk/packages-$list.txt"
	done | tr -s ' \t' '\n' | sed '/^$/d' | LC_ALL=C sort -u
}

need_host_packages() {
	local missing=() line
	have mmdebstrap || missing+=(mmdebstrap)
	have bwrap || missing+=(bubblewrap)
	[ "$(id -u)" = 0 ] || have newuidmap || missing+=(uidmap)
	if [ ${#missing[@]} = 0 ]; then
		[ "$(id -u)" = 0 ] || grep -q -e "^$(id -un):" -e "^$(id -u):" /etc/subuid 2>/dev/null ||
			die -3 "$(id -un) has no line in /etc/subuid; as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
		return
	fi
	have apt-get || die -3 "neither wlroots 0.20 nor apt-get is here; install wlroots 0.20 with its headers"
	line="apt install ${host_needs[*]}"
	apt_knows mmdebstrap || line="apt update && $line"
	if [ "$(id -u)" != 0 ]; then
		say "as root, once, then start ./dev again:"
		printf '    %s\n' "$line" >&2
		exit 3
	fi
	say "installing ${missing[*]}"
	mkdir -p "$cache/sdk"
	{
		apt_knows mmdebstrap || apt-get update -q
		DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
	} </dev/null >"$cache/sdk/apt.log" 2>&1 || {
		tail -n 15 "$cache/sdk/apt.log" >&2
		die "apt-get could not install ${missing[*]}"
	}
}

apt_knows() { [ -n "$(apt-cache madison "$1" 2>/dev/null)" ]; }

# The Debian mirror this machine uses, from its own apt configuration. "update --print-uris" expands
# every way to write a source and works before the first apt-get update.
find_mirror() {
	local uris mirror
	if [ -n "${BINNACLE_MIRROR:-}" ]; then
		printf '%s\n' "$BINNACLE_MIRROR"
		return
	fi
	uris=$(apt-get --print-uris update 2>/dev/null | sed -n "s,^'\(.*\)/dists/.*,\1,p")
	mirror=$(grep '/debian/*$' <<<"$uris" | head -n 1) ||
		mirror=$(grep -v -e security -e updates <<<"$uris" | head -n 1) || true
	case $mirror in
	mirror+file:*) mirror=$(grep -m 1 -o '^[^[:space:]#]*' "${mirror#mirror+file:}") ;;
	esac
	printf '%s\n' "${mirror%/}"
}

# make_sysroot LIST... NEW
make_sysroot() {
	local new=${*: -1} mirror packages start=$SECONDS
	set -- "${@:1:$#-1}"
	packages=$(list_words "$@" | paste -sd,)
	mirror=$(find_mirror)
	[ -n "$mirror" ] || die "no Debian mirror in this machine's apt configuration; BINNACLE_MIRROR=URL names one"
	say "making the build environment once; ${*: -1} package list, from $mirror"

	if ! bootstrap "$mirror" "$packages" "$new"; then
		# A mirror that is not refreshed often serves a Release file past its date.
		grep -q -i -e 'is expired' -e 'not valid anymore' -e 'Valid-Until' "$cache/sdk/last.log" || {
			tail -n 15 "$cache/sdk/last.log" >&2
			return 1
		}
		say "the mirror's Release file has expired; using it all the same (its signature is still checked)"
		find "$new" -mindepth 1 -delete
		bootstrap "$mirror" "$packages" "$new" --aptopt='Acquire::Check-Valid-Until "false"' || {
			tail -n 15 "$cache/sdk/last.log" >&2
			return 1
		}
	fi
	mkdir -p "$new"/{dev,proc,sys,run,tmp,home,mnt}
	say "made the build environment in $((SECONDS - start)) s"
}

# bootstrap MIRROR PACKAGES NEW OPTION...: the tar stream makes every file the caller's own, also for
# an ordinary user, whose mmdebstrap works with subordinate user ids.
bootstrap() {
	local mirror=$1 packages=$2 new=$3 proxy= http= https= options
	shift 3
	eval "$(apt-config shell http Acquire::http::Proxy https Acquire::https::Proxy)"
	options=(
		--verbose --variant=apt --mode="$([ "$(id -u)" = 0 ] && echo root || echo unshare)"
		--aptopt='Acquire::Languages "none"'
		--aptopt='APT::Install-Recommends "false"'
		--dpkgopt=force-unsafe-io
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*'
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*'
		--dpkgopt='path-include=/usr/share/doc/*/copyright'
		--dpkgopt='path-exclude=/usr/share/lintian/*' --dpkgopt='path-exclude=/usr/share/bug/*'
		--include="$packages"
		--customize-hook="$top/sdk/sysroot-extra.sh \"\$1\""
	)
	[ -z "$http" ] || options+=(--aptopt="Acquire::http::Proxy \"$http\"")
	[ -z "$https" ] || options+=(--aptopt="Acquire::https::Proxy \"$https\"")
	mmdebstrap "${options[@]}" "$@" --format=tar "$suite" - "$mirror" </dev/null \
		2> >(tee "$cache/sdk/last.log" | bootstrap_progress) |
		tar -C "$new" -x --no-same-owner --exclude='./dev/*' 2>>"$cache/sdk/tar.log"
}

bootstrap_progress() {
	awk -v start="$(date +%s)" '
		function tell(what) { printf "dev: %4d s  %s\n", now() - start, what; fflush() }
		function now(t) { "date +%s" | getline t; close("date +%s"); return t }
		/ newly installed/ { for (i = 2; i <= NF; i++) if ($i == "newly") total += $(i - 1) }
		/^Get:.* Packages / && !index_seen++ { tell("package index") }
		/^Fetched / { tell("downloaded " $2 " " $3) }
		/^Unpacking / && ++unpacked % 100 == 0 { tell("unpacked " unpacked " packages") }
		/^Setting up / && ++set_up % 100 == 0 { tell("set up " set_up " packages") }
		/^I: creating tarball/ { tell("copying into place") }
	' >&2
}
