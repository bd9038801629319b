project "shop" {
  state { backend = "sqlite" }
  providers = {
    process = { source="builtin" },
    cloud = { source   = "./plugins/mpctl-provider-cloud",version="~> 1.2" }
  }
}
secret "stripe" {
    env = "STRIPE_KEY"
  }
moved {
from = resource.a
  to = resource.b
    environments=["dev"]
}
check "up" {
assert {
condition=length([for u in workload.api.urls:u if startswith(u,"http://")])>0
    error_message = "no URL: ${join(", ",workload.api.urls)}"
}
}
import {
  to=resource.a
  id = "x-${var.id}"
}
locals {
json = jsonencode({
statement = [{
  effect="Allow"
    actions = ["s3:Get*","s3:List*"]
   condition = {
  test = "StringEquals", values = [ var.account ] }
}]
})
 matrix = { for pair in setproduct(var.a , var.b):"${pair[0]}-${pair[1]}"=>{
a = pair[0]
 b=pair[1]
} }
}
