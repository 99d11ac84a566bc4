package easypost

import (
	"encoding/json"
	"fmt"
	"strconv"

	"packhorse/internal/fulfillment"
	"packhorse/internal/provider"
)

// maxParcels is how many parcels one order goes in: an answer keeps their names.
const maxParcels = 40

// pack puts the lines into as few parcels as fit, in their order. The second result is a rejection: what can't be
// packed.
func pack(lines []provider.RequestLine, o Options) ([]Parcel, *provider.Answer) {
	var missing []fulfillment.RejectedLine
	for _, line := range lines {
		if line.Quantity > 0 && line.Grams <= 0 && o.DefaultGrams == 0 {
			missing = append(missing, fulfillment.RejectedLine{
				LineID: line.LineID, Message: "The weight is missing.",
			})
		}
	}
	if len(missing) > 0 {
		no := reject(incorrectProduct, "Carriers need the weight of each line. Give the order's lines their weight, "+
			"or the service the option defaultGrams.")
		no.Lines = missing
		return nil, &no
	}
	limit := o.MaxParcelGrams - o.PackagingGrams
	var parcels []Parcel
	for _, line := range lines {
		grams := line.Grams
		if grams <= 0 {
			grams = o.DefaultGrams
		}
		for left := line.Quantity; left > 0; {
			fit := left
			if o.MaxParcelGrams > 0 {
				if grams > limit {
					no := reject(tooLarge, "A unit is heavier than a parcel of this service may be.")
					no.Lines = []fulfillment.RejectedLine{{LineID: line.LineID, Message: fmt.Sprintf(
						"A unit has %d g; a parcel takes %d g (maxParcelGrams).", grams, limit)}}
					return nil, &no
				}
				room := limit
				if n := len(parcels); n > 0 {
					room -= parcels[n-1].Grams
				}
				if fit = min(left, room/grams); fit == 0 {
					parcels = append(parcels, Parcel{Number: len(parcels) + 1})
					continue
				}
			}
			if len(parcels) == 0 {
				parcels = append(parcels, Parcel{Number: 1})
			}
			p := &parcels[len(parcels)-1]
			if fit > maxGrams/grams || len(parcels) > maxParcels {
				no := reject(tooLarge, "The order is too large to be sent as parcels: it would take more than %d "+
					"parcels, or one of more than %d g.", maxParcels, maxGrams)
				return nil, &no
			}
			p.Units = append(p.Units, fulfillment.Quantity{ID: line.LineID, Quantity: fit})
			p.Grams += fit * grams
			left -= fit
		}
	}
	if len(parcels) == 0 {
		no := reject(incorrectProduct, "There are no units to send.")
		return nil, &no
	}
	for i := range parcels {
		parcels[i].Grams += o.PackagingGrams
	}
	return parcels, nil
}

// ounces is a weight as carriers have it in the USA, rounded up to a tenth: who declares too little pays more.
func ounces(grams int) json.Number {
	const perGram, perTenth = 10_000_000_000, 28_349_523_125 // An ounce is 28.349523125 g.
	tenths := (int64(grams)*perGram + perTenth - 1) / perTenth
	return json.Number(strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10))
}
