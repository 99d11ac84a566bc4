//go:build race

package hostile

// detector is how many times as much memory the race detector takes for what is under way.
const detector = 2
