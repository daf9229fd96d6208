//! Which entry keeps which rule.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

use crate::{Regulation, source::member};

/// Every rule of a pack with how it is kept, by which entries, in which service, as Markdown.
#[must_use]
pub fn rule_table(regulation: &Regulation) -> String {
    let pack = regulation.pack();
    let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(pack) {
        collect(&value, "", &mut entries);
    }
    let mut text = format!(
        "# {} — {} ({})\n\nRevision {}, in force from {}. Generated from the pack.\n\n\
         | rule | service | kept | what it says | entries |\n| --- | --- | --- | --- | --- |\n",
        pack.pack, pack.title.en, pack.title.zh, pack.revision, pack.effective_from
    );
    for (id, rule) in &pack.rules {
        let entries = entries.get(id).into_iter().flatten().map(|entry| format!("`{entry}`")).collect::<Vec<_>>();
        let _ = writeln!(
            text,
            "| {id} | {} | {} | {} ({}) | {} |",
            rule.service,
            rule.kept.word(),
            rule.text.en,
            rule.text.zh,
            entries.join(", ")
        );
    }
    text
}

/// Gathers the entries that name a rule, in the order of the pack.
fn collect(value: &Value, path: &str, entries: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(object) => {
            let also = object.get("also").and_then(Value::as_array).into_iter().flatten();
            for rule in object.get("rule").into_iter().chain(also).filter_map(Value::as_str) {
                entries.entry(rule.to_owned()).or_default().push(path.to_owned());
            }
            for (key, value) in object {
                collect(value, &member(path, key), entries);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                // Rows of a table have an id, or the name of a class.
                let id = element.get("id").or_else(|| element.get("class")).and_then(Value::as_str);
                collect(element, &id.map_or_else(|| path.to_owned(), |id| member(path, id)), entries);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
