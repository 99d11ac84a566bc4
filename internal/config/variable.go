package config

// Variable is an environment variable that sets something, as it is told to people and programs. It never has its
// value.
type Variable struct {
	Name    string `json:"name"`
	Default string `json:"default,omitempty"`
	What    string `json:"what"` // and which values are allowed
}

// Variables lists the variables of a struct of settings (a pointer, as for Load) in the order of its fields.
func Variables(spec any) []Variable {
	list := []Variable{}
	for _, s := range settingsOf(spec) {
		list = append(list, Variable{Name: s.name, Default: s.fallback, What: s.meaning()})
	}
	return list
}
