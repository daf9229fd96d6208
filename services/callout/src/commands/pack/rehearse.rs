//! `callout pack rehearse`.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, anyhow};
use callout_contract::{
    dispatch::v1::rehearsals_client::RehearsalsClient as Dispatch,
    evaluation::v1::rehearsals_client::RehearsalsClient as Evaluation,
    intake::v1::rehearsals_client::RehearsalsClient as Intake,
    inventory::v1::rehearsals_client::RehearsalsClient as Inventory,
    types::v1::{RehearseRequest, RehearseResponse, rehearse_request::Regulation},
};
use callout_kit::parse;
use clap::Args;
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use secrecy::ExposeSecret as _;
use tonic::{Request, Status, Streaming, metadata::Ascii, metadata::MetadataValue, transport::Channel};
use tonic_types::StatusExt as _;

use super::report::{Format, Report};
use crate::commands::remote::Remote;

/// Judges a past month of an organisation by another regulation, and lists who would be late, fined, paid or graded
/// otherwise. Nothing is written.
///
/// What happened and what is on record stays as it is; where the other regulation needs what nobody wrote down, that is
/// said. The revision by which it was judged finds nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  export CALLOUT_TOKEN=…
  callout pack rehearse R01-agent-sales@1 --month 2026-03 --organization acme \\
    --address http://callout:50051
  callout pack rehearse draft.yaml --month 2026-03 --organization acme \\
    --address http://callout:50051 --json")]
pub struct Rehearse {
    /// A pack that is built in, such as R01-aerial-platforms@1, or the file of a draft; it may extend one that is built in.
    #[arg(value_name = "REVISION|FILE")]
    regulation: String,
    /// The month, in the zone of that regulation.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Date,
    /// One JSON object a difference instead of a table, and one with the sum at the end.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    suite: Remote,
}

/// The first day of a month.
fn month(text: &str) -> Result<Date> {
    format!("{text}-01").parse().with_context(|| format!("`{text}` is no month; write it as 2026-03"))
}

impl Rehearse {
    /// Asks the four services one after the other, and reports.
    pub async fn run(self) -> Result<()> {
        let (address, token) = self.suite.named().context("name a running suite: `--address` and `--token`")?;
        let (regulation, zone) = self.regulation()?;
        let first = |day: Date| -> Result<_> { Ok(parse::to_timestamp(day.to_zoned(zone.clone())?.timestamp())) };
        let request = RehearseRequest {
            organization: self.suite.organization(),
            from: Some(first(self.month)?),
            to: Some(first(self.month.checked_add(1.month())?)?),
            regulation: Some(regulation),
        };
        let bearer: MetadataValue<Ascii> =
            format!("Bearer {}", token.expose_secret()).parse().context("the token is no header")?;
        let channel = self.suite.connect(&address).await?;
        let mut report = Report::new(if self.json { Format::Json } else { Format::Table }, zone);
        for service in [ask_intake, ask_dispatch, ask_inventory, ask_evaluation] {
            let mut asked = Request::new(request.clone());
            asked.metadata_mut().insert("authorization", bearer.clone());
            let answers = service(channel.clone(), asked).await;
            let mut answers = answers.map_err(|status| self.refused(&status))?;
            while let Some(answer) = answers.message().await.map_err(|status| self.refused(&status))? {
                report.hear(answer)?;
            }
        }
        report.end()
    }

    /// What is asked for, and the zone in which it counts; that of a draft with problems does not matter, it is refused.
    fn regulation(&self) -> Result<(Regulation, TimeZone)> {
        if Path::new(&self.regulation).exists() {
            let text =
                fs::read_to_string(&self.regulation).with_context(|| format!("{} cannot be read", self.regulation))?;
            let zone = super::regulation(&self.regulation).map_or(TimeZone::UTC, |known| known.zone().clone());
            return Ok((Regulation::Pack(text), zone));
        }
        let known = super::regulation(&self.regulation)?;
        Ok((Regulation::Revision(self.regulation.clone()), known.zone().clone()))
    }

    /// Why a service refuses; what is wrong with a draft is shown in its file.
    fn refused(&self, status: &Status) -> anyhow::Error {
        let fields = status.get_error_details().bad_request().map(|request| request.field_violations.clone());
        let lines = fields.unwrap_or_default().into_iter().map(|wrong| match wrong.description.strip_prefix("pack:") {
            Some(problem) if wrong.field == "pack" => format!("{}:{problem}", self.regulation),
            Some(_) | None => format!("{} {}", wrong.field, wrong.description),
        });
        match lines.collect::<Vec<_>>().join("\n") {
            lines if lines.is_empty() => anyhow!("{}", status.message()),
            lines => anyhow!("it was refused:\n{lines}"),
        }
    }
}

type Answers = Result<Streaming<RehearseResponse>, Status>;
type Asked = std::pin::Pin<Box<dyn Future<Output = Answers> + Send>>;

/// Asks one of the services, each of which has a client of its own.
macro_rules! ask {
    ($($function:ident $client:ident),+) => {$(
        fn $function(channel: Channel, request: Request<RehearseRequest>) -> Asked {
            Box::pin(async move { Ok($client::new(channel).rehearse(request).await?.into_inner()) })
        }
    )+};
}

ask!(ask_intake Intake, ask_dispatch Dispatch, ask_inventory Inventory, ask_evaluation Evaluation);
