package activities

import (
	"testing"
	"time"

	"packhorse/internal/temporalio"
)

// TestReportsAreBounded: the workflow hears of the first changes at once, of a receiver that fails now and then not
// more often than about once a minute, and always of how it is in the end.
func TestReportsAreBounded(t *testing.T) {
	t.Parallel()
	var tells teller
	good := temporalio.DeliveryReport{State: temporalio.DeliveryEnabled}
	bad := good
	bad.LastError = "500 Internal Server Error"
	times, at := 0, time.Now()
	hear := func(report temporalio.DeliveryReport) bool {
		at = at.Add(DeliveryHeartbeat / 5)
		if !tells.due(report, at) {
			return false
		}
		tells.tell(report, at)
		times++
		return true
	}
	if !hear(good) || !hear(bad) || hear(bad) {
		t.Error("the beginning and the first failure are to be told at once, and once")
	}
	for begun := at; at.Sub(begun) < DeliveryTurn; {
		hear(good)
		hear(bad)
	}
	if most := int(DeliveryTurn/reportEvery) + 70; times > most {
		t.Errorf("told %d times in a turn, want %d at most", times, most)
	}
	for begun := at; tells.told != good; {
		if hear(good); at.Sub(begun) > reportEvery {
			t.Fatal("that all is well again is not told")
		}
	}
}
