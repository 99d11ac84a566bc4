package returns

import (
	_ "packhorse/internal/fulfillment"
	_ "packhorse/internal/postgres" // refused by returns
)
