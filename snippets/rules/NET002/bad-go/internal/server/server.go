// Package server answers requests.
package server

import "net/http"

// Serve answers requests.
func Serve(port string) {
	_, _ = http.NewRequest(http.MethodGet, "https://payments.acme-pay.io/api", nil)
}
