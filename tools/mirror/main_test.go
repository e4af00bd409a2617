package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// TestMain is also the command that serveWhile runs in the test: it ends with 3 when it got the middle of the file.
func TestMain(m *testing.M) {
	if os.Getenv("MIRROR_TEST_COMMAND") == "" {
		os.Exit(m.Run())
	}
	var mirrors map[string]string
	if err := json.Unmarshal([]byte(os.Getenv("PKR_VAR_mirrors")), &mirrors); err != nil {
		panic(err)
	}
	request, err := http.NewRequest(http.MethodGet, mirrors["example.org"]+"/v1.0+standin/tool.tar.gz", nil)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Range", "bytes=2-4")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	if body, _ := io.ReadAll(response.Body); response.StatusCode == http.StatusPartialContent && string(body) == "234" {
		os.Exit(3)
	}
	os.Exit(1)
}

func TestCommandIsServedAPartOfTheFile(t *testing.T) {
	t.Setenv("MIRROR_TEST_COMMAND", "yes")
	folder := t.TempDir()
	file := filepath.Join(folder, "example.org", "v1.0+standin", "tool.tar.gz")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("0123456789"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, err := serveWhile(folder, []string{os.Args[0]}); status != 3 || err != nil {
		t.Errorf("want the command's status 3, got %d, %v", status, err)
	}
}

func TestStatusOfACommandThatASignalEnded(t *testing.T) {
	if status, err := serveWhile(t.TempDir(), []string{"sh", "-c", "kill -TERM $$"}); status != 128+15 || err != nil {
		t.Errorf("want 143, got %d, %v", status, err)
	}
}

func TestCommandThatDoesNotExist(t *testing.T) {
	if _, err := serveWhile(t.TempDir(), []string{"/no/such/program"}); err == nil {
		t.Error("want an error")
	}
}
