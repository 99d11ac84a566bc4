package fulfillment

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Weight is that of one unit, as in Shopify's Admin API.
type Weight struct {
	Value float64    `json:"value"` // 0 to 100,000 kg
	Unit  WeightUnit `json:"unit"`
}

// WeightUnit is the unit of a weight.
type WeightUnit string

// The units.
const (
	Kilograms WeightUnit = "KILOGRAMS"
	GramsUnit WeightUnit = "GRAMS"
	Pounds    WeightUnit = "POUNDS"
	Ounces    WeightUnit = "OUNCES"
)

// WeightUnits are all units.
var WeightUnits = []WeightUnit{Kilograms, GramsUnit, Pounds, Ounces}

// inGrams is what a unit is in grams, exactly.
var inGrams = map[WeightUnit]*big.Rat{
	Kilograms: big.NewRat(1000, 1), GramsUnit: big.NewRat(1, 1),
	Pounds: big.NewRat(45359237, 100000), Ounces: big.NewRat(45359237, 1600000),
}

// maxGrams is the largest weight of one unit, in grams.
const maxGrams = 100_000_000

// exact is the weight in grams, as the decimal number that its value is written as; nil: it is none.
func (w *Weight) exact() *big.Rat {
	if w == nil || inGrams[w.Unit] == nil {
		return nil
	}
	value, ok := new(big.Rat).SetString(strconv.FormatFloat(w.Value, 'f', -1, 64))
	if !ok { // Infinite, or no number.
		return nil
	}
	return value.Mul(value, inGrams[w.Unit])
}

// Grams is the weight in whole grams, rounded up: who ships more than was said pays for it. 0: no weight is known.
func (w *Weight) Grams() int {
	exact := w.exact()
	if exact == nil || exact.Sign() <= 0 {
		return 0
	}
	up := new(big.Int).Sub(new(big.Int).Add(exact.Num(), exact.Denom()), big.NewInt(1))
	return int(up.Quo(up, exact.Denom()).Int64())
}

// plain is the weight in grams, so that weights which are the same are written in the same way.
func (w *Weight) plain() *Weight {
	exact := w.exact()
	if exact == nil {
		return w
	}
	value, _ := exact.Float64()
	return &Weight{value, GramsUnit}
}

// Weighed is so many units of a weight each.
type Weighed struct {
	Weight *Weight // nil: nobody said it
	Units  int
}

// SumWeight is what all units weigh, in the unit that they have in common, else in grams; nil when the weight of one of
// them is not known, and of nothing.
func SumWeight(units []Weighed) *Weight {
	sum := new(big.Rat)
	var unit WeightUnit
	for i, u := range units {
		exact := u.Weight.exact()
		if exact == nil {
			return nil
		}
		if sum.Add(sum, exact.Mul(exact, big.NewRat(int64(u.Units), 1))); i == 0 {
			unit = u.Weight.Unit
		} else if unit != u.Weight.Unit {
			unit = GramsUnit
		}
	}
	if unit == "" {
		return nil
	}
	value, _ := sum.Quo(sum, inGrams[unit]).Float64()
	return &Weight{value, unit}
}

func (p *orderProblems) weight(path []string, w **Weight) {
	if *w == nil {
		return
	}
	weight := **w
	weight.Unit = WeightUnit(strings.ToUpper(Tidy(string(weight.Unit))))
	if !slices.Contains(WeightUnits, weight.Unit) {
		p.add(below(path, "unit"), "must be one of %s (is %s)", orList(WeightUnits), quoted(string(weight.Unit)))
		return
	}
	exact := weight.exact()
	if exact == nil || exact.Sign() < 0 || exact.Cmp(big.NewRat(maxGrams, 1)) > 0 {
		p.add(below(path, "value"), "must be 0 to %s (is %s)", maxWeight(weight.Unit), fmt.Sprint(weight.Value))
		return
	}
	*w = &weight // What it pointed to belongs to the caller.
}

// maxWeight is the largest weight of one unit, rounded down, in words.
func maxWeight(unit WeightUnit) string {
	largest := new(big.Rat).Quo(big.NewRat(maxGrams, 1), inGrams[unit])
	whole := new(big.Int).Quo(largest.Num(), largest.Denom())
	return whole.String() + " " + strings.ToLower(string(unit))
}

// hsCode brings a code of the Harmonized System to its digits alone, which people write with points and blanks between.
func (p *orderProblems) hsCode(path []string, code *string) {
	digits := strings.NewReplacer(".", "", " ", "").Replace(Tidy(*code))
	if digits == "" && Tidy(*code) == "" {
		*code = ""
		return
	}
	if len(digits) < 6 || len(digits) > 13 || strings.Trim(digits, "0123456789") != "" {
		p.add(path, "must be a code of the Harmonized System of 6 to 13 digits, such as 610910 (is %s)", quoted(*code))
		return
	}
	*code = digits
}
