package profile

import "testing"

func TestIsUsedIn(t *testing.T) {
	const text, look = "files/web/site.conf", "templates/web/look.j2"
	cases := []struct {
		name, path, text string
		isProof, want    bool
	}{
		{"whole path", text, "src: web/site.conf", false, true},
		{"path with its folder", text, `{{ role_path }}/files/web/site.conf`, false, true},
		{"first folder and a variable", text, `"web/{{ item }}"`, false, true},
		{"first folder that is copied", text, "src: web\n", false, true},
		{"another path", text, "src: webs/site.conf", false, false},
		{"a word that is like the folder", text, "the web of lies", false, false},
		{"a file of the same name elsewhere", text, "src: mail/site.conf", false, false},
		{"template without .j2", "templates/site.conf.j2", "{src: site.conf}", false, true},
		{"longer name", look, "src: web/look-again.j2", true, false},
		{"task file", "tasks/web.yaml", "include_tasks: web.yaml", false, true},
		{"task file of a role", "tasks/web.yaml", `tasks_from: "web"`, false, true},
		{"word that a task has, too", "tasks/web.yaml", "web/{{ item }}", false, false},
		{"playbook", "archives.yaml", `"{{ role_path }}/archives.yaml"`, false, true},

		{"proof's file, whole path", look, "lookup('template', 'web/look.j2')", true, true},
		{"proof's file, folder", look, "src: web/{{ item }}.j2\nloop: [site] # have a look at them", true, false},
		{"proof's file, folder, and the name in a list", look, "src: web/{{ item }}.j2\nloop: [site, look]", true, true},
		{"proof's file, folder, and the name in JSON", look, "src: web/{{ item }}.j2\n[\"site\",\"look.j2\"]", true, true},
		{"proof's file, folder, and a longer name", look, "src: web/{{ item }}\nloop: [look-at-driver.j2, lookup]", true, false},
		{"proof's file, whole folder", look, "src: web/\n", true, true},
		{"proof's file, whole folder as a pattern", look, "src: files/web/*.j2", true, true},
		{"proof's file, folder of the guest", look, "src: web/{{ item }}\ndest: /etc/web/\n", true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := &file{path: c.path, kind: kindOf(c.path)}
			if got := f.isUsedIn(c.text, c.isProof); got != c.want {
				t.Errorf("%s in %q: got %v, want %v", c.path, c.text, got, c.want)
			}
		})
	}
}

// TestComputedNames: where a task takes files or variables whose names it computes, it depends on all of them.
func TestComputedNames(t *testing.T) {
	cases := []struct{ name, append, path, old, new string }{
		{"pattern", "with_fileglob: '*.conf'\n", "ansible/files/metrics/rules.toml", "1", "2"},
		{"pattern, and the file of a proof", "with_fileglob: look-*\n", "ansible/files/look-at-boot", "", "exit\n"},
		{"pattern, and a variable in such a template", "with_fileglob: '*.conf'\n", "ansible/defaults/main.yaml", "9100", "9101"},
		{"folder of all files", "src: '{{ role_path }}/files/'\n", "ansible/files/other/only", "", "more"},
		{"path that is put together", "src: '{{ role_path }}/templates/{{ item }}'\n", "ansible/templates/metrics/look.j2", "", "exit\n"},
		{"variable", "x: \"{{ lookup('vars', 'metrics_' ~ item) }}\"\n", "ansible/defaults/main.yaml", "9100", "9101"},
		{"all variables", "x: \"{{ vars['pin_' ~ item].version }}\"\n", "pins.json", `"2.0"`, `"2.1"`},
		{"selection of tasks", "when: \"'metrics' in ingot_tasks\"\n", "ansible/specs/top.yaml", "[metrics]", "[metrics, other]"},
	}
	for _, c := range cases {
		for _, appended := range []string{"", c.append} {
			t.Run(c.name, func(t *testing.T) {
				copyOf(t, "testdata/layers")
				edit(t, "ansible/tasks/packages.yaml", "", appended)
				before := inputs(t)["packages"]
				edit(t, c.path, c.old, c.new)
				if changed := before != inputs(t)["packages"]; changed != (appended != "") {
					t.Errorf("with %q, an edit of %s changes the inputs: %v", appended, c.path, changed)
				}
			})
		}
	}
}

// TestWhatNobodyRefersTo is everybody's, and so is what it refers to.
func TestWhatNobodyRefersTo(t *testing.T) {
	copyOf(t, "testdata/layers")
	edit(t, "ansible/files/stray", "who knows", "{% include 'metrics/port-9100.j2' %}")
	before := inputs(t)
	edit(t, "ansible/templates/metrics/port-9100.j2", "=", ":")
	wantChanged(t, before, inputs(t), everyTask)
}
