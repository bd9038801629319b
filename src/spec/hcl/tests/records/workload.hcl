/*
 * The workloads of the shop.
 */
workload "api" {
  environments = ["staging","prod"]
  command  = [
    "python3",
  "-m",    # module
      "http.server", "${self.ports.http}"
  ]
  replicas = var.replicas>0?var.replicas:1
  ports    = { http=8080, metrics = 9090 }
  env = {
    DATABASE_URL = "postgres://${resource.db.user}:${secret.db}@${resource.db.host}/shop?sslmode=${ var.tls?"require":"disable" }"
    MODE = environment.name
    # a comment within
    "QUOTED.KEY" = -1
    (var.dynamic_key) = null
      LOG:"debug"
  }

  health {
      timeout = "30s"
    http {
        path = "/"
      port="http"
  }
  }
  files = { "/etc/motd" = <<-EOT
    Welcome to ${ environment.name }!
      %{ for name in local.names ~}
      - ${name}
      %{ endfor ~}
    EOT
    "/etc/empty" = ""
  }


  strategy {
    type="rolling"
    max_unavailable=1
  }
  override "prod" { replicas=5 }
}
workload "migrations" {
command = ["sh","-c",<<SCRIPT
set -eu
  echo "cost: $${HOME} 100%"
SCRIPT
    ,"--",]
}
