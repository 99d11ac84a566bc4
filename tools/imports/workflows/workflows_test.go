package workflows_test

import (
	_ "packhorse/internal/dev/lab"
	_ "packhorse/internal/operation"
	_ "packhorse/internal/postgres"
)
