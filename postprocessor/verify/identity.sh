#!/bin/sh
# Prints who this machine is, one "KEY VALUE" a line. Reads only.
set -u
# shellcheck source=/dev/null
. /etc/os-release
echo "distribution $ID-${VERSION_ID:-}"
echo "machine-id $(cat /etc/machine-id)"
echo "boot-id $(cat /proc/sys/kernel/random/boot_id)"
for key in /etc/ssh/ssh_host_*_key.pub; do
	[ ! -e "$key" ] || echo "host-key $(cut -d ' ' -f 1,2 "$key")"
done
sed 's/^/user /' /etc/passwd
[ ! -e /var/lib/cloud/data/instance-id ] || echo "instance $(cat /var/lib/cloud/data/instance-id)"
# cloud-init marks here what it does once for an instance, or once at all: who did it and when.
for mark in /var/lib/cloud/instance/sem/* /var/lib/cloud/sem/*.once; do
	[ ! -f "$mark" ] || echo "module ${mark##*/}: $(tr '\n' ' ' <"$mark")"
done
