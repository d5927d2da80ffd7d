// Package server answers requests.
package server

import "os"

// Seconds is how long a request may take.
var Seconds = os.Getenv("REQUEST_SECONDS")

// Serve answers requests.
func Serve(port string) {}
