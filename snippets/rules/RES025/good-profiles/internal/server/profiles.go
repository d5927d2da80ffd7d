package server

import (
	"net/http"
	_ "net/http/pprof"
)

func profiles(address string) error { return http.ListenAndServe(address, nil) }
