package verify

import (
	"bytes"
	"fmt"
	"regexp"
)

// secret is what no file may hold: where the literal is, the pattern has to match around it. Each pattern asks for the key itself, since
// programs know what the first line of one looks like.
type secret struct {
	literal string
	pattern *regexp.Regexp
}

var (
	privateKeys = []secret{
		{"PRIVATE KEY", regexp.MustCompile(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\r?\n(?:[A-Za-z-]+: [^\n]*\r?\n)*(?:\r?\n)?[A-Za-z0-9+/=]{40,}[\r\n]`)},
		{"SSH2 ENCRYPTED PRIV", regexp.MustCompile(`---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\r?\n`)},
		{"PuTTY-User-Key-File-", regexp.MustCompile(`PuTTY-User-Key-File-[0-9]+: \S+\r?\nEncryption: `)},
		{"AGE-SECRET-KEY-1", regexp.MustCompile(`AGE-SECRET-KEY-1[0-9A-Z]{58}`)},
		{"PrivateKey", regexp.MustCompile(`PrivateKey\s*=\s*[A-Za-z0-9+/]{43}=`)}, // WireGuard, systemd-networkd
	}
	publicKey = secret{" AAAA", regexp.MustCompile(`(?:ssh-(?:ed25519|rsa|dss)|ecdsa-sha2-\S+|sk-\S+@openssh\.com) AAAA[A-Za-z0-9+/]{40}`)}
	builder   = secret{"builder", regexp.MustCompile(`\bbuilder\b`)}
)

// find returns what the pattern matches near one of the literals, or nil. Going from literal to literal is many times faster than the
// pattern alone.
func (s secret) find(content []byte) []byte {
	for at := 0; ; at += len(s.literal) {
		next := bytes.Index(content[at:], []byte(s.literal))
		if next < 0 {
			return nil
		}
		at += next
		if m := s.pattern.Find(content[max(0, at-64):min(len(content), at+longest)]); m != nil {
			return m
		}
	}
}

// traces are words that only the build had: its user's home, the name of its machine and of its instance.
func (e expectations) traces() []secret {
	instance := "[0-9a-f]{8}"
	if e.buildID != "" {
		instance = regexp.QuoteMeta(e.buildID)
	}
	return []secret{
		{"/home/builder", regexp.MustCompile(`/home/builder\b`)},
		{"ingot-", regexp.MustCompile(`\bingot-(?:build|` + instance + `)\b`)},
	}
}

// lookIn returns what is wrong with a content that may be anybody's: traces, and private keys. Keys in programs and libraries are those
// of their self-tests.
func lookIn(content []byte, traces []secret, isProgram bool) (found []string) {
	for _, trace := range traces {
		if m := trace.find(content); m != nil {
			found = append(found, fmt.Sprintf("says %q, which only the build knew", m))
			break
		}
	}
	for _, key := range privateKeys {
		if m := key.find(content); m != nil && !isProgram {
			first, _, _ := bytes.Cut(m, []byte("\n"))
			found = append(found, fmt.Sprintf("holds a private key (%.40s)", bytes.TrimSpace(first)))
			break
		}
	}
	return found
}
