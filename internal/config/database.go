package config

// Database says where the PostgreSQL database is.
type Database struct {
	// URL is a PostgreSQL URL or keyword/value string; string(URL) has the password.
	URL DatabaseURL `envconfig:"PACKHORSE_DATABASE_URL" required:"true" desc:"PostgreSQL database, as postgres://user:password@host:5432/name; behind PgBouncer in transaction mode with ?default_query_exec_mode=cache_describe"`
	// MaxConns is the size of the connection pool of one process.
	MaxConns int32 `envconfig:"PACKHORSE_DATABASE_MAX_CONNS" default:"10" min:"1" max:"1000" desc:"most database connections of one process"`
}
