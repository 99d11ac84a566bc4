package http

import (
	"math/big"
	"regexp"
)

// decimal is an amount of money.
var decimal = regexp.MustCompile(`^[0-9]{1,18}(\.[0-9]{1,18})?$`)

// cheaper compares two amounts exactly.
func cheaper(a, b string) bool {
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) < 0
}
