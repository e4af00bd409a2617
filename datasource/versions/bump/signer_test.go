package bump

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// signer is an OpenPGP key.
type signer struct{ *openpgp.Entity }

func newSigner(t *testing.T) signer {
	t.Helper()
	config := at(daysAgo(1000))
	config.Algorithm = packet.PubKeyAlgoEdDSA // keys of RSA take long to make
	key, err := openpgp.NewEntity("tests", "", "tests@example.com", config)
	if err != nil {
		t.Fatal(err)
	}
	return signer{key}
}

func (s signer) fingerprint() string {
	return strings.ToUpper(hex.EncodeToString(s.PrimaryKey.Fingerprint))
}

func (s signer) public() string {
	var text bytes.Buffer
	writer, _ := armor.Encode(&text, openpgp.PublicKeyType, nil)
	s.Serialize(writer)
	writer.Close()
	return text.String()
}

func (s signer) clear(text string) string {
	var message bytes.Buffer
	writer, err := clearsign.Encode(&message, s.PrivateKey, at(daysAgo(5)))
	if err != nil {
		panic(err)
	}
	writer.Write([]byte(text))
	writer.Close()
	return message.String()
}

func (s signer) detached(text string) string {
	var signature bytes.Buffer
	openpgp.DetachSign(&signature, s.Entity, strings.NewReader(text), at(daysAgo(5)))
	return signature.String()
}

func (s signer) armored(text string) string {
	var signature bytes.Buffer
	openpgp.ArmoredDetachSign(&signature, s.Entity, strings.NewReader(text), at(daysAgo(5)))
	return signature.String()
}
