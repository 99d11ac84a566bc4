//go:build race

package hostile

// raced is how many times as much memory a process takes that the race detector watches, at least: it keeps who
// touched what.
const raced = 2
