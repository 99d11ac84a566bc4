package access

import (
	"time"

	"packhorse/internal/fulfillment"
)

// App is a program that uses the Admin API: an order system, an order-management app, a fulfillment service. It owns
// the fulfillment services that it made and the holds that it placed.
type App struct {
	ID        fulfillment.ID `json:"id"`
	Handle    string         `json:"handle"` // unique; names the app in holds and histories, and never changes
	Name      string         `json:"name"`
	Scopes    []Scope        `json:"scopes"`
	CreatedAt time.Time      `json:"createdAt"`
}
