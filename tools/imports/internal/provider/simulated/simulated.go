package simulated

import (
	_ "packhorse/internal/provider"
	_ "packhorse/internal/provider/manual" // refused by providers
)
