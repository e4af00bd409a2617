package verify

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

const machine = `distribution debian-13
machine-id 0123456789abcdef0123456789abcdef
boot-id a
host-key ssh-ed25519 AAAA
user root:x:0:0:root:/root:/bin/bash
user user-1:x:1000:1000::/home/user-1:/bin/bash
instance ingot-1
module config_ssh: 812: 1764000000.0
`

func testGuest() *guest { return &guest{config: &ssh.ClientConfig{User: "user-1"}} }

func TestHasIdentity(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{name: "all of it"},
		{name: "no machine-id", old: "0123456789abcdef0123456789abcdef", new: "uninitialized", want: `/etc/machine-id: must have 32 hexadecimal digits, has "uninitialized"`},
		{name: "no host key", old: "host-key ", new: "other ", want: "/etc/ssh: must have host keys, has none"},
		{name: "no user", old: "user user-1:", new: "user user-10:", want: "/etc/passwd: must have the user user-1, whom cloud-init was told to make"},
		{name: "cloud-init did nothing", old: "module ", new: "other ", want: "/var/lib/cloud: must say what cloud-init did for this instance, and says nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := parseIdentity(strings.ReplaceAll(machine, c.old, c.new)).hasIdentity(phaseFirst, testGuest())
			if strings.Join(got.Problems, "\n") != c.want {
				t.Errorf("got %q, want %q", got.Problems, c.want)
			}
		})
	}
}

func TestIsKept(t *testing.T) {
	before := parseIdentity(machine)
	for _, c := range []struct{ name, old, new, check, want string }{
		{name: "all of it", old: "boot-id a", new: "boot-id b"},
		{name: "it was not rebooted", check: "the machine was started again", want: "boot_id: must be another one after a reboot, is still a"},
		{name: "a user is gone", old: "boot-id a\n", new: "boot-id b\n", check: "the users are the same", want: "user: gone after the reboot: user-1:x:1000:1000::/home/user-1:/bin/bash"},
		{name: "cloud-init ran again", old: "812", new: "9", check: "cloud-init did not start over", want: "module: new after the reboot: config_ssh: 9: 1764000000.0"},
		{name: "another machine-id", old: "machine-id 0", new: "machine-id f", check: "the machine-id is the same", want: "machine-id: new after the reboot: f123456789abcdef0123456789abcdef"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.ReplaceAll(machine, c.old, c.new)
			if c.check == "the users are the same" {
				text = strings.ReplaceAll(text, "user user-1:x:1000:1000::/home/user-1:/bin/bash\n", "")
			}
			var found []string
			for _, check := range parseIdentity(text).isKept(before) {
				if check.Name == c.check {
					found = check.Problems
				} else if c.check == "" && len(check.Problems) > 0 {
					t.Errorf("%s: %q", check.Name, check.Problems)
				}
			}
			if c.want != "" && !slices.Contains(found, c.want) {
				t.Errorf("got %q, want %q", found, c.want)
			}
		})
	}
}

func TestIsAnother(t *testing.T) {
	first := parseIdentity(machine)
	for _, c := range first.isAnother(first) {
		if len(c.Problems) != 1 {
			t.Errorf("%s: a machine is no other one than itself: %q", c.Name, c.Problems)
		}
	}
	other := parseIdentity(strings.NewReplacer("machine-id 0", "machine-id f", "AAAA", "BBBB").Replace(machine))
	for _, c := range other.isAnother(first) {
		if len(c.Problems) != 0 {
			t.Errorf("%s: %q", c.Name, c.Problems)
		}
	}
}
