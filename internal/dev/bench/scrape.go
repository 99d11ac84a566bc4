package bench

import (
	"context"
	"fmt"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scrape is a worker's metrics at one moment, by name.
type scrape map[string]*dto.MetricFamily

// scrapeMetrics reads /metrics of a process.
func scrapeMetrics(ctx context.Context, url string) (scrape, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read metrics: %s answers %s", url, response.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	return families, nil
}

// total is how often something happened, and how much it came to: seconds for a histogram, the value for a counter or a
// gauge.
type total struct {
	count float64
	sum   float64
}

func (t total) minus(o total) total { return total{t.count - o.count, t.sum - o.sum} }

// total adds up the series of a metric whose label has this value; without a label, all of them.
func (s scrape) total(name, label, value string) total {
	var t total
	for _, m := range s[name].GetMetric() {
		if label != "" && !labelled(m, label, value) {
			continue
		}
		switch {
		case m.Histogram != nil:
			t.count += float64(m.Histogram.GetSampleCount())
			t.sum += m.Histogram.GetSampleSum()
		case m.Counter != nil:
			t.count++
			t.sum += m.Counter.GetValue()
		case m.Gauge != nil:
			t.count++
			t.sum += m.Gauge.GetValue()
		}
	}
	return t
}

func labelled(m *dto.Metric, label, value string) bool {
	for _, pair := range m.GetLabel() {
		if pair.GetName() == label {
			return pair.GetValue() == value
		}
	}
	return value == ""
}
