# shellcheck shell=sh disable=SC2154
# /etc: an overlay of what was changed on this machine over the image's own files. Part of init.
#
# etc.sha256, made when the image was sealed, lists the image's files with their checksums; the state keeps the list of the image that
# was booted last. So a new image is noticed, and a file that the machine only has a copy of is told from one that somebody changed.
changes=/state/etc/upper
list=$here/etc.sha256
known=/state/etc/image.sha256

is_other_image() { ! cmp -s "$list" "$known"; }

prepare_etc() {
    mkdir -p "$changes" /state/etc/work 2>/dev/null
    [ "$(option ingot.etc)" != reset ] || set_etc_aside "the kernel's command line asks for it"
    if was_cut_off; then set_etc_aside "the first boot was cut off"; fi
    for file in passwd group shadow gshadow; do refuse_damaged "$file"; done
    if [ -f "$known" ] && is_other_image; then adopt_image; fi
    cmp -s "$list" "$known" || { cp "$list" "$known.new" && sync "$known.new" && mv "$known.new" "$known"; } ||
        note "the list of the image's files could not be kept; is /state full?"
}

# was_cut_off: the power went before the first boot was on the disk. Then files of the identity can be empty, and cloud-init would take
# them as made.
was_cut_off() {
    [ -d "$changes/ssh" ] && [ ! -e /state/settled ] &&
        [ -n "$(find "$changes/ssh" "$changes/sudoers.d" "$changes/machine-id" -type f -empty 2>/dev/null)" ]
}

mount_etc() {
    drop_dangling_units
    mount_overlay || { rm -rf /state/etc/work && mkdir -p /state/etc/work && mount_overlay; } ||
        { set_etc_aside "the overlay cannot be mounted: $said" && mount_overlay; } ||
        stop "mounting the overlay on /etc failed: $said"
}

# mount_overlay: without the features that tie the upper files to one version of the lower.
mount_overlay() {
    said=$(mount -t overlay -o "lowerdir=$work/image/etc,upperdir=$changes,workdir=/state/etc/work,index=off,redirect_dir=off,metacopy=off,xino=off" overlay /etc 2>&1)
}

# set_etc_aside REASON: begin with the image's /etc. cloud-init has to give the machine its users anew, so it forgets that it did.
set_etc_aside() {
    aside=/state/etc.aside
    number=1
    while [ -e "$aside.$number" ]; do number=$((number + 1)); done
    mv /state/etc "$aside.$number" || stop "the damaged $changes could not be moved away"
    mkdir -p "$changes" /state/etc/work
    rm -rf /state/settled /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/sem /var/lib/cloud/data
    note "/etc begins anew from the image, since $1; what it was is in $aside.$number"
}

# refuse_damaged FILE: an account file without root lets nobody in. Power cuts leave empty ones.
refuse_damaged() {
    [ -e "$changes/$1" ] || [ -L "$changes/$1" ] || return 0
    [ -f "$changes/$1" ] && [ ! -L "$changes/$1" ] && grep -q '^root:' "$changes/$1" && return 0
    mkdir -p /state/etc/damaged
    rm -rf "/state/etc/damaged/$1"
    mv "$changes/$1" "/state/etc/damaged/$1"
    # The copy that the last change of an account left, as useradd does
    if [ -f "$changes/$1-" ] && grep -q '^root:' "$changes/$1-"; then cp -p "$changes/$1-" "$changes/$1"; fi
    note "/etc/$1 was damaged: it is in /state/etc/damaged now, and $([ -f "$changes/$1" ] && echo "/etc/$1-" || echo "the image's") is in its place"
}

# adopt_image: the machine boots another image than before. Of files that nobody changed the new image's hold.
adopt_image() {
    note "another image than before: taking over its /etc"
    mkdir -p -m 0700 "$work/adopt"
    umask 077
    (cd "$changes" && find . -type f -exec sha256sum {} +) >"$work/adopt/changes"
    grep -Fxf "$known" "$work/adopt/changes" | cut -c67- | while read -r file; do
        same_access "$file" && rm -f "$changes/$file"
    done
    rm -f "$changes/ld.so.cache" "$changes/.updated"
    merge_accounts passwd 3 4
    merge_accounts group 3
    follow_groups
    merge_accounts shadow
    merge_accounts gshadow
    umask 022
}

# same_access FILE: mode and owner are the image's too, or it has no such file.
same_access() {
    [ ! -e "/etc/$1" ] || [ "$(stat -c '%a %u %g' "/etc/$1")" = "$(stat -c '%a %u %g' "$changes/$1")" ]
}

# merge_accounts FILE [ID...]: accounts that the image has are added, and have the image's numbers (in the fields ID), since its files
# have them; all else stays as it is on the machine.
merge_accounts() {
    [ -f "$changes/$1" ] || return 0
    file=$1
    shift
    awk -F: -v OFS=: -v ids="$*" '
        NR == FNR { image[$1] = $0; order[++count] = $1; next }
        $1 in image { split(image[$1], theirs, ":"); n = split(ids, id, " "); for (i = 1; i <= n; i++) $id[i] = theirs[id[i]]; delete image[$1] }
        { print }
        END { for (i = 1; i <= count; i++) if (order[i] in image) print image[order[i]] }
    ' "/etc/$file" "$changes/$file" >"$work/adopt/$file" && cp "$work/adopt/$file" "$changes/$file.new" || { rm -f "$changes/$file.new" && return 0; }
    if [ "$file" = passwd ]; then follow_ids uid chown 3; fi
    if [ "$file" = group ]; then follow_ids gid chgrp 3; fi
    chmod --reference="$changes/$file" "$changes/$file.new"
    chown --reference="$changes/$file" "$changes/$file.new"
    sync "$changes/$file.new"
    mv "$changes/$file.new" "$changes/$file"
}

# follow_ids uid|gid CHANGE FIELD: files in the state follow accounts whose number is another now. All are found before any is changed,
# as two accounts may have changed places.
follow_ids() {
    awk -F: -v f="$3" 'NR == FNR { was[$1] = $f; next } $1 in was && was[$1] != $f { print was[$1], $f }' \
        "$changes/$file" "$changes/$file.new" >"$work/adopt/$1"
    while read -r was _; do find /state/var /state/etc/upper -xdev "-$1" "$was" -print0 >"$work/adopt/$1.$was"; done <"$work/adopt/$1"
    while read -r was now; do xargs -0 -r -a "$work/adopt/$1.$was" "$2" -h "$now"; done <"$work/adopt/$1"
}

# follow_groups: users of the machine stay in their group when its number is another now, or they would be in whichever has that number.
follow_groups() {
    [ -s "$work/adopt/gid" ] && [ -f "$changes/passwd" ] || return 0
    awk -v OFS=: '
        FILENAME == ARGV[2] { now[$1] = $2; next }
        FILENAME == ARGV[4] { image[$1]; next }
        !($1 in image) && ($4 in now) { $4 = now[$4] }
        { print }
    ' FS=' ' "$work/adopt/gid" FS=: /etc/passwd "$changes/passwd" >"$work/adopt/passwd" && cp "$work/adopt/passwd" "$changes/passwd.new" &&
        chmod --reference="$changes/passwd" "$changes/passwd.new" && sync "$changes/passwd.new" && mv "$changes/passwd.new" "$changes/passwd" ||
        note "the groups of users were not all followed"
}

# drop_dangling_units: links of the machine's own to units that this image does not have keep systemd from booting. They are removed where
# they are kept: removed from the overlay, they would hide what the image has of that name.
drop_dangling_units() {
    find "$changes/systemd/system" "$changes/systemd/user" -type l 2>/dev/null | while read -r link; do
        case $(readlink "$link") in
        /usr/* | /lib/*) [ -e "$(readlink "$link")" ] || { rm -f "$link" && note "/etc${link#"$changes"} is gone: this image has no such unit"; } ;;
        esac
    done
}
