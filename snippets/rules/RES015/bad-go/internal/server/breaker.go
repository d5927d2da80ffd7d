package server

import "github.com/sony/gobreaker"

var breaker = gobreaker.NewCircuitBreaker(gobreaker.Settings{Name: "exchange"})
