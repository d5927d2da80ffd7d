"""Which kind of key a text holds."""

HEADERS = {"-----BEGIN RSA PRIVATE KEY-----": "RSA", "-----BEGIN EC PRIVATE KEY-----": "EC"}
