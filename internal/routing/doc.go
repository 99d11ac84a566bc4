// Package routing decides which location ships which lines of an order, and says why in words.
//
// It is pure: the same order and the same locations, in whatever sequence, always give the same answer.
package routing
