# The network of the shop: one range for each zone.
variable "zones" {
    type = "list"
  description="Zones in which subnets are made"
    default = [ "a","b" ,"c" ]
}
variable "cidr" {
  type="string"
  default    = "10.0.0.0/16"   # the whole range
  validation {
      condition = can(cidrnetmask(var.cidr))
        error_message = "The value must be a CIDR range, not \"${var.cidr}\"."
  }
}

locals {
  # one subnet each
    subnets = {
      for index,zone in var.zones:
      zone=>cidrsubnet(var.cidr , 8,index)
      if zone!=""
    }
  names = [for zone in var.zones:upper(zone)]

  tags = merge({
  team = "platform"
      cost_centre="4711"   // billing
  }, var.extra_tags)
  long = (var.a&&
  var.b ||
      ! var.c)
}

resource cloud_network main {
  cidr="${var.cidr}"
  tags=  local.tags
      lifecycle { prevent_destroy=true }
}

resource "cloud_subnet" "each" {
for_each=local.subnets
network = resource.main.id
cidr    =each.value
  dynamic "route" {
    for_each = [for r in var.routes:r if r.zone==each.key]
    iterator=route
    content {
    target = route.value["target"]
      via    = route . value . via
    }
  }
}

output "subnets" { value = resource.each [*].id }
