package worker

import (
	"context"
	"fmt"
	"log/slog"

	"packhorse/internal/command"
	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
	"packhorse/internal/provider/manual"
	"packhorse/internal/provider/simulated"
)

// plugins is the providers that this worker serves.
type plugins struct {
	registry  provider.Registry
	simulator *simulated.Provider // nil when it is not served here
	ledger    *simulated.PostgresLedger
}

// openPlugins makes the providers that the settings name.
func openPlugins(ctx context.Context, settings Settings, sender *command.Client, logger *slog.Logger) (*plugins, error) {
	p := &plugins{}
	for _, id := range settings.Worker.Providers {
		plugin, err := p.open(ctx, id, settings, sender, logger)
		if err == nil {
			err = p.registry.Register(plugin)
		}
		if err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

func (p *plugins) open(ctx context.Context, id string, settings Settings, sender *command.Client, logger *slog.Logger) (provider.Provider, error) {
	switch id {
	case fulfillment.ManualProvider:
		return manual.Provider{}, nil
	case simulated.DefaultID:
		var err error
		if p.ledger, err = simulated.OpenLedger(ctx, string(settings.Database.URL)); err != nil {
			return nil, err
		}
		p.simulator, err = simulated.New(simulated.Config{Seed: int64(settings.Worker.SimulatedSeed), Ledger: p.ledger, Reporter: sender, Logger: logger})
		return p.simulator, err
	default:
		return nil, fmt.Errorf("PACKHORSE_PROVIDERS names %q: there are %q and %q", id, fulfillment.ManualProvider, simulated.DefaultID)
	}
}

func (p *plugins) close() {
	if p.ledger != nil {
		p.ledger.Close()
	}
}
