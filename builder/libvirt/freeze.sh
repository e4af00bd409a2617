#!/bin/sh
# Keeps the guest's file systems still while the host takes a snapshot of the disk. Run as root; all that it needs while they are frozen is
# running or in memory, and the conversation goes over its own input and output:
#
#     frozen   nothing is written from now on; the host sends a line when it is done, or hangs up
#     thawed   nothing was written until that line came
#     late     something may have been: the dead man, a process of its own, had thawed first
#
#     freeze.sh SECONDS_OF_THE_DEAD_MAN [TABLE_OF_MOUNTS]
set -fu
PATH=$PATH:/usr/sbin:/sbin
seconds=$1
table=${2:-/proc/self/mounts}

for program in fsfreeze setsid; do
	command -v "$program" >/dev/null || { echo "the guest has no $program (package util-linux)" >&2; exit 1; }
done

# Writable file systems on block devices, each once, / last. FAT cannot be frozen, but it can be made read-only for the moment, since nobody
# writes to it now: else it is marked as in use, and every image that comes of the layer complains at its boots that it was not unmounted.
set --
seen=" " fat=
newline='
'
while read -r device directory type options _; do
	case $device in /dev/*) ;; *) continue ;; esac
	case ,$options, in *,rw,*) ;; *) continue ;; esac
	case $seen in *" $device "*) continue ;; esac
	seen="$seen$device "
	directory=$(printf "%b" "$directory")
	case $type in
		vfat | msdos | exfat) fat=$fat$directory$newline ;;
		*) set -- "$directory" "$@" ;;
	esac
done <"$table"
[ $# -gt 0 ] || { echo "no file system of the guest can be frozen" >&2; exit 1; }

# remount ro|rw: the file systems that cannot be frozen. One that is in use stays as it is.
remount() {
	printf %s "$fat" | while IFS= read -r directory; do mount -o "remount,$1" "$directory" || true; done
}

thaw() {
	for directory; do fsfreeze --unfreeze "$directory" || late=yes; done
	remount rw
}

late=
# shellcheck disable=SC2016 # the inner shell expands them
setsid sh -c 'sleep "$0"; for directory; do fsfreeze --unfreeze "$directory"; done' "$seconds" "$@" </dev/null >/dev/null 2>&1 &
dead_man=$!
trap 'thaw "$@" 2>/dev/null; kill -- "-$dead_man" 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM

remount ro 2>/dev/null
sync
for directory; do fsfreeze --freeze "$directory" || exit 1; done
echo frozen
read -r _
thaw "$@" 2>/dev/null
if [ -z "$late" ]; then echo thawed; else echo late; fi
