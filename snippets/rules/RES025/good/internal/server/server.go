// Package server answers requests.
package server

import (
	"net/http"
	"time"
)

// Serve answers requests until the process is told to end.
func Serve(port string) error {
	server := &http.Server{Addr: ":" + port, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10}
	return server.ListenAndServe()
}
