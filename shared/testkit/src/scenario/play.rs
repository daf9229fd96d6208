//! Plays scenarios.

use std::{collections::BTreeMap, io, time::Instant};

use futures::{StreamExt as _, stream};
use prost_reflect::{DynamicMessage, SerializeOptions};
use serde_json::Value;
use tonic::Status;

use super::{
    difference::{Comparison, Difference},
    exchange::{Exchange, Observer},
    expect::Expected,
    model::{Call, ExpectedOutcome, Scenario, Step},
    outcome::{Failure, Outcome, Summary},
    path::Variables,
    recorder::Recorder,
    refusal::Refusal,
    report::Reporter,
    sandbox::Sandbox,
    target::Target,
    template, time,
};

/// Plays `scenarios` against a running suite, up to `jobs` of them at once, each in a sandbox of its own, and reports them
/// in their order.
///
/// # Errors
/// When the report cannot be written.
pub async fn play(
    target: &Target,
    scenarios: &[Scenario],
    jobs: usize,
    reporter: &mut Reporter<impl io::Write>,
) -> io::Result<Summary> {
    reporter.begin(scenarios);
    let playing = scenarios.iter().enumerate();
    let playing = playing.map(|(nth, scenario)| async move { (nth, play_one(target, scenario, &mut |_| {}).await) });
    let mut playing = stream::iter(playing).buffer_unordered(jobs.max(1));
    let (mut done, mut outcomes, mut told) = (BTreeMap::new(), Vec::with_capacity(scenarios.len()), 0);
    while let Some((nth, outcome)) = playing.next().await {
        // One that takes long does not keep those after it from being played, only from being told of.
        done.insert(nth, outcome);
        while let Some(outcome) = done.remove(&outcomes.len()) {
            let more = scenarios.get(outcomes.len() + 1).is_some_and(|next| next.file == outcome.file);
            outcomes.push(outcome);
            if !more {
                reporter.outcome(&outcomes[told..])?;
                told = outcomes.len();
            }
        }
    }
    let summary = Summary { outcomes };
    reporter.summary(&summary)?;
    Ok(summary)
}

/// Plays one scenario and shows `observer` each of its calls as it is answered.
pub async fn watch(target: &Target, scenario: &Scenario, mut observer: impl FnMut(&Exchange<'_>) + Send) -> Outcome {
    play_one(target, scenario, &mut observer).await
}

async fn play_one(target: &Target, scenario: &Scenario, observer: &mut Observer<'_>) -> Outcome {
    let started = Instant::now();
    let recorder = Recorder::begin(format!("{} {}", scenario.id, scenario.title));
    let sandbox = Sandbox::new(target, recorder, scenario.starts_at);
    let gaps = target.patience.gaps;
    let mut player = Player { scenario, gaps, sandbox, variables: Variables::new(), failures: Vec::new(), observer };
    // A step that cannot be played ends the scenario: those after it stand on it.
    if let Err(failure) = player.play().await {
        player.failures.push(*failure);
    }
    let Player { sandbox: Sandbox { calls, recorder, .. }, failures, .. } = player;
    Outcome {
        scenario: scenario.id.clone(),
        title: scenario.title.clone(),
        rules: scenario.rules.clone(),
        file: scenario.file.clone(),
        calls,
        took: started.elapsed(),
        trace_id: recorder.trace_id().to_owned(),
        spans: recorder.finish(!failures.is_empty()),
        failures,
    }
}

struct Player<'s, 'o> {
    scenario: &'s Scenario,
    /// Whether a later number of a document will do.
    gaps: bool,
    sandbox: Sandbox<'s>,
    variables: Variables,
    /// Answers that came but were not as expected: the scenario went on after them.
    failures: Vec<Failure>,
    observer: &'s mut Observer<'o>,
}

/// What a call brought.
type Answer = Result<Vec<DynamicMessage>, Status>;

impl Player<'_, '_> {
    async fn play(&mut self) -> Result<(), Box<Failure>> {
        let opened = self.sandbox.open(self.scenario).await;
        opened.map_err(|status| self.failure(None, &format!("the sandbox could not be opened: {}", line(&status))))?;
        self.variables.insert("org".to_owned(), Value::from(self.sandbox.name.clone()));
        let scenario = self.scenario;
        for step in &scenario.steps {
            self.step(step).await?;
        }
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> Result<(), Box<Failure>> {
        if let Some(at) = step.at {
            let moved = self.sandbox.advance(at).await;
            moved.map_err(|status| {
                let to = time::civil_time(at, &self.scenario.zone);
                self.failure(Some(step), &format!("the clock could not be moved to {to}: {}", line(&status)))
            })?;
        }
        match &step.call {
            Some(call) => self.call(step, call).await,
            None => Ok(()),
        }
    }

    async fn call(&mut self, step: &Step, call: &Call) -> Result<(), Box<Failure>> {
        self.settle(step).await?;
        self.admit(step, call).await?;
        let request = call.request.fill(&self.variables);
        let message = request
            .and_then(|request| template::message(&request, &call.method.input()))
            .map_err(|problem| self.failure(Some(step), &problem))?;
        let message = self.sandbox.with_request_id(call, message);
        let answer = self.sandbox.call(call, message.clone()).await;
        self.show(step, call, &message, &answer);
        if call.again {
            self.settle(step).await?;
            let second = self.sandbox.call(call, message).await;
            let differences = self.replay_differences(call, &answer, &second);
            if !differences.is_empty() {
                let failure = self.failure(Some(step), "the same call, made again, was answered otherwise");
                self.failures.push(Failure { differences, ..*failure });
            }
        }
        self.check(step, call, answer)
    }

    fn show(&mut self, step: &Step, call: &Call, request: &DynamicMessage, answer: &Answer) {
        let person = call.by.as_ref().and_then(|by| self.scenario.people.get_key_value(by));
        (self.observer)(&Exchange {
            note: &step.note,
            at: self.sandbox.clock.to_zoned(self.scenario.zone.clone()),
            by: person.map_or("", |(name, _)| name),
            roles: person.map_or(&[], |(_, person)| &person.roles),
            method: &call.method,
            request,
            repeated: call.again,
            answer: answer.as_deref().map_err(Refusal::from),
        });
    }

    async fn settle(&mut self, step: &Step) -> Result<(), Box<Failure>> {
        let settled = self.sandbox.settle().await;
        settled.map_err(|status| self.failure(Some(step), &format!("the services did not settle: {}", line(&status))))
    }

    async fn admit(&mut self, step: &Step, call: &Call) -> Result<(), Box<Failure>> {
        let Some((name, person)) = call.by.as_ref().and_then(|by| self.scenario.people.get_key_value(by)) else {
            return Ok(());
        };
        let agency = person.agency.as_ref().map_or(Ok(Value::from("")), |agency| agency.fill(&self.variables));
        let agency = agency.map_err(|problem| self.failure(Some(step), &problem))?;
        let admitted = self.sandbox.admit(name, &person.roles, agency.as_str().unwrap_or_default().to_owned()).await;
        admitted.map_err(|status| self.failure(Some(step), &format!("`{name}` got no token: {}", line(&status))))
    }

    /// Compares what came with what was expected, and saves what later steps need.
    fn check(&mut self, step: &Step, call: &Call, answer: Answer) -> Result<(), Box<Failure>> {
        match (&call.outcome, answer) {
            (ExpectedOutcome::Answer(expected), Ok(messages)) => {
                let value = json(&messages, call).map_err(|problem| self.failure(Some(step), &problem))?;
                if let Some(expected) = expected {
                    let expected =
                        expected.fill(&self.variables).map_err(|problem| self.failure(Some(step), &problem))?;
                    let comparison = Comparison { zone: &self.scenario.zone, gaps: self.gaps };
                    let differences = comparison.differences(&expected, &value);
                    if !differences.is_empty() {
                        let failure = self.failure(Some(step), "the answer is not as expected");
                        self.failures.push(Failure { differences, ..*failure });
                    }
                }
                for (name, path) in &call.save {
                    let found = path.find(&value).cloned();
                    let found = found
                        .ok_or_else(|| self.failure(Some(step), &format!("the answer has no `{path}` to save")))?;
                    self.variables.insert(name.clone(), found);
                }
                Ok(())
            }
            (ExpectedOutcome::Refusal(expected), Err(status)) => {
                let differences = expected.differences(&Refusal::from(&status));
                if !differences.is_empty() {
                    let what = format!("the refusal is not as expected: {}", status.message());
                    let failure = self.failure(Some(step), &what);
                    self.failures.push(Failure { differences, ..*failure });
                }
                Ok(())
            }
            (ExpectedOutcome::Answer(_), Err(status)) => {
                Err(self.failure(Some(step), &format!("refused: {}", line(&status))))
            }
            (ExpectedOutcome::Refusal(expected), Ok(_)) => {
                let what = format!("answered, but should have been refused: {}", expected.line());
                Err(self.failure(Some(step), &what))
            }
        }
    }

    /// How the answer to a repeated call differs from the first one; none when they are the same.
    fn replay_differences(&self, call: &Call, first: &Answer, second: &Answer) -> Vec<Difference> {
        let shown = |answer: &Answer| match answer {
            Ok(_) => "an answer".to_owned(),
            Err(status) => line(status),
        };
        match (first, second) {
            (Ok(first), Ok(second)) if first == second => Vec::new(),
            (Err(first), Err(second)) if Refusal::from(first) == Refusal::from(second) => Vec::new(),
            (Ok(first_answer), Ok(second_answer)) => match (json(first_answer, call), json(second_answer, call)) {
                (Ok(first), Ok(second)) => {
                    let comparison = Comparison { zone: &self.scenario.zone, gaps: false };
                    comparison.differences(&Expected::all_of(&first), &second)
                }
                (Err(problem), _) | (_, Err(problem)) => {
                    vec![Difference {
                        path: String::new(),
                        expected: "an answer that has JSON".to_owned(),
                        came: problem,
                    }]
                }
            },
            (Ok(_) | Err(_), Ok(_) | Err(_)) => {
                vec![Difference { path: String::new(), expected: shown(first), came: shown(second) }]
            }
        }
    }

    fn failure(&self, step: Option<&Step>, what: &str) -> Box<Failure> {
        let call = step.and_then(|step| step.call.as_ref());
        Box::new(Failure {
            line: step.map_or(0, |step| step.line),
            note: step.map(|step| step.note.clone()).unwrap_or_default(),
            call: call.map(Call::name).unwrap_or_default(),
            by: call.and_then(|call| call.by.clone()).unwrap_or_default(),
            at: time::civil_time(self.sandbox.clock, &self.scenario.zone),
            what: what.to_owned(),
            differences: Vec::new(),
        })
    }
}

/// The answer as JSON, with the defaults of fields that are not set; that of a stream is a list.
fn json(messages: &[DynamicMessage], call: &Call) -> Result<Value, String> {
    let options = SerializeOptions::new().skip_default_fields(false);
    let values = messages.iter().map(|message| message.serialize_with_options(serde_json::value::Serializer, &options));
    let mut values =
        values.collect::<Result<Vec<_>, _>>().map_err(|error| format!("the answer has no JSON: {error}"))?;
    if call.method.is_server_streaming() { Ok(Value::Array(values)) } else { Ok(values.pop().unwrap_or_default()) }
}

fn line(status: &Status) -> String {
    Refusal::from(status).line()
}
