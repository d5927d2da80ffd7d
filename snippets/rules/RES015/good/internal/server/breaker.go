package server

import "github.com/sony/gobreaker"

var breaker = gobreaker.NewCircuitBreaker(gobreaker.Settings{
	Name: "exchange",
	ReadyToTrip: func(counts gobreaker.Counts) bool {
		return counts.Requests >= 20 && counts.TotalFailures*2 > counts.Requests
	},
})
