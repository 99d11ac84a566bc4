package serve

import (
	_ "packhorse/internal/dev/lab" // refused by development
	_ "packhorse/internal/gateway"
	_ "packhorse/internal/graphql"
	_ "packhorse/internal/operation"
)
