// SPDX-License-Identifier: GPL-2.0-or-later
// huin/goupnp: one port, both protocols.
package main

import (
	"bufio"
	"log"
	"os"

	"github.com/huin/goupnp/dcps/internetgateway1"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	clients, _, err := internetgateway1.NewWANIPConnection1Clients()
	check(err)
	if len(clients) == 0 {
		log.Fatal("no gateway")
	}
	for _, protocol := range []string{"TCP", "UDP"} {
		check(clients[0].AddPortMapping("", 40010, protocol, 40010, os.Args[1], true, "goupnp", 600))
	}
	bufio.NewReader(os.Stdin).ReadString('\n')
	for _, protocol := range []string{"TCP", "UDP"} {
		check(clients[0].DeletePortMapping("", 40010, protocol))
	}
}
