# shellcheck shell=sh disable=SC2154
# The state file system: found, or made on the first boot; checked, grown to its disk, and mounted. Part of init.
#
# It has the label ingot-state. Its partition has that name too, so that a file system that has lost its label is not taken for
# none. While it is being made both are called ingot-state-new, and whatever is called that may be made again.
label=ingot-state

find_state() {
    root=$(readlink -f "/sys/dev/block/$(mountpoint -d /)")
    disk=/dev/${root%/*} && disk=/dev/${disk##*/}
    state=$(blkid -c /dev/null -t "LABEL=$label" -o device)
    case $(echo "$state" | grep -c .) in
    0) make_state ;;
    1) settle_state ;;
    *) stop "there are several file systems with the label $label: $(echo "$state" | paste -sd' '). Detach or relabel all but one." ;;
    esac
}

# partition NAME: the device of the partition that has this name in its disk's table. (The kernel does not know the names of those that
# were added since it read the table.)
partition() { blkid -c /dev/null -t "PARTLABEL=$1" -o device | head -n 1; }

# spare_disk: a whole disk with the serial ingot-state that has nothing on it, or only what a cut-off first boot left.
spare_disk() {
    for serial in /sys/block/*/serial /sys/block/*/device/serial; do
        { read -r value <"$serial"; } 2>/dev/null
        [ "${value-}" = "$label" ] || continue
        device=${serial#/sys/block/} && device=/dev/${device%%/*}
        case $(blkid -p -o value -s LABEL "$device"; blkid -p -o value -s TYPE -s PTTYPE "$device") in
        "" | "$label-new"*) echo "$device" && return ;;
        *) stop "the disk $device has the serial $label, but something else is on it. Give an empty disk, or one with a file system of the label $label." ;;
        esac
    done
}

make_state() {
    lost=$(partition "$label")
    [ -z "$lost" ] || stop "the state file system on $lost cannot be read: it has no label $label. Mend it (e2fsck -b 32768 $lost), or delete the partition to begin with an empty one."
    [ -z "$(partition "$label-elsewhere")" ] || stop "the state file system is on another disk, and that is not attached, or has lost its label. Attach it, or mend it (e2fsck -b 32768)."
    state=$(spare_disk)
    [ -n "$state" ] || state=$(partition "$label-new")
    [ -n "$state" ] || add_partition
    note "making the state file system on $state"
    attempt "making the state file system on $state" mke2fs -q -F -t ext4 -L "$label-new" "$state"
    mkdir -p "$work/new"
    attempt "mounting the new state file system on $state" mount -t ext4 "$state" "$work/new"
    attempt "filling the state file system on $state" fill_from_image "$work/new"
    mkdir -p "$work/new/etc/upper" "$work/new/etc/work"
    attempt "unmounting the new state file system on $state" umount "$work/new"
    attempt "giving the state file system on $state its label" e2label "$state" "$label"
    settle_state
}

# fill_from_image TO: what the image has of /var, /home and /root; what is there already stays. The package database stays the image's.
fill_from_image() {
    tar -C / --xattrs --acls --exclude='var/lib/dpkg/?*' --warning=no-file-ignored -cf - var home root 2>"$work/said" |
        tar -C "$1" --xattrs --acls --skip-old-files --warning=no-timestamp -xpf - || return 1
    [ ! -s "$work/said" ] || { cat "$work/said" && return 1; }
}

add_partition() {
    [ -e "$root/partition" ] || stop "the root file system is not on a partition, so no other can be put behind it. Attach a disk with the serial $label."
    free=$(sfdisk --list-free --quiet --output=Size --bytes "$disk" 2>/dev/null | sort -n | tail -n 1)
    [ "${free:-0}" -ge 67108864 ] || extend_table
    append_partition "$label-new"
    state=$(partition "$label-new")
    [ -n "$state" ] || stop "the new partition of $disk did not appear"
}

# extend_table: the disk may have become larger since its table was written; then the second copy of that is not at the end.
extend_table() { sfdisk --quiet --no-reread --relocate gpt-bak-std "$disk" >/dev/null 2>&1; }

# append_partition NAME: of all that is free on the root's disk, which the kernel is told as well.
append_partition() {
    attempt "adding the partition $1 to $disk, which needs 64 MiB free" sh -c \
        "echo 'type=linux, name=\"$1\"' | sfdisk --quiet --append --no-reread --wipe never $disk && partx --update $disk"
}

# settle_state: what is left to do once the file system has its label.
settle_state() {
    place=$(readlink -f "/sys/class/block/${state##*/}")
    if [ "${place%/*}" != "${root%/*}" ]; then
        remember_other_disk
    elif [ "$state" = "$(partition "$label-new")" ]; then
        read -r number <"$place/partition"
        attempt "naming the state's partition" sfdisk --quiet --no-reread --part-label "$disk" "$number" "$label"
    fi
}

# remember_other_disk: leaves an empty partition on the root's disk that says so, or a machine whose state disk is missing would get
# a new, empty state.
remember_other_disk() {
    [ -z "$(partition "$label-elsewhere")" ] && [ -e "$root/partition" ] || return 0
    extend_table
    echo "size=1MiB, type=linux, name=\"$label-elsewhere\"" | sfdisk --quiet --append --no-reread --wipe never "$disk" >/dev/null 2>&1 ||
        note "$disk has no room to note that the state is on $state"
}

check_state() {
    type=$(blkid -p -o value -s TYPE "$state")
    [ "$type" = ext4 ] || stop "the state file system on $state must be ext4, and is ${type:-none that is known}. Take its label away, or make it anew."
    mode=-p
    [ "$(option fsck.repair)" != yes ] || mode=-y
    said=$(e2fsck "$mode" "$state" 2>&1)
    code=$?
    [ "$code" -eq 0 ] || note "e2fsck $mode $state: $(echo "$said" | paste -sd' ')"
    [ "$code" -lt 4 ] || stop "the state file system on $state has errors that e2fsck does not mend by itself: $(echo "$said" | grep . | tail -n 1) Start once with fsck.repair=yes on the kernel's command line, which may lose damaged files, or mend it on another machine."
    grow_partition
    grow_state
}

# grow_partition: to the end of its disk, when that is 4 MiB away or more. Sizes in /sys are sectors of 512 bytes.
grow_partition() {
    [ -e "$place/partition" ] || return 0
    read -r first <"$place/start" && read -r length <"$place/size" && read -r all <"${place%/*}/size"
    [ $((all - first - length)) -ge 8192 ] || return 0
    on=/dev/$(basename "${place%/*}")
    read -r number <"$place/partition"
    sfdisk --quiet --no-reread --relocate gpt-bak-std "$on" >/dev/null 2>&1
    said=$(echo ', +' | sfdisk --quiet --no-reread --force -N "$number" "$on" 2>&1) || note "$state was not grown to the end of $on: $(echo "$said" | tail -n 1)"
    partx --update --nr "$number" "$on" 2>/dev/null
}

# grow_state: to the end of its partition or disk, when that is 4 MiB away or more. It is not mounted yet.
grow_state() {
    used=$(dumpe2fs -h "$state" 2>/dev/null | awk '$1 $2 == "Blockcount:" { n = $3 } $1 $2 == "Blocksize:" { printf "%d", n * $3 / 512 }')
    read -r length <"$place/size"
    [ $((length - ${used:-$length})) -ge 8192 ] || return 0
    said=$(e2fsck -f -p "$state" 2>&1 && resize2fs "$state" 2>&1) || note "the file system on $state was not grown: $(echo "$said" | tail -n 1)"
}

mount_state() {
    mkdir -p "$work/image"
    attempt "keeping the image's files in view" mount --bind / "$work/image"
    attempt "mounting the state file system $state" mount -t ext4 -o errors=remount-ro "$state" /state
    if is_other_image; then fill_from_image /state || note "the directories of the new image were not all added to /var"; fi
    for folder in var home root; do
        mkdir -p "/state/$folder"
        attempt "mounting /$folder" mount --bind "/state/$folder" "/$folder"
    done
    mkdir -p /var/lib/dpkg
    attempt "mounting the package database" mount --bind "$work/image/var/lib/dpkg" /var/lib/dpkg
    mount -o remount,bind,rw /var/lib/dpkg # as writable as / is
}
