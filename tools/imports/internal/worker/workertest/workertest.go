package workertest

import (
	_ "packhorse/internal/command"
	_ "packhorse/internal/dev/lab"
)
