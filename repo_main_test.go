package main

import (
	"io"
	"log"
	"os"
	"testing"
)

// TestMain keeps what the data sources log for Packer out of the way of what a rule says.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}
