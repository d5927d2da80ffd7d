package server

const key = "certs/key.pem"
