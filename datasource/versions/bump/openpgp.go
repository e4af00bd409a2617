package bump

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// key fetches the publisher's key, and keeps it when it has the pinned fingerprint. Other keys of the file are not believed.
func (b *bump) key(ctx context.Context, p pin) (openpgp.EntityList, error) {
	url, wanted := p.Update.Settings["key"], p.Update.Settings["signed_by"]
	text, err := b.web.read(ctx, url)
	if err != nil {
		return nil, err
	}
	read := openpgp.ReadKeyRing
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("-----BEGIN")) {
		read = openpgp.ReadArmoredKeyRing
	}
	keys, err := read(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: reading the OpenPGP key: %w", url, err)
	}
	var others []string
	for _, key := range keys {
		fingerprint := strings.ToUpper(hex.EncodeToString(key.PrimaryKey.Fingerprint))
		if fingerprint == wanted {
			return openpgp.EntityList{key}, nil
		}
		others = append(others, fingerprint)
	}
	return nil, alarmf("%s has no key with the fingerprint in signed_by, %s, but %v", url, wanted, others)
}

// verifyDetached holds text to a signature in a file of its own, armored or not.
func verifyDetached(keys openpgp.EntityList, text, signature []byte, now time.Time) error {
	if block, err := armor.Decode(bytes.NewReader(signature)); err == nil {
		_, err = openpgp.CheckDetachedSignature(keys, bytes.NewReader(text), block.Body, at(now))
		return signedBy(err)
	}
	_, err := openpgp.CheckDetachedSignature(keys, bytes.NewReader(text), bytes.NewReader(signature), at(now))
	return signedBy(err)
}

// verifyClearSigned returns the text of a clear-signed message, as InRelease is one. What stands around it is no part of it.
func verifyClearSigned(keys openpgp.EntityList, message []byte, now time.Time) ([]byte, error) {
	block, _ := clearsign.Decode(message)
	if block == nil {
		return nil, errors.New("is not clear-signed")
	}
	if _, err := block.VerifySignature(keys, at(now)); err != nil {
		return nil, signedBy(err)
	}
	return block.Plaintext, nil
}

func at(now time.Time) *packet.Config { return &packet.Config{Time: func() time.Time { return now }} }

func signedBy(err error) error {
	if err == nil {
		return nil
	}
	return alarmf("is not signed by the key in signed_by: %v", err)
}
