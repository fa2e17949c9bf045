// SPDX-License-Identifier: GPL-2.0-or-later
// jackpal/go-nat-pmp: one port, both protocols; its user says which gateway.
package main

import (
	"bufio"
	"log"
	"net"
	"os"

	natpmp "github.com/jackpal/go-nat-pmp"
)

func mapBoth(client *natpmp.Client, external int, lifetime int) {
	for _, protocol := range []string{"tcp", "udp"} {
		if _, err := client.AddPortMapping(protocol, 40011, external, lifetime); err != nil {
			log.Fatal(err)
		}
	}
}

func main() {
	client := natpmp.NewClient(net.ParseIP(os.Args[1]))
	mapBoth(client, 40011, 600)
	bufio.NewReader(os.Stdin).ReadString('\n')
	mapBoth(client, 0, 0)
}
