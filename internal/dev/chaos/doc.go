// Package chaos runs Packhorse under fire. Actors take orders through random lives with random commands, against real
// servers and two real workers, and apps are told of it by webhooks, while a monkey kills, stops, pauses and cuts off
// all of them, and lets the receivers fail, on a schedule that follows from a seed. Then everything is healed, the
// system comes to rest, and package audit asserts that nothing was lost and nothing happened twice; what arrived at
// receivers is held against the feed.
//
// What the monkey does and when depends on the seed and the duration alone. What the actors do depends on the answers
// they get, so two runs with one seed are alike, not equal.
package chaos
