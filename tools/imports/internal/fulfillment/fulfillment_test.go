package fulfillment_test

import (
	_ "packhorse/internal/fulfillment"
	_ "packhorse/internal/postgres" // refused by domain
)
