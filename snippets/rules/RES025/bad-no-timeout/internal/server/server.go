// Package server answers requests.
package server

import (
	"net/http"
)

// Serve answers requests until the process is told to end.
func Serve(port string) error {
	server := &http.Server{Addr: ":" + port}
	return server.ListenAndServe()
}
