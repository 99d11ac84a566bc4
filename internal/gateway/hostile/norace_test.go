//go:build !race

package hostile

const raced = 1
