// Package config is what a person can set: structs filled from environment
// variables, with the text of their own documentation. Settings of Packhorse are
// named PACKHORSE_*; Temporal's keep the names that every Temporal program reads.
//
//	var settings struct {
//		config.Database
//		config.Temporal
//		config.Worker
//	}
//	err := config.Load(&settings.Database, &settings.Temporal, &settings.Worker)
//
// A field says all about itself in its tags: envconfig (the variable), default,
// required, desc (what it is), and what is allowed: allowed (a list of values),
// min and max. A package that is plugged in, such as a provider, has a struct with
// such fields of its own.
package config
