package chaos

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// span is a duration that is drawn.
type span struct{ from, to time.Duration }

func (s span) draw(rng *rand.Rand) time.Duration {
	return s.from + time.Duration(rng.Int64N(int64(s.to-s.from)+1)).Truncate(time.Millisecond)
}

// lane is a part of the system whose faults come one after the other. Those of different lanes overlap.
type lane struct {
	on    []string      // one is drawn
	kinds []Kind        // dealt like cards: none comes again before all have come
	gap   span          // between two faults
	long  time.Duration // how long each lasts; 0: as lasts says
}

// lanes leave the system time to work: each part of it is whole for most of the time.
var lanes = []lane{
	{
		[]string{onWorker1}, []Kind{KillWorker, StopWorker, PauseWorker, UpgradeWorker, KillWorker},
		span{4 * time.Second, 20 * time.Second}, 0,
	},
	{
		[]string{onWorker2}, []Kind{KillWorker, StopWorker, PauseWorker, UpgradeWorker, KillWorker},
		span{4 * time.Second, 20 * time.Second}, 0,
	},
	{
		[]string{onPostgres}, []Kind{KillPostgres, PausePostgres, KillPostgres},
		span{12 * time.Second, 30 * time.Second}, 0,
	},
	{
		[]string{onTemporal}, []Kind{KillTemporal, PauseTemporal, KillTemporal},
		span{15 * time.Second, 35 * time.Second}, 0,
	},
	{[]string{onVersions}, []Kind{RouteVersion, RampVersion}, span{6 * time.Second, 16 * time.Second}, 0},
	{links[:2], linkKinds, span{3 * time.Second, 14 * time.Second}, 0},
	{links[2:], linkKinds, span{3 * time.Second, 14 * time.Second}, 0},
	{[]string{onSecrets}, []Kind{RotateSecret}, span{12 * time.Second, 25 * time.Second}, 0},
	receiverLane("orders"), receiverLane("shipments"), receiverLane("news"), receiverLane("routed-here"),
	receiverLane("moved"), receiverLane("routed-there"), receiverLane("holds"),
	{
		[]string{onService}, []Kind{
			FailReceiver, BusyReceiver, RefuseReceiver, HangReceiver, DripReceiver, ResetReceiver, LateReceiver,
			MoveReceiver, MoveReceiver,
		}, span{2 * time.Second, 6 * time.Second}, 0,
	},
	systemLane(onLabels), systemLane(onDepot),
}

// systemLane is what happens to the system of a fulfillment service that a provider calls. Each fault comes before the
// effect of a call and after it, by turns.
func systemLane(system string) lane {
	return lane{
		[]string{system}, []Kind{
			FailReceiver, BusyReceiver, HangReceiver, ResetReceiver, LateReceiver, CutReceiver, HangReceiver,
			LateReceiver,
		}, span{2 * time.Second, 6 * time.Second}, 0,
	}
}

// receiverLane is what happens to the receiver of a webhook subscription. It is well long enough to take what waits.
func receiverLane(subscription string) lane {
	return lane{
		[]string{receiverOf(subscription)}, []Kind{
			FailReceiver, BusyReceiver, RefuseReceiver, HangReceiver, DripReceiver, ResetReceiver, LateReceiver,
			MoveReceiver, MoveReceiver, PauseWebhooks,
		}, span{2 * time.Second, 6 * time.Second}, 0,
	}
}

// linkKinds are what is done to links. A link is in one lane only: two faults on it would undo each other.
var linkKinds = []Kind{RefuseLink, ResetLink, SilenceLink, DelayLink}

// lasts is for how long a fault is left alone. The pauses of workers outlast a workflow task (10 s), and some of the
// others a connection's or a transaction's patience (15 s).
var lasts = map[Kind]span{
	KillWorker:       {0, 3 * time.Second},
	StopWorker:       {0, 2 * time.Second},
	PauseWorker:      {11 * time.Second, 16 * time.Second},
	KillPostgres:     {0, 5 * time.Second},
	PausePostgres:    {3 * time.Second, 18 * time.Second},
	FailOverPostgres: {10 * time.Second, 20 * time.Second},
	KillTemporal:     {0, 5 * time.Second},
	PauseTemporal:    {3 * time.Second, 14 * time.Second},
	RefuseLink:       {500 * time.Millisecond, 8 * time.Second},
	ResetLink:        {500 * time.Millisecond, 5 * time.Second},
	SilenceLink:      {2 * time.Second, 20 * time.Second},
	DelayLink:        {2 * time.Second, 10 * time.Second},
	FailReceiver:     {time.Second, 6 * time.Second},
	BusyReceiver:     {time.Second, 5 * time.Second},
	RefuseReceiver:   {time.Second, 5 * time.Second},
	HangReceiver:     {2 * time.Second, 6 * time.Second},
	DripReceiver:     {2 * time.Second, 6 * time.Second},
	ResetReceiver:    {time.Second, 5 * time.Second},
	LateReceiver:     {2 * time.Second, 5 * time.Second},
	CutReceiver:      {time.Second, 5 * time.Second},
	MoveReceiver:     {0, 2 * time.Second},
	PauseWebhooks:    {time.Second, 4 * time.Second},
	RotateSecret:     {6 * time.Second, 10 * time.Second},
}

// Schedule is what the monkey does in a run, in the order of time. It depends on the seed, the duration, and on what is
// done to the database.
func Schedule(o Options) []Fault {
	var all []Fault
	for i, l := range lanes {
		if drill := o.databaseLane(); drill != nil && l.on[0] == onPostgres {
			l = *drill
		}
		if o.mayLose() && (l.on[0] == onLabels || l.on[0] == onDepot) {
			continue // Drills have none of them.
		}
		rng := rand.New(rand.NewPCG(o.Seed, uint64(i)))
		all = append(all, l.faults(rng, o.Duration)...)
	}
	slices.SortStableFunc(all, func(a, b Fault) int { return cmp.Compare(a.At, b.At) })
	return all
}

// faults fill the lane. What would not be undone before the end is left out: the end of a run heals everything, and a
// fault that is cut short proves nothing.
func (l lane) faults(rng *rand.Rand, duration time.Duration) []Fault {
	var faults []Fault
	var deck []Kind
	at := time.Duration(0)
	for {
		at += l.gap.draw(rng)
		if len(deck) == 0 {
			deck = slices.Clone(l.kinds)
			rng.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		f := Fault{At: at, Kind: deck[0], On: l.on[rng.IntN(len(l.on))], For: l.long}
		if l.long == 0 {
			f.For = lasts[f.Kind].draw(rng)
		}
		deck = deck[1:]
		switch f.Kind {
		case DelayLink:
			f.Much = 20 + rng.IntN(1000)
		case RampVersion:
			f.Much = 20 + rng.IntN(60)
		case MoveReceiver:
			f.Much = rng.IntN(2)
		}
		if at += f.For; at > duration {
			return faults
		}
		faults = append(faults, f)
	}
}
