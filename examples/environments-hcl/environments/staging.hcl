environment "staging" {
  labels    = { tier = "nonprod", owner = "platform" }
  variables = { port = 8280, version = "1.4.2", workers = 2, languages = ["en", "de"] }
}
