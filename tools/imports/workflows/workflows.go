package workflows

import (
	_ "github.com/jackc/pgx/v5/pgxpool" // refused by workflows
	_ "packhorse/internal/fulfillment"
	_ "packhorse/internal/postgres" // refused by workflows
	_ "packhorse/internal/update"   // refused by workflows
)
