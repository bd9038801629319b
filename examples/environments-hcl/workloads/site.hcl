workload "site" {
  replicas = 1
  ports    = { http = var.port }

  command = [
    path.mpctl,
    "static-server",
    "--directory=${resource.folder.path}",
    "--listen=127.0.0.1:${self.ports.http}",
    "--header=X-Environment: ${environment.name}",
  ]

  env = {
    RELEASE   = var.version
    LOG_LEVEL = "debug"
  }

  health {
    timeout = "20s"
    http {
      path = "/"
      port = "http"
    }
  }

  depends_on = [resource.page]

  override "staging" {
    env = { LOG_LEVEL = "info" }
  }

  override "prod" {
    replicas = 2
    env      = { LOG_LEVEL = null }

    strategy {
      type            = "rolling"
      max_unavailable = 1
    }
  }
}
