package config

// ProviderSecrets is where the secrets are that providers ask for by their names, such as the keys of their systems.
type ProviderSecrets struct {
	Folder string `envconfig:"PACKHORSE_PROVIDER_SECRETS" desc:"folder with the secrets that options of services name, one file for each name, read at each use; a name that has no file there is looked up in the environment variable PACKHORSE_SECRET_<name>"`
}
