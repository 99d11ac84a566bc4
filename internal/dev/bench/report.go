package bench

import (
	"time"
)

// Report is everything a run has measured.
type Report struct {
	At       time.Time `json:"at"`
	Machine  Machine   `json:"machine"`
	Settings Settings  `json:"settings"`
	Levels   []Level   `json:"levels"`
	Soak     *Soak     `json:"soak,omitempty"`
	Targets  []Target  `json:"targets"`
}

// Machine is where it ran.
type Machine struct {
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
}

// Settings are what decides on the figures.
type Settings struct {
	Rounds              int    `json:"rounds"`
	Fsync               bool   `json:"fsync"`               // PostgreSQL waits for the disk
	TemporalPersistence string `json:"temporalPersistence"` // sqlite or postgres
}

// Level is the variants at one number of orders in flight.
type Level struct {
	InFlight int                 `json:"inFlight"`
	Orders   int                 `json:"orders"` // of each round of each variant
	Results  map[Variant]*Result `json:"results"`
	// ToFloor and ToNaive are packhorse's orders per second by those of the others, round by round.
	ToFloor Spread `json:"packhorseToFloor"`
	ToNaive Spread `json:"packhorseToNaive"`
}

// Result is one variant at one level. Figures per order are means over all rounds.
type Result struct {
	OrdersPerSecond Spread `json:"ordersPerSecond"`
	// CommandSeconds is the latency of updates that wait for nothing but themselves: submit and events.
	CommandSeconds Latency          `json:"commandSeconds"`
	StepSeconds    map[Step]Latency `json:"stepSeconds"`
	History        Shape            `json:"historyPerOrder"`
	PerOrder       PerOrder         `json:"perOrder"`
	PeakBytes      int64            `json:"workerPeakBytes"`
	Stages         []Stage          `json:"stages"`
	Rounds         []*Round         `json:"rounds"`
}

// Latency is percentiles over all rounds, in seconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// PerOrder is what one order costs. The statements and round trips are the worker's; the simulated provider's own are
// not among them, but its bytes are among those of the log. CPU is in seconds.
type PerOrder struct {
	Commits       float64 `json:"commits"`
	Statements    float64 `json:"sqlStatements"`
	RoundTrips    float64 `json:"sqlRoundTrips"`
	WALBytes      float64 `json:"walBytes"`
	WorkerCPU     float64 `json:"workerCPUSeconds"`
	TemporalCPU   float64 `json:"temporalCPUSeconds"`
	PostgresCPU   float64 `json:"postgresCPUSeconds"`
	CallersCPU    float64 `json:"callersCPUSeconds"` // of the benchmark itself, which commands the orders
	IdleWorkerCPU float64 `json:"idleWorkersCPUSeconds"`
}

// CPU is the CPU seconds of all processes together.
func (p PerOrder) CPU() float64 {
	return p.WorkerCPU + p.TemporalCPU + p.PostgresCPU + p.CallersCPU + p.IdleWorkerCPU
}

// resultOf summarizes the rounds of one variant.
func resultOf(rounds []*Round) *Result {
	r := &Result{StepSeconds: map[Step]Latency{}, Rounds: rounds}
	var speeds []float64
	var used usage
	var commands []time.Duration
	latency := map[Step][]time.Duration{}
	var orders, share float64
	for _, round := range rounds {
		speeds = append(speeds, round.OrdersPerSecond)
		used = used.plus(round.used)
		orders += float64(round.Orders)
		r.PeakBytes = max(r.PeakBytes, round.peak)
		for step, took := range round.latency {
			latency[step] = append(latency[step], took...)
			if step == Submit || step == Event {
				commands = append(commands, took...)
			}
		}
	}
	share = 1 / float64(len(rounds))
	for _, round := range rounds {
		r.History.addShare(round.shape, share)
		r.addStages(round.stages, share)
	}
	r.OrdersPerSecond = spreadOf(speeds)
	r.CommandSeconds = latencyOf(commands)
	for step, took := range latency {
		r.StepSeconds[step] = latencyOf(took)
	}
	r.PerOrder = PerOrder{
		Commits: used.commits / orders, Statements: used.statements / orders, RoundTrips: used.roundTrips / orders,
		WALBytes: used.walBytes / orders, WorkerCPU: used.worker / orders, TemporalCPU: used.temporal / orders,
		PostgresCPU: used.postgres / orders, CallersCPU: used.callers / orders,
		IdleWorkerCPU: used.idleWorkers / orders,
	}
	return r
}

func latencyOf(took []time.Duration) Latency {
	return Latency{P50: percentile(took, 50).Seconds(), P99: percentile(took, 99).Seconds()}
}

// addShare adds a part of another shape.
func (s *Shape) addShare(o Shape, share float64) {
	s.Workflows += share * o.Workflows
	s.Events += share * o.Events
	s.Bytes += share * o.Bytes
	s.WorkflowTasks += share * o.WorkflowTasks
	s.Updates += share * o.Updates
	s.Activities += share * o.Activities
	s.Markers += share * o.Markers
	s.Timers += share * o.Timers
}

func (r *Result) addStages(round []Stage, share float64) {
	if r.Stages == nil {
		r.Stages = make([]Stage, len(round))
	}
	for i, s := range round {
		into := &r.Stages[i]
		into.Name = s.Name
		into.PerOrder += share * s.PerOrder
		into.Seconds += share * s.Seconds
		if into.PerOrder > 0 {
			into.Mean = into.Seconds / into.PerOrder
		}
	}
}

// levelOf summarizes one level; rounds[v][i] are of the same round.
func levelOf(inFlight, orders int, rounds map[Variant][]*Round) Level {
	l := Level{InFlight: inFlight, Orders: orders, Results: map[Variant]*Result{}}
	speeds := map[Variant][]float64{}
	for v, all := range rounds {
		l.Results[v] = resultOf(all)
		for _, round := range all {
			speeds[v] = append(speeds[v], round.OrdersPerSecond)
		}
	}
	l.ToFloor = ratios(speeds[Packhorse], speeds[Floor])
	l.ToNaive = ratios(speeds[Packhorse], speeds[Naive])
	return l
}
