# What is served: a folder, and a page for each language.
resource "local_directory" "folder" {
  path = local.folder
}

resource "local_file" "page" {
  for_each        = toset(var.languages)
  filename        = "${resource.folder.path}/${each.key == "en" ? "index" : each.key}.html"
  file_permission = "0644"

  content = templatefile("page.html.tmpl", {
    language  = each.key
    greeting  = local.greetings[each.key]
    languages = var.languages
    note      = "${environment.name}, release ${resource.release.output.version}"
  })
}

# A record of the release: no object of its own, only values.
resource "mpctl_data" "release" {
  input = { version = var.version, owner = environment.labels.owner }
}

# Variables that an environment alone declares are variables too.
resource "mpctl_data" "worker" {
  count = var.workers
  input = "worker ${count.index + 1} of ${var.workers}, ${environment.name}"
}

# Only in production.
resource "mpctl_data" "audit" {
  enabled    = local.production
  depends_on = [resource.worker]
  input      = { audited = true, since = var.version }
}
