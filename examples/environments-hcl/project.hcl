# A site in three environments. Everything that differs between them is in `environments/` and in the
# overrides of the workload; everything else is written once. The same in YAML: `../environments`.
project "site" {}

variable "port" {
  type        = number
  description = "The first port; every further instance takes the next."

  validation {
    condition     = var.port >= 1024 && var.port < 65000
    error_message = "The port must lie between 1024 and 65000."
  }
}

variable "version" {
  type        = string
  description = "The release that is deployed."
}

variable "languages" {
  type    = list(string)
  default = ["en"]
}

locals {
  folder     = "public-${environment.name}"
  greetings  = { de = "Guten Tag", en = "Good day", fr = "Bonjour" }
  production = environment.labels.tier == "prod"
}

output "url" {
  value       = workload.site.url
  description = "Where the first instance answers."
}

output "pages" {
  value = { for language, page in resource.page : language => "${workload.site.url}/${basename(page.filename)}" }
}

output "release" {
  value = resource.release.output
}
