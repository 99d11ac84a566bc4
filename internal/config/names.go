package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Names is a list of different names, in the order given.
type Names []string

// Decode reads names with commas between them. Space around a name doesn't
// count.
func (n *Names) Decode(value string) error {
	names := Names{}
	for name := range strings.SplitSeq(value, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			return errors.New("there is an empty name")
		}
		if slices.Contains(names, name) {
			return fmt.Errorf("%q is there twice", name)
		}
		names = append(names, name)
	}
	*n = names
	return nil
}

// String is the names with commas, as Decode reads them.
func (n Names) String() string { return strings.Join(n, ",") }
