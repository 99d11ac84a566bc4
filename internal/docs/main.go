package main

import (
	"fmt"

	"packhorse/internal/fulfillment"
)

func main() {
	for _, e := range fulfillment.Lifecycle() {
		fmt.Println(e.From, e.To, e.Label)
	}
	fmt.Println(fulfillment.Verbs())
}
