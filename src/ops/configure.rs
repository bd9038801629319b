//! Providers for a saved plan: started with the configurations that the plan holds, and refused where they no
//! longer are what the plan relies on.

use mpctl_provider::contract::ConfigureRequest;

use crate::apply::Providers;
use crate::ops::drive::ProviderPool;
use crate::ops::error::OpsError;
use crate::ops::project::Project;
use crate::ops::surroundings::{Connections, Surroundings};
use crate::plan::Plan;

/// Every provider instance that the plan uses.
pub async fn configure(
    surroundings: &Surroundings,
    connections: &dyn Connections,
    project: &Project,
    plan: &Plan,
) -> Result<Providers, OpsError> {
    let refused = |reason: String| OpsError::PlanRefused { reason };
    let mut pool = ProviderPool::new(connections, surroundings, project.name.clone());
    for (environment, details) in &plan.body.environments {
        for (instance, binding) in &details.providers {
            let provider = pool.instance(environment, instance).ok_or_else(|| {
                refused(format!("it needs provider `{instance}`, which is not available"))
            })?;
            let version = provider.schema().version;
            if version != binding.version {
                return Err(refused(format!(
                    "it was made with version {} of provider `{instance}`, and this is version {version}",
                    binding.version
                )));
            }
            let config = binding.config.clone();
            let request = ConfigureRequest { config, project: pool.context(environment) };
            provider.configure(request).await.map_err(|fault| {
                refused(format!(
                    "provider `{instance}` in {environment} does not start: {}",
                    fault.summary
                ))
            })?;
        }
    }
    Ok(pool.instances)
}
