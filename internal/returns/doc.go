// Package returns is the domain of what comes back: what a return is, which commands it takes, and what each command
// does to it. It stands beside [packhorse/internal/fulfillment], whose IDs, actors, envelopes of commands, refusals and
// shipments it uses, and like it is a functional core without a clock, randomness or I/O: the same inputs always give
// the same decision, so a workflow can replay it.
//
// # What there is
//
// A [Return] is of units that were shipped: each [Line] is of one line of one shipment. While it is REQUESTED, nobody
// works on it. Once it is OPEN it has a [ReverseFulfillmentOrder], the work: parcels on their way back
// ([ReverseDelivery]), and what became of each unit ([Disposition]). docs/returns.md has the table of states.
//
// # How it is used
//
// [Decide] takes the present state (nil: there is none yet), a [Command] and an [Env], and returns a [Decision] with
// the new state and the transitions that led there; or a [*fulfillment.Error], and nothing has happened. [Request] and
// [Create] begin a return, all other commands are about one that is there. A workflow:
//
//	cmd, refused := returns.DecodeCommand(verb, body, true)
//	refused = returns.Admit(cmd, now)                 // tidies texts, before anybody decides
//	d, err := returns.Decide(state, cmd, returns.Env{Now: now, IDs: ids, Facts: facts})
//	                                                  // write d.Transitions and d.State in one transaction,
//	                                                  // then answer d.Result
//
// [Facts] are what the return itself can't know: for a command that begins one, the order, its shipments and all of its
// returns, read in the transaction that writes the return, under the order's lock: then two that want the same last
// unit can't both get it. No later command raises what a return takes of a shipment, so none of them needs that lock
// for the limits, only for the order's status. For dispositions, Facts are the locations that there are.
//
// Every limit follows from [Returnable]. What the order shows follows from its returns: [ReturnStatusOf], and
// [ReturnedUnits] for the Returned of a [fulfillment.OrderLineView]. [MayCancelShipment] and [MayCancelOrder] say what
// returns stand in the way of.
//
// A command that nobody waits for, such as a signal, and that is refused: [Return.Refuse].
//
// A stored return is its JSON: the snapshot, with [Return.Sequence] as its version. [Return.Recent] is kept beside it.
// A [Transition] is a row of the history, and becomes entries of the feed by [Transition.Events].
//
// # Refusals
//
// Field paths are those of the Admin API's arguments: those of [Create] begin with returnInput, those of [Request] with
// input. Several things that are wrong at once are [fulfillment.Error.Problems], each with its own field and code; in
// GraphQL each is a user error, see [fulfillment.AsRefusals]. Codes that [Coded] knows are those of the API's enum; the
// others are shown there as null.
//
// # Timers
//
// [Return.NextDeadline] is the next time at which [Tick] has something to do.
package returns
