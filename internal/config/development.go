package config

// Development is what the development stack reads for itself; it is here to be
// documented and known.
type Development struct {
	TemporalCLI    string `envconfig:"PACKHORSE_TEMPORAL_CLI" desc:"path of the temporal CLI; unset: the PATH, else built into bin/"`
	PostgresBinDir string `envconfig:"PACKHORSE_PG_BINDIR" desc:"folder of initdb and postgres; unset: where PostgreSQL installs them"`
}
