//! Log lines. Each names its trace and its service, so that it leads to the spans and back.

use std::fmt;

use opentelemetry::trace::TraceContextExt;
use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext,
        format::{FormatEvent, FormatFields, Writer},
    },
    registry::LookupSpan,
};

use crate::{call::Call, clock, settings::LogFormat};

/// Writes one line an event.
pub(super) struct Lines(pub(super) LogFormat);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let message = fields.0.remove("message").unwrap_or_default();
        let metadata = event.metadata();
        let now = clock::system_now();
        let context = opentelemetry::Context::current();
        let span = context.span();
        let trace = span.span_context().is_valid().then(|| span.span_context().trace_id().to_string());
        let service = Call::peek(|call| call.service);
        match self.0 {
            LogFormat::Json => {
                let mut line = Map::new();
                line.insert("time".to_owned(), now.to_string().into());
                line.insert("level".to_owned(), metadata.level().as_str().into());
                line.insert("target".to_owned(), metadata.target().into());
                line.insert("message".to_owned(), message);
                line.extend(service.map(|service| ("service".to_owned(), service.into())));
                line.extend(trace.map(|trace| ("trace_id".to_owned(), trace.into())));
                line.extend(fields.0);
                writeln!(writer, "{}", Value::Object(line))
            }
            LogFormat::Text => {
                let service = service.unwrap_or("-");
                write!(writer, "{now:.3} {:5} {service:10} {}", metadata.level(), plain(&message))?;
                for (name, value) in &fields.0 {
                    write!(writer, " {name}={}", plain(value))?;
                }
                if let Some(trace) = trace {
                    write!(writer, " trace_id={trace}")?;
                }
                writeln!(writer)
            }
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}
