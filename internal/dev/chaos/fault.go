package chaos

import (
	"fmt"
	"time"
)

// Kind names what the monkey does to something.
type Kind string

// The kinds of faults. Every one but an upgrade and a move of versions has an end, which undoes it.
const (
	KillWorker    Kind = "kill a worker"                  // SIGKILL, started again
	StopWorker    Kind = "stop a worker"                  // SIGTERM with work under way, started again
	PauseWorker   Kind = "pause a worker"                 // SIGSTOP, longer than its workflow tasks may take
	UpgradeWorker Kind = "replace a worker's version"     // stopped, started with the other build ID
	RouteVersion  Kind = "make the other version current" // all work moves to it
	RampVersion   Kind = "ramp the other version"         // a part of the work does
	KillPostgres  Kind = "kill PostgreSQL"                // immediate mode: it recovers from its log
	PausePostgres Kind = "pause PostgreSQL"               // the server and all of its sessions
	KillTemporal  Kind = "kill Temporal"                  // SIGKILL
	PauseTemporal Kind = "pause Temporal"
	// SetBackPostgres stands for a restore from a backup. Only drills have it.
	SetBackPostgres  Kind = "set PostgreSQL back"  // to a copy that was taken as long ago as the fault lasts
	FailOverPostgres Kind = "fail PostgreSQL over" // to a standby; only drills have it
	RefuseLink       Kind = "refuse connections"   // those that are there are closed
	ResetLink        Kind = "reset connections"    // as soon as something is sent on them
	SilenceLink      Kind = "swallow what is sent" // nobody hears that the other side is gone
	DelayLink        Kind = "delay what is sent"
	// What receivers of webhooks, the server of a fulfillment service, and systems of others do to whoever sends.
	FailReceiver   Kind = "fail"                          // 500, 502, 503, and redirects
	BusyReceiver   Kind = "be busy"                       // 429, with a Retry-After
	RefuseReceiver Kind = "refuse"                        // 400, 401, 404, 422
	HangReceiver   Kind = "hang"                          // no answer
	DripReceiver   Kind = "drip"                          // an answer without an end
	ResetReceiver  Kind = "reset"                         // the connection, once the request has come
	LateReceiver   Kind = "answer too late"               // that all is well
	CutReceiver    Kind = "cut its answers"               // after half of them
	MoveReceiver   Kind = "move to another address"       // the one before is gone; its app says so a little later
	PauseWebhooks  Kind = "pause a subscription"          // resumed
	RotateSecret   Kind = "rotate the secret of webhooks" // the old one is revoked at the end
)

// What faults are done to, beside the links, which are named by link.
const (
	onWorker1  = "worker 1"
	onWorker2  = "worker 2"
	onPostgres = "PostgreSQL"
	onTemporal = "Temporal"
	onVersions = "versions"
	onSecrets  = "secrets"
	onService  = "server of a fulfillment service"
	onLabels   = "EasyPost"
	onDepot    = "ShipBob"
)

// receiverOf names what a webhook subscription is sent to.
func receiverOf(subscription string) string { return "receiver of " + subscription }

// link is the name of the way from one process to a server.
func link(from, to string) string { return from + " to " + to }

// actors are at the near end of the links that no worker uses.
const actors = "actors"

// links are all ways that can be disturbed, each on its own.
var links = []string{
	link(onWorker1, onPostgres), link(onWorker1, onTemporal), link(onWorker2, onPostgres), link(onWorker2, onTemporal),
	link(actors, onTemporal),
}

// Fault is one thing that the monkey does.
type Fault struct {
	At   time.Duration // since the start of the run
	Kind Kind
	On   string
	For  time.Duration // until it is undone
	// Much is how much: the delay of a DelayLink in milliseconds, the share of a RampVersion in percent; 1 for a
	// MoveReceiver that leaves somebody behind who says that it is gone.
	Much int
}

// String is the fault as a person reads it.
func (f Fault) String() string {
	text := fmt.Sprintf("%s: %s", f.On, f.Kind)
	switch f.Kind {
	case DelayLink:
		text += fmt.Sprintf(" by %d ms", f.Much)
	case RampVersion:
		text += fmt.Sprintf(" to %d %%", f.Much)
	}
	if f.For > 0 {
		text += fmt.Sprintf(", for %.1f s", f.For.Seconds())
	}
	return text
}
