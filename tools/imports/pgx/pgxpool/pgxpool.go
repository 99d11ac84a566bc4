package pgxpool
