// Command orders is the process.
package main

import (
	"os"

	"example.com/orders/internal/server"
)

func main() {
	server.Serve(os.Getenv("SERVICE_PORT"))
}
