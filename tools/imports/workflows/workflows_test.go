package workflows_test

import (
	_ "packhorse/internal/command"
	_ "packhorse/internal/dev/lab"
	_ "packhorse/internal/postgres"
)
