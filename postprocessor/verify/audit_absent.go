package verify

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// absent must not exist in an image, or match nothing: the union of what image builders delete, and ways to get into a machine that
// no package makes.
var absent = strings.Fields(`
	/home/* /var/mail/* /var/spool/mail/* /var/spool/cron/crontabs/* /var/spool/cron/atjobs/* /var/spool/cron/atspool/*
	/etc/ssh/ssh_host_* /etc/ssh/ssh_known_hosts /etc/ssh/sshd_config.d/50-cloud-init.conf /root/.ssh /root/.*_history /root/.ansible
	/root/.cache /root/.config /root/.gnupg /root/.lesshst /root/.viminfo /root/.wget-hsts /root/.netrc /root/.docker /root/.aws /root/.kube
	/root/snap /etc/machine-info /etc/hostname /etc/mailname /etc/.pwd.lock /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow- /etc/subuid-
	/etc/subgid- /etc/passwd.lock /etc/shadow.lock /etc/group.lock /etc/gshadow.lock
	/var/lib/systemd/random-seed /var/lib/systemd/credential.secret /var/lib/systemd/tpm2-srk-public-key.*
	/var/lib/systemd/coredump/* /var/lib/systemd/linger/* /var/lib/systemd/network/* /var/lib/systemd/timers/stamp-* /var/lib/systemd/timesync/clock
	/var/lib/systemd/rfkill/* /var/lib/systemd/backlight/* /var/lib/private/systemd/*
	/var/lib/cloud/* /var/lib/dhcp/* /var/lib/dhclient/* /var/lib/dhcpcd/* /var/lib/NetworkManager/* /etc/NetworkManager/system-connections/*
	/etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init* /etc/systemd/network/*cloud-init* /etc/udev/rules.d/70-*
	/etc/sudoers.d/90-cloud-init-users /etc/cloud/cloud-init.disabled /etc/cloud/cloud.cfg.d/*installer* /etc/cloud/cloud.cfg.d/*curtin*
	/etc/cloud/cloud.cfg.d/*subiquity* /var/lib/sudo/*/* /var/backups/*
	/tmp/* /tmp/.[!.]* /var/tmp/* /var/tmp/.[!.]* /var/crash/* /core /core.[0-9]* /swapfile /swap.img /autoinstall.yaml /preseed.cfg
	/var/log/installer /etc/ld.so.preload /etc/rc.local /etc/nologin /.dockerenv /.autorelabel
	/usr/sbin/policy-rc.d /usr/lib/systemd/system-shutdown/ingot-seal /etc/apt/apt.conf.d/*ingot* /etc/dpkg/dpkg.cfg.d/*ingot*`)

func (a *audited) lookForAbsent() (problems []string) {
	for _, pattern := range absent {
		matches, err := filepath.Glob(filepath.Join(a.root, pattern))
		if err != nil {
			return append(problems, pattern+": "+err.Error())
		}
		for _, match := range matches {
			problems = append(problems, fmt.Sprintf("/%s: must not be in an image (rule %s)", inside(a.root, match), pattern))
		}
	}
	return problems
}

// mountPoints hide what is below them from the booted machine, where nobody would find it any more.
var mountPoints = regexp.MustCompile(`^/(dev|proc|sys|mnt|media|state|boot/efi|run)/`)

func (a *audited) lookBelowMounts() (problems []string) {
	for _, one := range a.entries {
		isFolder := one.mode.IsDir() && strings.HasPrefix(one.path, "/run/") // packages make some there
		if mountPoints.MatchString(one.path) && !isFolder {
			problems = append(problems, one.path+": is hidden on a booted machine, where its directory is a mount point; nothing may be below")
		}
	}
	return problems
}

// topLevel are the names in / of Debian and Ubuntu: hier(7), the links to the kernel, and what merged /usr left.
var topLevel = regexp.MustCompile(`^/(bin|boot|dev|etc|home|lib(32|64|x32)?|lost\+found|media|mnt|opt|proc|root|run|sbin|snap|srv|sys|tmp|usr|var|` +
	`(vmlinuz|initrd\.img)(\.old)?|(bin|lib|sbin)\.usr-is-merged)$`)

func (a *audited) lookAtTop() (problems []string) {
	for _, one := range a.entries {
		isState := one.path == "/state" && a.want.isReadOnlyRoot()
		if strings.Count(one.path, "/") == 1 && one.path != "/" && !topLevel.MatchString(one.path) && !isState {
			problems = append(problems, one.path+": is no directory of the system; images have nothing else in /")
		}
	}
	return problems
}

func inside(root, path string) string {
	name, err := filepath.Rel(root, path)
	if err != nil {
		return path
	}
	return name
}
