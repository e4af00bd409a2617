package libvirt

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"regexp"
)

var idPattern = regexp.MustCompile(`^[0-9a-f]{8}$`)

// metadataNamespace marks the domains that Ingot makes.
const metadataNamespace = "https://github.com/ingot-images/packer-plugin-ingot"

// buildID names one build; it is kept in the metadata of everything that the build makes in libvirt.
type buildID struct {
	XMLName   xml.Name // set by mark, and not looked at when read: libvirt takes the namespace away
	ID        string   `xml:"id"`        // 8 random hexadecimal digits
	Source    string   `xml:"source"`    // the name of the template's source block
	Directory string   `xml:"directory"` // of the build, on this machine
}

func newBuildID(source string) buildID {
	return buildID{ID: hex.EncodeToString(randomBytes(4)), Source: source}
}

// mark is the element of the domain's metadata.
func (b buildID) mark() (string, error) {
	b.XMLName = xml.Name{Space: metadataNamespace, Local: "build"}
	text, err := xml.Marshal(b)
	return string(text), err
}

func (b buildID) domainName() string { return fmt.Sprintf("ingot-%s-%s", b.Source, b.ID) }

// names reports whether this build gives a domain that name: a copy of a build's domain carries its mark, too.
func (b buildID) names(domain string) bool {
	return idPattern.MatchString(b.ID) && domain == b.domainName()
}

// mac is the guest's address in QEMU's own range, made from the id so that two builds differ.
func (b buildID) mac() string {
	return fmt.Sprintf("52:54:00:%s:%s:%s", b.ID[0:2], b.ID[2:4], b.ID[4:6])
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: https://pkg.go.dev/crypto/rand#Read
	return b
}
