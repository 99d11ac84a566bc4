package chaos

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"packhorse/internal/fulfillment"
	"packhorse/internal/rehearsal"
)

// catalogue is the real orders that the actors draw from.
type catalogue struct {
	orders []fulfillment.Order // without IDs, places and times

	mu   sync.Mutex
	next int
}

// openCatalogue reads recorded orders from a file, or the examples from a folder.
func openCatalogue(path string) (*catalogue, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("find orders to play: %w", err)
	}
	c := &catalogue{}
	if info.IsDir() {
		c.orders, err = readExamples(path)
	} else {
		c.orders, err = readRecords(path)
	}
	if err == nil && len(c.orders) == 0 {
		err = fmt.Errorf("there are no orders in %s", path)
	}
	return c, err
}

func readRecords(path string) ([]fulfillment.Order, error) {
	records, err := rehearsal.ReadFile(path, rehearsal.Selection{To: time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return nil, err
	}
	var orders []fulfillment.Order
	for _, r := range records {
		if len(r.Items) == 0 {
			continue // Refused as malformed, which needs no server.
		}
		o := fulfillment.Order{Name: "#" +
			r.ID[:min(8, len(r.ID))], CurrencyCode: "BRL", Metadata: map[string]string{"recorded": r.ID},
			ShippingAddress: &fulfillment.Address{
				City: r.Customer.City, ProvinceCode: r.Customer.State, Zip: r.Customer.Zip, CountryCode: "BR",
			}}
		for _, item := range r.Items {
			o.LineItems = append(o.LineItems, fulfillment.LineItem{Title: "Product " +
				item.ProductID[:min(8, len(item.ProductID))],
				SKU: item.ProductID, Quantity: item.Quantity, UnitPrice: item.Price, Vendor: item.SellerID})
		}
		orders = append(orders, o)
	}
	return orders, nil
}

// relative is a time in an example that counts from now on.
var relative = regexp.MustCompile(`"now([+-][0-9a-z]+)?"`)

func readExamples(folder string) ([]fulfillment.Order, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("find orders to play: %w", err)
	}
	var orders []fulfillment.Order
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read an example: %w", err)
		}
		var example struct {
			Order fulfillment.Order `json:"order"`
		}
		if err := json.Unmarshal(relative.ReplaceAll(text, []byte("null")), &example); err != nil {
			return nil, fmt.Errorf("read the example %s: %w", path, err)
		}
		orders = append(orders, example.Order)
	}
	return orders, nil
}

// take is the next order, as somebody orders it today: sellers are the shop's locations, and a part of the orders is
// larger, waits for its day, or has a deadline.
func (c *catalogue) take(rng *rand.Rand, s *shop, now time.Time) fulfillment.Order {
	c.mu.Lock()
	order := c.orders[c.next%len(c.orders)]
	c.next++
	n := c.next
	c.mu.Unlock()
	order.ID, order.Name = 0, fmt.Sprintf("%s-%d", order.Name, n)
	order.SourceIdentifier = ""
	if chance(rng, 0.3) {
		order.SourceIdentifier = "chaos/" + order.Name
	}
	order.LineItems = slices.Clone(order.LineItems)
	if order.ShippingAddress != nil {
		order.ShippingAddress = new(*order.ShippingAddress)
	}
	for i := range order.LineItems {
		line := &order.LineItems[i]
		if chance(rng, 0.5) {
			line.Quantity += rng.IntN(6)
		}
		if !chance(rng, 0.1) { // The rest is routed.
			line.LocationID = s.ofVendor(line.Vendor, line.SKU)
		}
	}
	if chance(rng, 0.1) {
		order.FulfillAt = new(now.Add(time.Duration(1+rng.IntN(6)) * time.Second).UTC())
	}
	if chance(rng, 0.3) {
		order.FulfillBy = someTime(rng, now)
	}
	return order
}

// ofVendor is the location of a seller, always the same; products without a seller have one each.
func (s *shop) ofVendor(vendor, sku string) fulfillment.ID {
	if vendor == "" {
		vendor = sku
	}
	return s.locations[uint64(fulfillment.DerivedID("vendor", vendor))%uint64(len(s.locations))].ID
}

// someTime is soon, or so late that it isn't waited for when a run ends.
func someTime(rng *rand.Rand, now time.Time) *time.Time {
	in := time.Duration(1+rng.IntN(8)) * time.Second
	if chance(rng, 0.5) {
		in = time.Duration(6+rng.IntN(200)) * time.Hour
	}
	return new(now.Add(in).UTC().Truncate(time.Millisecond))
}

// chance is true at this rate.
func chance(rng *rand.Rand, rate float64) bool { return rng.Float64() < rate }

// oneOf draws one of the list, which must not be empty.
func oneOf[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }
