package growth

import (
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"
)

var (
	sizes      = flag.String("sizes", "", "how many fulfillment orders BenchmarkGrowth measures with, with commas")
	withReplay = flag.Bool("replay", false, "let BenchmarkGrowth measure replay, too")
)

// BenchmarkGrowth measures once, whatever it is told, and fails when a target is missed.
func BenchmarkGrowth(b *testing.B) {
	options := Options{WithReplay: *withReplay}
	for text := range strings.SplitSeq(*sizes, ",") {
		if n, err := strconv.Atoi(text); err == nil {
			options.Sizes = append(options.Sizes, n)
		}
	}
	for b.Loop() {
		result, err := Run(b.Context(), options, os.Stdout)
		if err != nil {
			b.Fatal(err)
		}
		for _, missed := range result.Missed() {
			b.Error(missed)
		}
		if len(options.Sizes) != 1 {
			b.ReportMetric(result.Lists.RatioP50, "ratio-p50")
			b.ReportMetric(result.Lists.RatioP99, "ratio-p99")
		}
	}
}
