package libvirt

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// keyPair is an ed25519 key that lives for one build.
type keyPair struct {
	private string // OpenSSH PEM
	public  string // authorized_keys form, without a comment
	parsed  ssh.PublicKey
}

// identity is how guest and controller know each other.
type identity struct {
	user keyPair // the controller logs in with it
	host keyPair // the guest shows it
}

func newIdentity() (identity, error) {
	user, err := newKeyPair()
	if err != nil {
		return identity{}, err
	}
	host, err := newKeyPair()
	return identity{user: user, host: host}, err
}

func newKeyPair() (keyPair, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return keyPair{}, fmt.Errorf("making a key for this build: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return keyPair{}, fmt.Errorf("making a key for this build: %w", err)
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		return keyPair{}, fmt.Errorf("making a key for this build: %w", err)
	}
	return keyPair{
		private: string(pem.EncodeToMemory(block)), parsed: public,
		public: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public))),
	}, nil
}
