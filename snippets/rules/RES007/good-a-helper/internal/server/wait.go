package server

import (
	"net/http"
	"testing"
)

// Answers fails a test whose server does not answer.
func Answers(t *testing.T, url string) {
	if _, err := http.Get(url); err != nil {
		t.Fatal(err)
	}
}
