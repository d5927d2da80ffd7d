// Package server answers requests.
package server

import (
	"net/http"
	"time"
)

// Serve answers requests until the process is told to end.
func Serve(port string) error {
	server := &http.Server{Addr: ":" + port, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second}
	return server.ListenAndServe()
}
