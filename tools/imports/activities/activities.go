package activities

import (
	_ "packhorse/internal/command" // refused by commands
	_ "packhorse/internal/gateway" // refused by apis
	_ "packhorse/internal/graphql" // refused by apis
	_ "packhorse/internal/postgres"
)
