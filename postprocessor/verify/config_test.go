package verify

import (
	"os"
	"testing"
)

func TestConfig(t *testing.T) {
	here := t.TempDir()
	write(t, here+"/"+playbook, "[]")
	_, missing := os.Stat("nowhere/" + playbook)
	for _, c := range []struct {
		name    string
		given   map[string]any
		wantErr string
	}{
		{name: "everything", given: map[string]any{"ansible_directory": here, "tasks": []string{"packages"}, "boot_timeout": "5m", "declared": "{}"}},
		{name: "values that validate does not know yet", given: map[string]any{
			"ansible_directory": unknown, "tasks": []string{unknown}, "variables": unknown, "declared": unknown}},
		{name: "nothing", wantErr: "ansible_directory: is required; name the folder that holds verify.yaml and verify/"},
		{name: "a list that validate does not know yet", given: map[string]any{"ansible_directory": here}},
		{name: "no playbook, and more", given: map[string]any{
			"ansible_directory": "nowhere", "tasks": []string{"packages"}, "variables": "[]", "declared": `{"extra": 1}`, "proof_timeout": "-1s"},
			wantErr: "ansible_directory: must hold verify.yaml, got \"nowhere\": " + missing.Error() + "\n" +
				"variables: must be a JSON object, as data \"ingot-profile\" gives it; use jsonencode({...})\n" +
				"declared: must be what data.ingot-profile.NAME.declared gives, a JSON object with distributions and tasks: json: unknown field \"extra\"\n" +
				"proof_timeout: must be longer than 0s, got -1s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := new(Config).Prepare(c.given); err != nil {
				got = err.Error()
			}
			if got != c.wantErr {
				t.Errorf("\n got: %s\nwant: %s", got, c.wantErr)
			}
		})
	}
}
