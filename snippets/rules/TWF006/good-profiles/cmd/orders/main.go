// Command orders is the process.
package main

import (
	"net"
	"net/http"
	_ "net/http/pprof"
	"time"
)

func main() {
	profiles := &http.Server{Addr: "localhost:6060", ReadHeaderTimeout: 5 * time.Second}
	go profiles.ListenAndServe()
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second}
	server.Serve(listener())
}

func listener() net.Listener {
	found, _ := net.FileListener(nil)
	return found
}
