package server

import "net/http"

func price(url string) (*http.Response, error) { return http.Get(url) }
