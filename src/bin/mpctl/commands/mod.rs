//! Commands: thin wrappers around the use cases.

mod apply;
mod completion;
mod fmt;
mod graph;
mod init;
mod operation;
mod output;
mod plan;
mod resume;
mod show;
mod state;
mod validate;
mod version;

use std::process::ExitCode;
use std::sync::Arc;

use mpctl::address::{Address, LocalAddress};
use mpctl::diagnostic::{Diagnostic, Diagnostics, code};
use mpctl::ops::error::OpsError;
use mpctl::ops::project::{Project, SpecRequest, open};
use mpctl::ops::surroundings::{Connections, Surroundings};
use mpctl::plan::Mode;
use mpctl::plan::machine::{Options, Selector};
use mpctl::render;
use mpctl::source::Sources;
use mpctl_provider::schema::ProviderSchema;

use crate::cli::{Cli, Command, Planning, Showing, Spec};
use crate::report::Reporter;
use crate::terminal::Terminal;
use crate::wiring::{self, BuiltIn};

/// What every command works with.
pub(crate) struct Context {
    pub(crate) surroundings: Surroundings,
    pub(crate) connections: BuiltIn,
    pub(crate) terminal: Terminal,
}

/// Runs a command to its exit code.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let terminal = Terminal::look(cli.no_color);
    match &cli.command {
        Command::Version(arguments) => return version::run(arguments),
        Command::Completion(arguments) => return completion::run(arguments),
        _ => {}
    }
    let surroundings = match wiring::surroundings(cli.directory.as_deref()) {
        Ok(surroundings) => surroundings,
        Err(error) => {
            let folder = cli.directory.unwrap_or_default();
            eprintln!("error: cannot work in {}: {error}", folder.display());
            return ExitCode::from(1);
        }
    };
    init_tracing();
    let context = Context { surroundings, connections: BuiltIn::default(), terminal };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::from(1);
        }
    };
    let code = runtime.block_on(dispatch(&context, cli.command));
    // A provider's thread that still waits for something must not hold the command up.
    runtime.shutdown_background();
    ExitCode::from(code)
}

async fn dispatch(context: &Context, command: Command) -> u8 {
    match command {
        Command::Init(arguments) => init::run(context, arguments).await,
        Command::Validate(arguments) => validate::run(context, arguments).await,
        Command::Fmt(arguments) => fmt::run(context, &arguments),
        Command::Plan(arguments) => plan::run(context, arguments).await,
        Command::Show(arguments) => show::run(context, arguments).await,
        Command::Apply(arguments) => apply::run(context, arguments, apply::Kind::Apply).await,
        Command::Destroy(arguments) => apply::run(context, arguments, apply::Kind::Destroy).await,
        Command::Refresh(arguments) => apply::run(context, arguments, apply::Kind::Refresh).await,
        Command::Resume(arguments) => resume::run(context, arguments).await,
        Command::Operation(arguments) => operation::run(context, arguments).await,
        Command::Output(arguments) => output::run(context, arguments).await,
        Command::Graph(arguments) => graph::run(context, arguments).await,
        Command::State(arguments) => state::run(context, arguments).await,
        Command::StaticServer(arguments) => match crate::static_server::run(arguments).await {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("error: {error}");
                1
            }
        },
        Command::Version(_) | Command::Completion(_) => 0,
    }
}

fn init_tracing() {
    use tracing_subscriber::EnvFilter;
    let Ok(filter) = EnvFilter::try_from_env("MPCTL_LOG") else { return };
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

impl Context {
    /// Opens the project that the flags describe.
    pub(crate) async fn project(&self, spec: &Spec) -> Result<Project, OpsError> {
        let request = SpecRequest {
            files: spec.files.clone(),
            hcl: spec.hcl,
            variables: spec.variables.clone(),
            variable_files: spec.variable_files.clone(),
        };
        open(&self.surroundings, &self.connections, &request, &mut StandardInput).await
    }

    /// Tells messages that point into a project's files.
    pub(crate) fn reporter<'s>(&self, sources: &'s Sources, json: bool) -> Reporter<'s> {
        Reporter { sources, terminal: self.terminal, json }
    }

    /// Tells an error that points nowhere.
    pub(crate) fn fail(&self, error: &OpsError, json: bool) -> u8 {
        self.reporter(&Sources::new(), json).error(error)
    }

    /// How to print for people.
    pub(crate) fn options(&self, show: Showing) -> render::Options {
        render::Options {
            colour: self.terminal.colour_out,
            width: self.terminal.width,
            expand: show.expand,
            concise: show.concise,
            why: show.why,
            reveal: false,
            compact: show.compact,
        }
    }

    /// The schemas of all providers, to be borrowed from.
    pub(crate) fn provider_schemas(&self) -> Vec<ProviderSchema> {
        let names = self.connections.provider_names().into_iter();
        names.filter_map(|name| Some(self.connections.provider(&name)?.schema().clone())).collect()
    }
}

/// The types of resources by name.
pub(crate) fn schemas(providers: &[ProviderSchema]) -> render::Schemas<'_> {
    let types = providers.iter().flat_map(|provider| &provider.resources);
    types.map(|(name, schema)| (name.as_ref(), schema)).collect()
}

/// The standard input, locked only when it is read.
struct StandardInput;

impl std::io::Read for StandardInput {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        std::io::stdin().lock().read(buffer)
    }
}

/// What the planning flags ask for.
pub(crate) fn plan_options(
    planning: &Planning,
    environments: &[Arc<str>],
) -> Result<Options, OpsError> {
    let mut diagnostics = Diagnostics::default();
    let mut selectors = |texts: &[String], flag: &str| -> Vec<Selector> {
        texts.iter().filter_map(|text| selector(text, flag, &mut diagnostics)).collect()
    };
    let targets = selectors(&planning.targets, "--target");
    let excludes = selectors(&planning.excludes, "--exclude");
    let mut replace = Vec::new();
    for Selector { environment, local } in selectors(&planning.replace, "--replace") {
        let named =
            environment.map_or_else(|| environments.to_vec(), |environment| vec![environment]);
        replace.extend(named.iter().map(|environment| local.within(environment)));
    }
    if diagnostics.has_errors() {
        return Err(diagnostics.into());
    }
    let mode = match (planning.destroy, planning.refresh_only) {
        (true, _) => Mode::Destroy,
        (false, true) => Mode::RefreshOnly,
        (false, false) => Mode::Apply,
    };
    Ok(Options { mode, refresh: planning.refresh, offline: false, targets, excludes, replace })
}

fn selector(text: &str, flag: &str, diagnostics: &mut Diagnostics) -> Option<Selector> {
    if let Ok(Address { environment, local }) = text.parse() {
        return Some(Selector { environment: Some(environment), local });
    }
    match text.parse::<LocalAddress>() {
        Ok(local) => Some(Selector { environment: None, local }),
        Err(error) => {
            let hint = "addresses look like resource.web, resource.web[0], workload.api, dev/resource.web[\"eu\"]";
            diagnostics.push(Diagnostic::error(code::USAGE, format!("{flag}: {error}")).hint(hint));
            None
        }
    }
}
