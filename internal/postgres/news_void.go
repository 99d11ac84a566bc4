package postgres

import (
	"encoding/json"

	"packhorse/internal/fulfillment"
	"packhorse/internal/news"
)

// alertRow is an alert of a shipment; its tags are the columns.
type alertRow struct {
	ServiceID          fulfillment.ID  `json:"service_id"`
	Key                string          `json:"key"`
	Source             news.Source     `json:"source"`
	About              news.Subject    `json:"about"`
	Payload            json.RawMessage `json:"payload"`
	FulfillmentOrderID fulfillment.ID  `json:"fulfillment_order_id"`
	Targets            []news.Target   `json:"targets"`
}

// writeAlerts has people told of shipments of services, of each alert once.
const writeAlerts = `
INSERT INTO news (provider, service_id, key, source, about, command, payload, state, received_at, next_at,
	fulfillment_order_id, targets)
SELECT s.provider, s.id, a.key, a.source, a.about, '', a.payload, 'PENDING', clock_timestamp(), clock_timestamp(),
	a.fulfillment_order_id, a.targets
FROM jsonb_to_recordset($1::jsonb) AS a (service_id bigint, key text, source text, about jsonb, payload jsonb,
	fulfillment_order_id bigint, targets jsonb) JOIN services s ON s.id = a.service_id
ON CONFLICT (service_id, key) DO NOTHING`

// alertRows are the alerts that follow from transitions.
func alertRows(transitions []fulfillment.Transition) []alertRow {
	var rows []alertRow
	for i := range transitions {
		voided, ok := news.AfterTheVoid(&transitions[i])
		if !ok || voided.Shipment.ServiceID == 0 {
			continue
		}
		item := voided.Item()
		rows = append(rows, alertRow{
			ServiceID: item.ServiceID, Key: item.Key, Source: item.Source, About: item.About, Payload: item.Payload,
			FulfillmentOrderID: item.FulfillmentOrderID, Targets: item.Targets,
		})
	}
	return rows
}
