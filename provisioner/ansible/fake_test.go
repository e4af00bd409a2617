package ansible

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fakeGuest is what a builder would say of a guest that nobody connects to.
func fakeGuest(t *testing.T) map[string]any {
	t.Helper()
	_, hostKey := writeKey(t, t.TempDir(), "host")
	return map[string]any{
		"Host": "127.0.0.1", "Port": 1, "User": "builder", "SSHPrivateKey": privateKey(t), "SSHHostKey": hostKey,
		"IngotBuildDirectory": t.TempDir(),
	}
}

func TestProvisionWithAnAnsibleThatMisbehaves(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ fake, timeout, want, report string }{
		{"hang", "3s", `ansible_directory: applying task "first" to the guest: timed out after 3s at task "Wait for a minute"; see LOG`,
			"first changed=0 ok=0 failed=true"},
		{"stubborn", "3s", `ansible_directory: applying task "first" to the guest: timed out after 3s at task "Ignore the end"; see LOG`,
			"first changed=0 ok=0 failed=true"},
		{"between", "3s", `ansible_directory: applying task "first" to the guest: timed out after 3s between two tasks; see LOG`,
			"first changed=0 ok=1 failed=true"},
		{"quiet", "1m", `tasks: build.yaml ended without applying "first", "second"; it must be for hosts: image and include tasks/<name>.yaml ` +
			`for each of ingot_tasks; see LOG`, ""},
		{"noise", "1m", "playbook: running build.yaml on the guest: ansible-playbook ended with exit status 250 before the first task; " +
			"see LOG; it said last:\n  ERROR! it is broken", ""},
		{"stand", "3s", `ansible_directory: applying task "first" to the guest: timed out after 3s while the builder took the checkpoint ` +
			"after it; see LOG", "first changed=0 ok=1 failed=false"},
		{"vanish", "1m", `playbook: applying task "first" to the guest: ansible-playbook ended with exit status 3 while the builder took the ` +
			"checkpoint after it; see LOG; it said last:\n  ", "first changed=0 ok=1 failed=false"},
		{"garbage", "1m", "playbook: running build.yaml on the guest: ansible-playbook ended with exit status 4 before the first task; " +
			"see LOG; it said last:\n  ", ""},
	} {
		t.Run(tc.fake, func(t *testing.T) {
			t.Parallel()
			fake, err := filepath.Abs("testdata/fake-ansible")
			check(t, err)
			data, start, release := fakeGuest(t), time.Now(), make(chan struct{})
			defer close(release)
			serveCheckpoints(t, data, func(string) string { <-release; return "" })
			_, err = provision(t, t.Context(), data, map[string]any{
				"tasks": []string{"first", "second"}, "ansible_playbook": fake, "ansible_timeout": tc.timeout, "variables": fmt.Sprintf(`{"fake": %q}`, tc.fake),
			})
			equal(t, strings.ReplaceAll(fmt.Sprint(err), data["IngotBuildDirectory"].(string)+"/ansible.log", "LOG"), tc.want)
			if tc.report != "" {
				equal(t, readReport(t, data), tc.report)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestProvisionNeedsCommandsAndData(t *testing.T) {
	p := newProvisioner(t, map[string]any{"ansible_playbook": "no-such-ansible"})
	ui, _ := newUI()
	t.Setenv("PATH", t.TempDir())
	equal(t, fmt.Sprint(p.Provision(t.Context(), ui, nil, fakeGuest(t))),
		`ansible_playbook: "no-such-ansible" was not found; install it with: apt-get install ansible-core
ssh, which Ansible needs, was not found; install it with: apt-get install openssh-client`)

	equal(t, fmt.Sprint(p.Provision(t.Context(), ui, nil, map[string]any{"Host": "127.0.0.1", "Port": "ERR_NONE", "SSHPrivateKey": "s3cret"})),
		`ingot-ansible: reading how to reach the guest (source "ingot-libvirt" says it): Port: the builder must hand over the port of its SSH server
User: the builder must hand over the user to log in as
SSHPrivateKey: the builder must hand over a private key without a passphrase
SSHHostKey: the builder must hand over the guest's public host key`)
}
