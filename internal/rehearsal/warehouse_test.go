package rehearsal_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"packhorse/internal/dev/devstack/devstacktest"
	"packhorse/internal/inbox"
	"packhorse/internal/operation"
	"packhorse/internal/provider"
	providerhttp "packhorse/internal/provider/http"
	"packhorse/internal/rehearsal"
	"packhorse/internal/standardwebhook"
	"packhorse/internal/telemetry"
	"packhorse/internal/worker/workertest"
)

// recorded has real orders. It is not part of the repository.
const recorded = "../../../shared/data/olist-orders.ndjson.gz"

const secretName = "REHEARSED_WAREHOUSE"

// recordedWith are the first real orders, and the seller who has the most of them.
func recordedWith(t *testing.T, selection rehearsal.Selection) (records []rehearsal.Record, seller string) {
	t.Helper()
	if _, err := os.Stat(recorded); err != nil {
		t.Skipf("recorded orders are not at hand: %v", err)
	}
	records, err := rehearsal.ReadFile(recorded, selection)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, r := range records {
		for _, item := range r.Items {
			if counts[item.SellerID]++; counts[item.SellerID] > counts[seller] {
				seller = item.SellerID
			}
		}
	}
	return records, seller
}

// TestRehearsalWithAWarehouse: what a warehouse takes and tells over HTTP comes to the same as the records, although
// the worker goes away three times meanwhile.
func TestRehearsalWithAWarehouse(t *testing.T) {
	day := time.Date(2017, 11, 24, 0, 0, 0, 0, time.UTC)
	selection := rehearsal.Selection{From: day, To: day, Limit: 60}
	records, seller := recordedWith(t, selection)
	secret := standardwebhook.NewSecret([32]byte{1})
	t.Setenv("PACKHORSE_SECRET_"+secretName, secret)
	s := workertest.Start(t)
	s.StopWorker()
	s.Settings.Providers = append(s.Settings.Providers, providerhttp.Entry())
	s.Settings.Worker.Providers = append(s.Settings.Worker.Providers, providerhttp.ID)
	s.Settings.Callbacks.AllowPrivate = true
	s.StartWorker()
	secrets := provider.NamedSecrets("")
	receiver := providerhttp.New(providerhttp.Config{Secrets: secrets})
	t.Cleanup(receiver.Close)
	mux := http.NewServeMux()
	mux.Handle(inbox.Path, inbox.NewDoor(s.Store, map[string]provider.Receiver{providerhttp.ID: receiver},
		telemetry.NewLogger(t.Output(), slog.LevelError, "text"), nil))
	door := httptest.NewServer(mux)
	t.Cleanup(door.Close)

	var mu sync.Mutex
	gone := 0
	options := rehearsal.Options{
		Run: "r1", Selection: selection, Day: 20 * time.Millisecond, RestTimeout: 3 * time.Minute,
		Warehouses: &rehearsal.Warehouses{
			Sellers: []string{seller}, Callbacks: door.URL + "/providers/http", SecretName: secretName, Secrets: secrets,
		},
		Progress: func(done, total int) {
			mu.Lock()
			defer mu.Unlock()
			if gone < 3 && done*4 > total*(gone+1) {
				gone++
				s.StopWorker()
				s.StartWorker()
			}
		},
	}
	system := rehearsal.System{
		Commands: operation.NewCommands(s.Temporal, s.Store, operation.Options{}), Store: s.Store,
		Database: devstacktest.Pool(t, string(s.Settings.Database.URL)), Workflows: s.Temporal, Ledger: s.Ledger(),
	}
	report, err := rehearsal.Run(t.Context(), system, records, options)
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range report.Differences {
		t.Error(difference)
	}
	if report.OverHTTP != 1 || report.Callbacks == 0 || report.Store.Orders != len(records) || gone != 3 {
		t.Errorf("of %d orders and %d callbacks of %d warehouses, %d stops of the worker", report.Store.Orders,
			report.Callbacks, report.OverHTTP, gone)
	}

	options.Run, options.Warehouses.Sellers = "r2", []string{"nobody"}
	if _, err := rehearsal.Run(t.Context(), system, records, options); !errors.As(
		err, new(*rehearsal.UnknownSellerError),
	) {
		t.Errorf("a seller without orders: got %v", err)
	}
}
