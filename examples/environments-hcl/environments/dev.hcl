environment "dev" {
  labels    = { tier = "nonprod", owner = "developers" }
  variables = { port = 8180, version = "1.5.0-dev", workers = 1 }
}
