# Values for prod alone, written by the release process: they win over those of the environment.
version = "1.4.1"
