package config

// Development is what the development stack reads for itself; it is here to be
// documented and known.
type Development struct {
	TemporalCLI    string `envconfig:"PACKHORSE_TEMPORAL_CLI" desc:"path of the temporal CLI; unset: the PATH, else built into bin/"`
	TemporalServer string `envconfig:"PACKHORSE_TEMPORAL_SERVER" desc:"folder of a temporal-server and its temporal-sql-tool, to run on PostgreSQL instead of the dev server; keeps nothing"`
	API            string `envconfig:"PACKHORSE_API" desc:"URL of the stack's API; the stack sets it for the command that it runs, and for your shell"`
	Token          Secret `envconfig:"PACKHORSE_TOKEN" desc:"access token for it, with all scopes"`
	PostgresBinDir string `envconfig:"PACKHORSE_PG_BINDIR" desc:"folder of initdb and postgres; unset: where PostgreSQL installs them"`
}
