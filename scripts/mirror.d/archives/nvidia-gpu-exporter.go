// Command nvidia_gpu_exporter stands in for the exporter of that name where its source cannot be had: it listens where that one
// listens, and its only metric is that it is a stand-in. Options other than --version and --web.listen-address change nothing.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

var version = "unknown"

func main() {
	address := ":9835"
	for _, option := range os.Args[1:] {
		if option == "--version" {
			fmt.Printf("nvidia_gpu_exporter, version %s (a stand-in of Ingot's test mirror, which knows no GPU)\n", version)
			return
		}
		if given, ok := strings.CutPrefix(option, "--web.listen-address="); ok {
			address = given
		}
	}
	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "nvidia_gpu_exporter_build_info{version=%q} 1\n", version)
	})
	fmt.Fprintln(os.Stderr, http.ListenAndServe(address, nil))
	os.Exit(1)
}
