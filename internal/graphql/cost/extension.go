package cost

// Extension is extensions.cost of a response.
type Extension struct {
	// RequestedQueryCost is the cost known before execution.
	RequestedQueryCost int `json:"requestedQueryCost"`
	// ActualQueryCost is the cost of the answer; null if the query was not executed.
	ActualQueryCost *int   `json:"actualQueryCost"`
	ThrottleStatus  Status `json:"throttleStatus"`
}

// Status is how full a bucket is.
type Status struct {
	// MaximumAvailable is how many points the bucket holds when it is full.
	MaximumAvailable float64 `json:"maximumAvailable"`
	// CurrentlyAvailable is how many whole points it holds now.
	CurrentlyAvailable int `json:"currentlyAvailable"`
	// RestoreRate is how many points come back each second.
	RestoreRate float64 `json:"restoreRate"`
}
