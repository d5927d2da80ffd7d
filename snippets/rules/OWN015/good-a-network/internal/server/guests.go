package server

type network struct{ Subnet, Host string }

var guests = network{
	Subnet: "10.77.0.0/24",
	Host:   "10.77.0.254",
}

func first() string { return "10.77.0.2" }
