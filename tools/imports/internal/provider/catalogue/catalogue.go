package catalogue

import (
	_ "packhorse/internal/provider/manual"
	_ "packhorse/internal/provider/simulated"
)
