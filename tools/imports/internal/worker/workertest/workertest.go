package workertest

import (
	_ "packhorse/internal/dev/lab"
	_ "packhorse/internal/operation"
)
