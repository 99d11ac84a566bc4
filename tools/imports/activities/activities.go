package activities

import (
	_ "github.com/jackc/pgx/v5/pgxpool" // refused by activities
	_ "packhorse/internal/gateway"      // refused by apis
	_ "packhorse/internal/graphql"      // refused by apis
	_ "packhorse/internal/operation"    // refused by operations
	_ "packhorse/internal/postgres"     // refused by activities
	_ "packhorse/internal/update"       // refused by activities
)
