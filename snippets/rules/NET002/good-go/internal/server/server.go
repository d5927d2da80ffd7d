// Package server answers requests.
package server

import "net/http"

const (
	redirectURL = "https://login.acme-pay.io/done"
	loopbackURL = "http://localhost.acme-pay.io:8080/"
)

// Serve answers requests.
func Serve(port string) {
	_, _ = http.NewRequest(http.MethodGet, loopbackURL+"?next="+redirectURL, nil)
}
