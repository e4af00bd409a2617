package verify

import (
	"context"
	"crypto/rand"
	"errors"
)

// bootTwice makes two machines from the image. The first is looked at, rebooted, and looked at again; the second must be another one.
func (v *verification) bootTwice(ctx context.Context) []Check {
	var first identity
	checks := v.boot(ctx, phaseFirst, func(ctx context.Context, g *guest) []Check {
		found, checks := v.meet(ctx, g, phaseFirst)
		first = found
		return append(checks, v.rebootAndMeet(ctx, g, found)...)
	})
	if ctx.Err() != nil {
		return checks
	}
	if first == nil {
		return append(checks, skipped(phaseReboot, "the first boot did not come that far"), skipped(phaseAnother, "the first machine did not say who it is"))
	}
	return append(checks, v.boot(ctx, phaseAnother, func(ctx context.Context, g *guest) []Check {
		other, err := g.identity(ctx)
		if err != nil {
			return []Check{{Phase: phaseAnother, Name: "the guest says who it is", Problems: []string{err.Error()}}}
		}
		return append(other.isAnother(first), other.hasIdentity(phaseAnother, g))
	})...)
}

// meet asks the guest who it is, and runs all proofs in it. The identity is nil when the guest does not say.
func (v *verification) meet(ctx context.Context, g *guest, phase string) (identity, []Check) {
	found, err := g.identity(ctx)
	if err != nil {
		return nil, []Check{{Phase: phase, Name: "the guest says who it is", Problems: []string{err.Error()}}}
	}
	return found, append([]Check{found.hasIdentity(phase, g)}, v.prove(ctx, g, phase, found.one("distribution"))...)
}

// rebootAndMeet does everything again after a reboot, and compares.
func (v *verification) rebootAndMeet(ctx context.Context, g *guest, before identity) []Check {
	if before == nil {
		return []Check{skipped(phaseReboot, "the guest did not say who it is")}
	}
	text := rand.Text()
	checks := []Check{g.writeSentinels(ctx, text)}
	before, err := g.identity(ctx) // again: a proof may have made cloud-init do something
	if err != nil {
		return append(checks, Check{Phase: phaseReboot, Name: "the guest says who it is", Problems: []string{err.Error()}})
	}
	v.ui.Say("Rebooting the machine")
	took, err := g.reboot(ctx, v.config.BootTimeout, before.one("boot-id"))
	login := Check{Phase: phaseReboot, Name: "the machine lets its user in again", Took: took}
	if err != nil {
		login.Problems = []string{err.Error()}
		return append(checks, login)
	}
	after, met := v.meet(ctx, g, phaseReboot)
	checks = append(append(checks, login), met...)
	if after == nil {
		return checks
	}
	return append(append(checks, g.readSentinels(ctx, text)), after.isKept(before)...)
}

func skipped(phase, why string) Check {
	return Check{Phase: phase, Name: "everything of it", Skipped: why}
}

// unchanged looks whether anything wrote to the image.
func (v *verification) unchanged(ctx context.Context) Check {
	return check("nothing has changed the file", func() []string {
		now, err := hashFile(ctx, v.image)
		if err == nil && now != v.checksum {
			err = errors.New("the image must be as it was before it was booted, " + v.checksum + ", and is " + now)
		}
		if err != nil {
			return []string{err.Error()}
		}
		return nil
	})
}
