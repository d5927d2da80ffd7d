// Package server answers requests.
package server

import (
	"net/http"
)

// Serve answers requests until the process is told to end.
func Serve(port string) error {
	return http.ListenAndServe(":"+port, nil)
}
