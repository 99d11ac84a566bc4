// Package paper keeps labels and other documents that providers bring: fetched at once, because their systems take them
// away, and the same bytes ever after. They have customers' names and addresses, so they are in no history, no event
// and no log.
package paper
