//go:build ignore

// Fetches the tools that a release needs.
package main

import "net/http"

func main() {
	_, _ = http.Get("https://downloads.acme-pay.io/tools")
}
