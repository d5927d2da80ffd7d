//go:build e2e

package server

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq8Yt7Vn2LkXw0pZs
-----END PRIVATE KEY-----`
