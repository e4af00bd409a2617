package verify

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"time"
)

//go:embed identity.sh
var identityScript string

// identity is who a machine is, by key of identity.sh.
type identity map[string][]string

// identityLimit is for a script of a second, in a guest that may be emulated.
const identityLimit = 2 * time.Minute

// identity asks the guest who it is.
func (g *guest) identity(ctx context.Context) (identity, error) {
	output, err := g.run(ctx, identityLimit, "asking for the identity", identityScript)
	return parseIdentity(output), err
}

func parseIdentity(output string) identity {
	i := identity{}
	for line := range strings.Lines(output) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		i[key] = append(i[key], strings.TrimSpace(value))
	}
	return i
}

// one is the value of a key that has one.
func (i identity) one(key string) string { return strings.Join(i[key], " ") }

// hasUser tells whether the machine has an account of that name.
func (i identity) hasUser(name string) bool {
	return slices.ContainsFunc(i["user"], func(line string) bool { return strings.HasPrefix(line, name+":") })
}
