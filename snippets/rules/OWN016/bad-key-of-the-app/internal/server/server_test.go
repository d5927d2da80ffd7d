package server

import "testing"

func TestTLS(t *testing.T) {
	if pair("certs/key.pem") == nil {
		t.Fatal("no pair")
	}
}
