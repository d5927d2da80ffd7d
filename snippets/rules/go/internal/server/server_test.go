package server

import "testing"

func TestServe(t *testing.T) { Serve("0") }
