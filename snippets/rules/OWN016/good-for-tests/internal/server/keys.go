package server

import (
	"testing"
)

const signer = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq8Yt7Vn2LkXw0pZs
-----END PRIVATE KEY-----`

func Signer(t *testing.T) string { return signer }
