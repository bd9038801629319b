# The configuration of a web server, as a tree of files: one for each site, and an index of them.
project "files" {}

variable "sites" {
  type = map(object({
    domain    = string
    upstreams = list(string)
    secure    = optional(bool, true)
  }))
  default = {
    blog = { domain = "blog.example.com", upstreams = ["10.0.0.11:8000"], secure = false }
    shop = { domain = "shop.example.com", upstreams = ["10.0.0.21:8000", "10.0.0.22:8000"] }
  }
}

# Read while planning: what it says becomes the first line of every file.
data "local_file" "notice" {
  filename = "templates/notice.txt"
}

resource "local_directory" "conf" {
  path       = "conf"
  permission = "0755"
}

resource "local_directory" "sites" {
  path       = "${resource.conf.path}/sites"
  permission = "0755"
}

resource "local_file" "site" {
  for_each        = var.sites
  filename        = "${resource.sites.path}/${each.key}.conf"
  file_permission = "0644"
  content = templatefile("templates/site.conf.tmpl", merge(each.value, {
    name   = each.key
    notice = trimspace(data.notice.content)
  }))
}

resource "local_file" "index" {
  filename        = "${resource.conf.path}/sites.json"
  file_permission = "0644"
  content = jsonencode([
    for name, site in var.sites : {
      name   = name
      url    = "${site.secure ? "https" : "http"}://${site.domain}"
      file   = resource.site[name].filename
      sha256 = resource.site[name].content_sha256
    }
  ])
}

output "files" {
  value = concat([resource.index.filename], [for site in resource.site : site.filename])
}
