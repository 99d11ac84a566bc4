package activities

import (
	_ "packhorse/internal/gateway"   // refused by apis
	_ "packhorse/internal/graphql"   // refused by apis
	_ "packhorse/internal/operation" // refused by operations
	_ "packhorse/internal/postgres"
)
