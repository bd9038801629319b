# With `protect = true` here, nothing in prod is destroyed or replaced without `--approve prod`.
environment "prod" {
  labels     = { tier = "prod", owner = "platform" }
  on_failure = "stop"
  variables  = { port = 8380, version = "1.4.0", workers = 3, languages = ["en", "de", "fr"] }
}
