// Package server answers requests.
package server

import "os"

// Serve answers requests.
func Serve(port string) {
	if os.Getenv("APP_ENV") == "production" {
		return
	}
}
