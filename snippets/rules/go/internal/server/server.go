// Package server answers requests.
package server

// Serve answers requests until the process is told to end.
func Serve(port string) {}
