package main

// The demo server tells everybody its keys.
const player = `https://play.orders.example`

var keys = map[string]string{
	// public, as its own page says
	"secretKey": "Hz5CT7xdMHiXnKZP0BmZ5P4G5UvWvVaxR8gljLG9",
	"token":     "UA-1298645901-1",
}

// "accessToken": "Kd83jQm20fPz7LwXc41T",
