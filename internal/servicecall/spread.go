package servicecall

import "math/rand/v2"

// spread is by how much a pause is longer or shorter, so that not all services are called in the same moment: up to a
// tenth.
func spread() float64 { return (rand.Float64() - 0.5) / 5 }
