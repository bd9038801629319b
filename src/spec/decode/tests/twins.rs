//! The same documents in both spellings, and in JSON, are the same documents.

use super::read;

/// What was read, without places.
fn model(name: &str, text: &str) -> String {
    let (read, sources) = read(name, text);
    let said = crate::diagnostic::render::render(&read.diagnostics, &sources, Default::default());
    assert!(read.diagnostics.is_empty(), "{said}");
    let span = regex::Regex::new(r"Span \{[^}]*\}").unwrap();
    span.replace_all(&format!("{:#?}", read.documents), "_").into_owned()
}

fn assert_twins(yaml: &str, hcl: &str) {
    let (yaml, hcl) = (model("twin.yaml", yaml), model("twin.hcl", hcl));
    let diff = similar::TextDiff::from_lines(&yaml, &hcl);
    assert!(yaml == hcl, "{}", diff.unified_diff().header("YAML", "HCL"));
}

#[test]
fn a_project_and_its_environments() {
    assert_twins(
        r#"
apiVersion: mpctl/v1
kind: Project
metadata: { name: shop }
spec:
  state: { backend: postgres, connectTimeout: 3s }
  providers:
    process: { source: builtin }
    cloud: { source: ./plugins/cloud, version: "~> 1.2" }
  allowPaths: [../shared]
---
apiVersion: mpctl/v1
kind: Environment
metadata: { name: staging, labels: { tier: nonprod } }
spec:
  runtime: process
  providers:
    process: { log_dir: .mpctl/logs }
    cloud.eu: { region: eu }
  variables: { version: "1.4.2", replicas: 2 }
  onFailure: continue
  protect: true
"#,
        r#"
project "shop" {
  state {
    backend         = "postgres"
    connect_timeout = "3s"
  }
  provider "process" { source = "builtin" }
  provider "cloud" {
    source  = "./plugins/cloud"
    version = "~> 1.2"
  }
  allow_paths = ["../shared"]
}
environment "staging" {
  labels  = { tier = "nonprod" }
  runtime = "process"
  provider "process" { log_dir = ".mpctl/logs" }
  provider "cloud.eu" { region = "eu" }
  variables  = { version = "1.4.2", replicas = 2 }
  on_failure = "continue"
  protect    = true
}
"#,
    );
}

#[test]
fn maps_of_providers_are_the_same_as_blocks() {
    let blocks = "project \"p\" {\n  provider \"cloud\" { source = \"./x\" }\n}\n\
                  environment \"dev\" {\n  provider \"cloud\" { region = \"eu\" }\n}\n";
    let maps = "project \"p\" {\n  providers = { cloud = { source = \"./x\" } }\n}\n\
                environment \"dev\" {\n  providers = { cloud = { region = \"eu\" } }\n}\n";
    assert_eq!(model("a.hcl", blocks), model("b.hcl", maps));
}

#[test]
fn a_workload() {
    assert_twins(
        r#"
apiVersion: mpctl/v1
kind: Workload
metadata: { name: api }
spec:
  environments: [staging, prod]
  enabled: ${var.api}
  image: ghcr.io/acme/api:${var.version}
  command: [python3, -m, http.server, "${self.ports.http}"]
  replicas: ${var.replicas}
  ports: { http: 8080 }
  env:
    DATABASE_URL: ${resource.db.url}
    camelCase: kept
  secrets: { API_KEY: "${secret.stripe}" }
  files: { /etc/api.toml: '${file("api.toml")}' }
  health: { http: { path: /, port: http }, timeout: 30s, startPeriod: 5s }
  resources: { cpu: 500m, memory: 256Mi }
  dependsOn: [workload.migrations, 'resource.db["eu"]']
  strategy: { type: rolling, maxUnavailable: 1 }
  workingDirectory: ./api
  overrides:
    prod: { replicas: 5, strategy: { maxUnavailable: 2 } }
"#,
        r#"
workload "api" {
  environments = ["staging", "prod"]
  enabled      = "${var.api}"
  image        = "ghcr.io/acme/api:${var.version}"
  command      = ["python3", "-m", "http.server", "${self.ports.http}"]
  replicas     = "${var.replicas}"
  ports        = { http = 8080 }
  env = {
    DATABASE_URL = "${resource.db.url}"
    camelCase    = "kept"
  }
  secrets = { API_KEY = "${secret.stripe}" }
  files   = { "/etc/api.toml" = "${file("api.toml")}" }
  health {
    http {
      path = "/"
      port = "http"
    }
    timeout      = "30s"
    start_period = "5s"
  }
  resources {
    cpu    = "500m"
    memory = "256Mi"
  }
  depends_on = [workload.migrations, resource.db["eu"]]
  strategy {
    type            = "rolling"
    max_unavailable = 1
  }
  working_directory = "./api"
  override "prod" {
    replicas = 5
    strategy { max_unavailable = 2 }
  }
}
"#,
    );
}

#[test]
fn resources_and_data_sources() {
    assert_twins(
        r#"
apiVersion: mpctl/v1
kind: Resource
metadata: { name: db }
spec:
  type: cloud_database
  provider: cloud.eu
  forEach: { eu: 1 }
  environments: [prod]
  dependsOn: [data.image]
  lifecycle:
    preventDestroy: true
    createBeforeDestroy: false
    ignoreChanges: [tags, 'tags["a"]']
    replaceTriggeredBy: [resource.network.id]
    onDestroy: retain
    precondition: [{ condition: "${var.ok}", errorMessage: not ok }]
    postcondition: { condition: "${self.ok}", errorMessage: not ok }
  config: { engine: postgres, count: 3, maxSize: 1 }
---
apiVersion: mpctl/v1
kind: Resource
metadata: { name: twice }
spec: { type: mpctl_data, count: 2, enabled: false, lifecycle: { ignoreChanges: all } }
---
apiVersion: mpctl/v1
kind: Data
metadata: { name: image }
spec: { type: local_file, config: { filename: x } }
"#,
        r#"
resource "cloud_database" "db" {
  provider     = cloud.eu
  for_each     = { eu = 1 }
  environments = ["prod"]
  depends_on   = [data.image]
  lifecycle {
    prevent_destroy       = true
    create_before_destroy = false
    ignore_changes        = [tags, tags["a"]]
    replace_triggered_by  = [resource.network.id]
    on_destroy            = "retain"
    precondition {
      condition     = "${var.ok}"
      error_message = "not ok"
    }
    postcondition {
      condition     = "${self.ok}"
      error_message = "not ok"
    }
  }
  engine = "postgres"
  config {
    count   = 3
    maxSize = 1
  }
}
resource "mpctl_data" "twice" {
  count   = 2
  enabled = false
  lifecycle { ignore_changes = all }
}
data "local_file" "image" {
  filename = "x"
}
"#,
    );
}

#[test]
fn the_small_kinds() {
    assert_twins(
        r#"
{apiVersion: mpctl/v1, kind: Variable, metadata: {name: n}, spec: {type: "list(string)", default: [], sensitive: true, nullable: false, description: names, validation: [{condition: "${true}", errorMessage: no}]}}
---
{apiVersion: mpctl/v1, kind: Locals, spec: {a: 1, camelCase: "${local.a}"}}
---
{apiVersion: mpctl/v1, kind: Output, metadata: {name: url}, spec: {value: "${local.a}", sensitive: false, dependsOn: [resource.a]}}
---
{apiVersion: mpctl/v1, kind: Secret, metadata: {name: stripe}, spec: {env: STRIPE_KEY}}
---
{apiVersion: mpctl/v1, kind: Secret, metadata: {name: vault}, spec: {command: [vault, read]}}
---
{apiVersion: mpctl/v1, kind: Moved, spec: {from: resource.a, to: 'resource.b["x"]', environments: [dev]}}
---
{apiVersion: mpctl/v1, kind: Removed, spec: {from: resource.a, destroy: false}}
---
{apiVersion: mpctl/v1, kind: Import, spec: {to: resource.a, id: "x-${var.n[0]}"}}
---
{apiVersion: mpctl/v1, kind: Check, metadata: {name: up}, spec: {assert: [{condition: "${true}", errorMessage: down}]}}
"#,
        r#"
variable "n" {
  type        = list(string)
  default     = []
  sensitive   = true
  nullable    = false
  description = "names"
  validation {
    condition     = "${true}"
    error_message = "no"
  }
}
locals {
  a         = 1
  camelCase = "${local.a}"
}
output "url" {
  value      = "${local.a}"
  sensitive  = false
  depends_on = [resource.a]
}
secret "stripe" {
  env = "STRIPE_KEY"
}
secret "vault" {
  command = ["vault", "read"]
}
moved {
  from         = resource.a
  to           = resource.b["x"]
  environments = ["dev"]
}
removed {
  from = resource.a
  lifecycle {
    destroy = false
  }
}
import {
  to = resource.a
  id = "x-${var.n[0]}"
}
check "up" {
  assert {
    condition     = "${true}"
    error_message = "down"
  }
}
"#,
    );
}

#[test]
fn json_is_the_same_model() {
    let yaml = "apiVersion: mpctl/v1\nkind: Workload\nmetadata: { name: api }\nspec:\n  replicas: ${var.n}\n  env: { A: 'é\"' }\n";
    let json = r#"{"apiVersion": "mpctl/v1", "kind": "Workload", "metadata": {"name": "api"},
        "spec": {"replicas": "${var.n}", "env": {"A": "\u00e9\""}}}"#;
    assert_eq!(model("a.yaml", yaml), model("a.mpctl.json", json));
}
