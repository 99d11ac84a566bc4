// Package servicecall calls fulfillment services at their callback URLs: it tells them of requests, and asks for
// tracking numbers and stock. [Follow] does it for one service, for as long as nobody else does; what is to be called,
// and what became of it, is in the database before and after each call. A [Bell] tells who follows when there is
// something to look at.
package servicecall
