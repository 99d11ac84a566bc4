package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/catalogue"
)

// servedTimeout is how long Temporal has to say who serves a provider: what is shown beside it is read without it.
const servedTimeout = 5 * time.Second

// listedService is a service in a list, as it is answered to programs.
type listedService struct {
	fulfillment.Service
	ProviderProblem string `json:"providerProblem,omitempty"` // why nobody calls its system
}

// providerProblems says of the services' providers, by ID, why nobody calls their systems, and what to do. Those that
// people answer for are not called, and have none.
func (a *app) providerProblems(ctx context.Context, services ...fulfillment.Service) map[string]string {
	var ids []string
	for _, s := range services {
		entry, err := catalogue.New().Find(s.Provider)
		if (err != nil || entry.Queue != nil) && !slices.Contains(ids, s.Provider) {
			ids = append(ids, s.Provider)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, servedTimeout)
	defer cancel()
	problems := make(map[string]string)
	served, err := a.backend.served(ctx, ids)
	for _, id := range ids {
		switch {
		case err != nil:
			problems[id] = fmt.Sprintf("nobody knows whether a worker serves the provider %s: %s", id,
				strings.TrimSuffix(oneLine(err.Error()), "."))
		case !served[id]:
			problems[id] = fmt.Sprintf(
				"no worker serves the provider %s: what is asked of its services waits. Start a worker whose "+
					"PACKHORSE_PROVIDERS names it, such as PACKHORSE_PROVIDERS=manual,%[1]s", id,
			)
		}
	}
	return problems
}

// served tells which providers some worker asks for work, or did within the last five minutes: so long does Temporal
// know of it.
func (s *servers) served(ctx context.Context, ids []string) (map[string]bool, error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	served := make(map[string]bool, len(ids))
	for _, id := range ids {
		queue, err := conn.DescribeTaskQueue(ctx, provider.TaskQueue(id), enumspb.TASK_QUEUE_TYPE_ACTIVITY)
		if err != nil {
			return nil, fmt.Errorf("ask Temporal who serves the provider %s: %w", id, err)
		}
		served[id] = len(queue.GetPollers()) > 0
	}
	return served, nil
}
