// Command mirror serves a folder of HOST/PATH files on a free port of 127.0.0.1 while a command runs, and ends with its status.
// The command finds the mirror's hosts in its environment, as the Packer variable `mirrors`: PKR_VAR_mirrors, a JSON object of
// host to base URL. scripts/mirror is its caller.
//
//	mirror FOLDER COMMAND...
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: mirror FOLDER COMMAND...")
		os.Exit(2)
	}
	status, err := serveWhile(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mirror:", err)
		os.Exit(1)
	}
	os.Exit(status)
}

// serveWhile serves folder as long as the command runs, and returns the command's exit status; 128 and more is a signal, as in a shell.
func serveWhile(folder string, command []string) (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("listening on 127.0.0.1: %w", err)
	}
	defer listener.Close()
	mirrors, err := mirrorsOf(folder, "http://"+listener.Addr().String())
	if err != nil {
		return 0, fmt.Errorf("reading the mirror's hosts: %w", err)
	}
	go http.Serve(listener, http.FileServer(http.Dir(folder))) //nolint:errcheck // it ends when main does

	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.Env = append(os.Environ(), "PKR_VAR_mirrors="+mirrors)
	return run(child)
}

// mirrorsOf returns the JSON object of each host, a folder below folder, to the URL that takes its place.
func mirrorsOf(folder, server string) (string, error) {
	hosts, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	mirrors := map[string]string{}
	for _, host := range hosts {
		if host.IsDir() {
			mirrors[host.Name()] = server + "/" + host.Name()
		}
	}
	text, err := json.Marshal(mirrors)
	return string(text), err
}

// run waits for the child, whatever signals come: a terminal sends them to both, and a kill is passed on.
func run(child *exec.Cmd) (int, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	if err := child.Start(); err != nil {
		return 0, fmt.Errorf("starting the command: %w", err)
	}
	go func() {
		for received := range signals {
			if received != syscall.SIGINT {
				child.Process.Signal(received) //nolint:errcheck // it may have ended
			}
		}
	}()
	err := child.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("waiting for the command: %w", err)
	}
	if status := child.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal()), nil
	}
	return child.ProcessState.ExitCode(), nil
}
