package main

import (
	_ "packhorse/internal/dev/lab"
	_ "packhorse/internal/gateway"
)

func main() {}
