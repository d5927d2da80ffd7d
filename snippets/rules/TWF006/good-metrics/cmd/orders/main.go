// Command orders is the process.
package main

import (
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	metrics := &http.Server{Addr: ":2112", Handler: promhttp.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go metrics.ListenAndServe()
	server := &http.Server{ReadHeaderTimeout: 5 * time.Second}
	server.Serve(listener())
}

func listener() net.Listener {
	found, _ := net.FileListener(nil)
	return found
}
