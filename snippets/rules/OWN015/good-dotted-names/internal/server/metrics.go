package server

var counted = map[string]int{"orders.accepted.local": 0, "project.includes.internal": 0}
