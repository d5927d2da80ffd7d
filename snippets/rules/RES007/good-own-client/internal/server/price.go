package server

import (
	"net/http"
	"time"
)

type prices struct{ http http.Client }

func newPrices() *prices { return &prices{http.Client{Timeout: 2 * time.Second}} }

func (p *prices) of(url string) (*http.Response, error) { return p.http.Get(url) }
