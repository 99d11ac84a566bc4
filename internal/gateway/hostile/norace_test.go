//go:build !race

package hostile

const detector = 1
